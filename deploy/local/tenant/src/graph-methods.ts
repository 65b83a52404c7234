// Graph's authentication methods of a user: list them, and delete them one by one.
//
// Invariant: K1. The default method goes last: while the person has another one besides the
// password, deleting it is refused
// (https://learn.microsoft.com/graph/api/phoneauthenticationmethod-delete).

import { Hono } from "hono";
import {
  change,
  type GraphContext,
  type GraphEnv,
  notFound,
  requirePermission,
  userInPath,
} from "./graph-call.ts";
import { methodShape } from "./graph-shapes.ts";
import { Refusal } from "./refusal.ts";
import type { MethodKind } from "./seed-types.ts";
import type { World } from "./world.ts";

const umbrella = "UserAuthenticationMethod.ReadWrite.All";

interface MethodRoute {
  readonly segment: string;
  readonly kind: MethodKind;
  readonly permission: string;
}

const routes: readonly MethodRoute[] = [
  { segment: "phoneMethods", kind: "phone", permission: "Phone" },
  {
    segment: "microsoftAuthenticatorMethods",
    kind: "microsoftAuthenticator",
    permission: "MicrosoftAuthApp",
  },
  { segment: "fido2Methods", kind: "fido2", permission: "Passkey" },
  { segment: "softwareOathMethods", kind: "softwareOath", permission: "SoftwareOATH" },
];

export function graphMethods(world: World): Hono<GraphEnv> {
  const graph = new Hono<GraphEnv>();
  graph.get("/users/:user/authentication/methods", (c) => {
    requirePermission(c, "UserAuthenticationMethod.Read.All", umbrella);
    const user = userInPath(world, c);
    const methods = world.directory.methodsOf(c.get("tenant"), user.id);
    return c.json({ value: methods.map((method) => methodShape(method, user)) });
  });
  for (const route of routes) {
    const permission = `UserAuthMethod-${route.permission}.ReadWrite.All`;
    graph.delete(`/users/:user/authentication/${route.segment}/:method`, (c) => {
      requirePermission(c, permission, umbrella);
      deleteMethod(world, c, route.kind, c.req.param("method"));
      return c.body(null, 204);
    });
  }
  return graph;
}

function deleteMethod(world: World, c: GraphContext, kind: MethodKind, id: string): void {
  const tenant = c.get("tenant");
  const user = userInPath(world, c);
  const methods = world.directory.methodsOf(tenant, user.id);
  const method = methods.find((candidate) => candidate.id === id && candidate.kind === kind);
  if (method === undefined) throw notFound(id);
  const others = methods.filter((other) => other.kind !== "password" && other.id !== id);
  if (method.isDefault && others.length > 0) {
    const message =
      "Cannot delete default method with other methods configured. Please delete the other methods or change the default method first.";
    throw new Refusal(400, "badRequest", message); // K1
  }
  change(world, c, () => world.directory.removeMethod(tenant, user.id, id));
}
