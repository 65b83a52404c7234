// Graph's reads of groups, role assignments and subscriptions.

import { Hono } from "hono";
import {
  badRequest,
  context,
  denied,
  type GraphContext,
  type GraphEnv,
  holds,
  notFound,
  requirePermission,
} from "./graph-call.ts";
import { readGroup, readRole, readSku, readUser } from "./graph-permissions.ts";
import { groupShape, userShape } from "./graph-shapes.ts";
import { skus } from "./seed.ts";
import type { World } from "./world.ts";

export function graphGroups(world: World): Hono<GraphEnv> {
  const { directory } = world;
  const graph = new Hono<GraphEnv>();

  graph.get("/groups", (c) => {
    requirePermission(c, ...readGroup);
    const filter = /^displayName eq '([^']{1,256})'$/.exec(c.req.query("$filter") ?? "");
    if (filter?.[1] === undefined) {
      throw badRequest("The emulator lists groups only by $filter=displayName eq '…'.");
    }
    const found = directory.groupsByName(c.get("tenant"), filter[1]);
    return c.json(context({ value: found.map(groupShape) }));
  });
  const groupInPath = (c: GraphContext) => {
    requirePermission(c, ...readGroup);
    const id = c.req.param("group") ?? "";
    const group = directory.group(c.get("tenant"), id);
    if (group === undefined) throw notFound(id);
    return group;
  };
  graph.get("/groups/:group", (c) => c.json(context(groupShape(groupInPath(c)))));
  const listMembers = (c: GraphContext) => {
    const members = directory.members(c.get("tenant"), groupInPath(c).id);
    if (!holds(c, ...readUser)) throw denied();
    const select = c.req.query("$select");
    const value = members.map((user) => ({
      "@odata.type": "#microsoft.graph.user",
      ...userShape(world, user, select),
    }));
    return c.json(context({ value }));
  };
  graph.get("/groups/:group/members", listMembers);
  graph.get("/groups/:group/transitiveMembers", listMembers);

  graph.get("/subscribedSkus", (c) => {
    requirePermission(c, ...readSku);
    const value = skus.map(({ skuId, skuPartNumber, enabled }) => ({
      id: `${c.get("tenant")}_${skuId}`,
      skuId,
      skuPartNumber,
      capabilityStatus: "Enabled",
      appliesTo: "User",
      consumedUnits: directory.licencesUsed(c.get("tenant"), skuId),
      prepaidUnits: { enabled, suspended: 0, warning: 0, lockedOut: 0 },
      servicePlans: [],
    }));
    return c.json(context({ value }));
  });

  // https://learn.microsoft.com/graph/api/rbacapplication-list-roleassignments
  graph.get("/roleManagement/directory/roleAssignments", (c) => {
    requirePermission(c, ...readRole);
    const filter = /^principalId eq '([^']{1,100})'$/.exec(c.req.query("$filter") ?? "");
    if (filter?.[1] === undefined) {
      throw badRequest("The emulator lists role assignments only by $filter=principalId eq '…'.");
    }
    const principalId = filter[1].toLowerCase();
    const isExpanded = c.req.query("$expand") === "roleDefinition";
    const value = directory.rolesOf(c.get("tenant"), principalId).map((role) => ({
      id: `${principalId}_${role.template_id}`,
      principalId,
      directoryScopeId: "/",
      roleDefinitionId: role.template_id,
      ...(isExpanded ? { roleDefinition: { id: role.template_id, displayName: role.name } } : {}),
    }));
    return c.json(context({ value }));
  });
  return graph;
}
