// Graph's reads: users, their managers and memberships
// (https://learn.microsoft.com/graph/api/resources/users).

import { Hono } from "hono";
import { z } from "zod";
import {
  badRequest,
  context,
  type GraphContext,
  type GraphEnv,
  holds,
  jsonBody,
  notFound,
  requirePermission,
  userInPath,
} from "./graph-call.ts";
import { readGroup, readRole, readUser } from "./graph-permissions.ts";
import { groupShape, roleShape, userShape } from "./graph-shapes.ts";
import type { World } from "./world.ts";

const groupIdsMax = 20;
const GroupIds = z.object({
  groupIds: z.array(z.string().min(1).max(100)).min(1).max(groupIdsMax),
});

export function graphUsers(world: World): Hono<GraphEnv> {
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
    const type = c.req.param("type");
    const value = membershipsOf(world, c, id).filter(
      (shape) => type === undefined || shape["@odata.type"] === `#${type}`,
    );
    return c.json(context({ value }));
  };
  for (const relation of ["memberOf", "transitiveMemberOf"]) {
    graph.get(`/users/:user/${relation}`, memberships);
    // With a type behind it, Graph lists that type alone.
    graph.get(
      `/users/:user/${relation}/:type{microsoft\\.graph\\.(group|directoryRole)}`,
      memberships,
    );
  }
  graph.post("/users/:user/checkMemberGroups", async (c) => {
    requirePermission(c, ...readGroup);
    const { id } = userInPath(world, c);
    const body = GroupIds.safeParse(await jsonBody(c));
    if (!body.success) throw badRequest(`groupIds must be 1 to ${groupIdsMax} ids.`);
    const own = directory.groupsOf(c.get("tenant"), id).map((group) => group.id);
    const asked = new Set(body.data.groupIds.map((groupId) => groupId.toLowerCase()));
    return c.json(context({ value: own.filter((groupId) => asked.has(groupId)) }));
  });
  return graph;
}

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
