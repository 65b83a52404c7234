// Graph's reads: users, managers, memberships, groups, subscriptions
// (https://learn.microsoft.com/graph/api/resources/users).

import { Hono } from "hono";
import { z } from "zod";
import {
  badRequest,
  denied,
  type GraphContext,
  type GraphEnv,
  holds,
  jsonBody,
  notFound,
  requirePermission,
  userInPath,
} from "./graph-call.ts";
import { groupShape, roleShape, userShape } from "./graph-shapes.ts";
import { skus } from "./seed.ts";
import type { World } from "./world.ts";

const readUser = ["User.Read.All", "User.ReadWrite.All", "Directory.Read.All"];
const readGroup = ["GroupMember.Read.All", "Group.Read.All", "Directory.Read.All"];
const readRole = ["RoleManagement.Read.Directory", "Directory.Read.All"];
const readSku = [
  "LicenseAssignment.Read.All",
  "LicenseAssignment.ReadWrite.All",
  "Organization.Read.All",
  "Directory.Read.All",
];
const groupIdsMax = 20;
const GroupIds = z.object({
  groupIds: z.array(z.string().min(1).max(100)).min(1).max(groupIdsMax),
});

export function graphReads(world: World): Hono<GraphEnv> {
  const { directory } = world;
  const graph = new Hono<GraphEnv>();

  graph.get("/users/:user", (c) => {
    requirePermission(c, ...readUser);
    return c.json(context(userShape(world, userInPath(world, c), c.req.query("$select"))));
  });
  graph.get("/users/:user/manager", (c) => {
    requirePermission(c, ...readUser);
    const { manager } = userInPath(world, c);
    const found = manager === null ? undefined : directory.user(c.get("tenant"), manager);
    if (found === undefined) throw notFound("manager");
    const shape = userShape(world, found, c.req.query("$select"));
    return c.json(context({ "@odata.type": "#microsoft.graph.user", ...shape }));
  });
  // There are no groups in groups here, so both ways of asking have one answer.
  const memberships = (c: GraphContext) => {
    requirePermission(c, ...readUser, ...readGroup);
    const { id } = userInPath(world, c);
    return c.json(context({ value: membershipsOf(world, c, id) }));
  };
  graph.get("/users/:user/memberOf", memberships);
  graph.get("/users/:user/transitiveMemberOf", memberships);
  graph.post("/users/:user/checkMemberGroups", async (c) => {
    requirePermission(c, ...readGroup);
    const { id } = userInPath(world, c);
    const body = GroupIds.safeParse(await jsonBody(c));
    if (!body.success) throw badRequest(`groupIds must be 1 to ${groupIdsMax} ids.`);
    const own = directory.groupsOf(c.get("tenant"), id).map((group) => group.id);
    const asked = new Set(body.data.groupIds.map((groupId) => groupId.toLowerCase()));
    return c.json(context({ value: own.filter((groupId) => asked.has(groupId)) }));
  });

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
  graph.get("/groups/:group/members", (c) => {
    const members = directory.members(c.get("tenant"), groupInPath(c).id);
    if (!holds(c, ...readUser)) throw denied();
    const select = c.req.query("$select");
    const value = members.map((user) => ({
      "@odata.type": "#microsoft.graph.user",
      ...userShape(world, user, select),
    }));
    return c.json(context({ value }));
  });

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
  return graph;
}

const context = (shape: Record<string, unknown>) => ({
  "@odata.context": "https://graph.microsoft.com/v1.0/$metadata",
  ...shape,
});

// Graph lists what the caller may not read, but shows its type and id alone
// (https://learn.microsoft.com/graph/permissions-overview#limited-information).
function membershipsOf(world: World, c: GraphContext, userId: string) {
  const hidden = (shape: { "@odata.type": string; id: string; displayName: string }) => ({
    "@odata.type": shape["@odata.type"],
    id: shape.id,
    displayName: null,
  });
  const groups = world.directory.groupsOf(c.get("tenant"), userId).map(groupShape);
  const roles = world.directory.rolesOf(c.get("tenant"), userId).map(roleShape);
  return [
    ...(holds(c, ...readGroup) ? groups : groups.map(hidden)),
    ...(holds(c, ...readRole) ? roles : roles.map(hidden)),
  ];
}
