// The service's HTTP surface: the bot's endpoint, and the open approvals of the caller's customer.

import { createRoute, OpenAPIHono, z } from "@hono/zod-openapi";
import { AgentName, nameOf, ToolName } from "@niivo/contracts/action";
import { Hex256, Id, Timestamp } from "@niivo/contracts/envelope";
import type { Host } from "@niivo/host/host";
import { requireToken } from "@niivo/host/http-token";
import { validationHook } from "@niivo/host/problem";
import { type BotParts, botRoutes } from "./bot.ts";
import { listOpen, readAsk } from "./documents.ts";

const pageMax = 100;

const OpenApproval = z
  .object({
    actionId: Id,
    digest: Hex256,
    ticket: Id,
    agent: AgentName,
    tool: ToolName,
    requester: z.string(),
    target: z.string().optional(),
    approvers: z.int(),
    counted: z.int(),
    quorum: z.int(),
    expiresAt: Timestamp,
  })
  .openapi("OpenApproval");

const Page = z
  .object({
    approvals: z.array(OpenApproval),
    /** Give it as `after` for the next page; absent on the last one. */
    next: Id.optional(),
  })
  .openapi("OpenApprovals");

const ProblemDetails = z
  .object({ type: z.string(), title: z.string(), status: z.int(), code: z.string() })
  .openapi("Problem");
const problemOf = (description: string) => ({
  description,
  content: { "application/problem+json": { schema: ProblemDetails } },
});

export interface HttpParts {
  readonly environment: Parameters<typeof requireToken>[0]["environment"];
  readonly host: Pick<Host, "store" | "send" | "log">;
  readonly bot: Omit<BotParts, "host">;
}

export function approvalsHttp({ environment, host, bot }: HttpParts): OpenAPIHono {
  const app = new OpenAPIHono({ defaultHook: validationHook });
  app.route("/", botRoutes({ ...bot, host }));
  const route = createRoute({
    method: "get",
    path: "/v1/approvals",
    summary: "The open approvals of the caller's customer, in the order of their action ids",
    middleware: [requireToken({ environment, anyOf: ["Admin.ReadWrite", "Audit.Read"] })] as const,
    request: {
      query: z.strictObject({
        limit: z.coerce.number().int().min(1).max(pageMax).default(50),
        after: Id.optional(),
      }),
    },
    responses: {
      200: { description: "One page", content: { "application/json": { schema: Page } } },
      400: problemOf("The query does not match its schema"),
      401: problemOf("No valid token"),
      403: problemOf("The token lacks both roles"),
    },
  });
  app.openapi(route, async (c) => {
    const { limit, after } = c.req.valid("query");
    return c.json(await page(host, c.get("caller").customer.id, limit, after), 200);
  });
  app.doc31("/openapi.json", {
    openapi: "3.1.0",
    info: { title: "NIIVO approvals", version: "1" },
  });
  return app;
}

async function page(
  { store }: Pick<Host, "store">,
  customer: string,
  limit: number,
  after: string | undefined,
): Promise<z.infer<typeof Page>> {
  const ids = await listOpen(store, customer, { after, limit });
  const asks = await Promise.all(ids.map((actionId) => readAsk(store, customer, actionId)));
  const approvals = asks.flatMap((ask) => {
    // Between the index and the document it may have ended.
    if (ask?.asked === undefined || ask.end !== undefined) return [];
    const { action, requester, target, approvers, actionId, digest, quorum, expiresAt } = ask.asked;
    return [
      {
        ...{ actionId, digest, ticket: action.ticket, agent: action.agent, tool: action.tool },
        requester: nameOf(requester).address,
        ...(target === undefined ? {} : { target: target.userPrincipalName }),
        ...{ approvers: approvers.length, counted: ask.counted.length, quorum, expiresAt },
      },
    ];
  });
  const next = ids.length === limit ? ids.at(-1) : undefined;
  return { approvals, ...(next === undefined ? {} : { next }) };
}
