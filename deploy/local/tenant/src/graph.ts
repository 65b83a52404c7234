// Microsoft Graph v1.0, the part that help-desk work needs
// (https://learn.microsoft.com/graph/overview). Anything else is answered 501, by name.

import { randomUUID } from "node:crypto";
import { type Context, Hono } from "hono";
import { authenticated, type GraphEnv } from "./graph-call.ts";
import { graphChanges } from "./graph-changes.ts";
import { graphGroups } from "./graph-groups.ts";
import { graphMethods } from "./graph-methods.ts";
import { graphUsers } from "./graph-users.ts";
import { Refusal } from "./refusal.ts";
import type { World } from "./world.ts";

export function graph(world: World): Hono<GraphEnv> {
  const app = new Hono<GraphEnv>();
  app.use(async (c, next) => {
    await next();
    c.header("request-id", randomUUID());
    const clientRequestId = c.req.header("client-request-id");
    if (clientRequestId !== undefined) c.header("client-request-id", clientRequestId);
  });
  app.use(authenticated(world));
  app.route("/", graphUsers(world));
  app.route("/", graphGroups(world));
  app.route("/", graphChanges(world));
  app.route("/", graphMethods(world));
  app.all("*", (c) => {
    const message = `${c.req.method} ${c.req.path} is not emulated.`;
    throw new Refusal(501, "Emulator_NotEmulated", message);
  });
  app.onError(respondAsGraph);
  return app;
}

function respondAsGraph(error: Error, c: Context): Response {
  if (!(error instanceof Refusal)) throw error;
  const innerError = {
    date: new Date().toISOString().slice(0, 19),
    "request-id": randomUUID(),
    "client-request-id": c.req.header("client-request-id") ?? randomUUID(),
  };
  return c.json({ error: { code: error.code, message: error.message, innerError } }, error.status);
}
