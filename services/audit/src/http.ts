// The auditors' door: verify a chain, read its entries as bytes, follow one ticket.
//
// Invariants:
//   L14. A caller reads the chain of their own customer, or the platform's, which holds ids only.
//   L15. An empty or unknown chain is never in order: it is not found.

import { createRoute, OpenAPIHono, z } from "@hono/zod-openapi";
import { CustomerId, Hex256, Id, platformCustomer, Timestamp } from "@niivo/contracts/envelope";
import type { HostEnvironment } from "@niivo/host/env";
import type { Host } from "@niivo/host/host";
import { type Caller, type CallerVariables, requireToken } from "@niivo/host/http-token";
import { problem, validationHook } from "@niivo/host/problem";
import type { StoreReader } from "@niivo/host/store";
import type { Context, MiddlewareHandler } from "hono";
import { breakCodes } from "./break.ts";
import { notProven } from "./not-proven.ts";
import { readEntries, readHead, verifyStored } from "./stored-chain.ts";
import { readTrail } from "./trail.ts";
import type { Verdict } from "./verify.ts";

/** Whoever reads evidence holds one of these app roles. */
const auditorRoles = ["Audit.Read", "Admin.ReadWrite"] as const;

const entriesDefault = 100;
/** An entry has some hundred bytes, at most 64 KB. */
const entriesMax = 1000;
const seqMax = 1e12 - 1;

export interface AuditDoor {
  readonly host: Pick<Host, "store">;
  readonly environment: Pick<HostEnvironment, "customers" | "entraAuthorityHost" | "entraAudience">;
}

/** The routes; the host adds health and mounts them. */
export function auditHttp({ host: { store }, environment }: AuditDoor): OpenAPIHono {
  const app = new OpenAPIHono({ defaultHook: validationHook });
  const auditor = {
    security: [{ entra: [...auditorRoles] }],
    middleware: requireToken({ environment, anyOf: auditorRoles }),
  };
  addVerify(app, store, auditor);
  addEntries(app, store, auditor);
  addTrail(app, store, auditor);
  app.openAPIRegistry.registerComponent("securitySchemes", "entra", {
    type: "http",
    scheme: "bearer",
    bearerFormat: "JWT",
  });
  app.doc31("/openapi.json", { openapi: "3.1.0", info: { title: "NIIVO audit", version: "1" } });
  return app;
}

/** What every route has: only auditors come in. */
interface Auditor {
  readonly security: { entra: string[] }[];
  readonly middleware: MiddlewareHandler<CallerVariables>;
}

const problemContent = {
  "application/problem+json": {
    schema: z.looseObject({ code: z.string(), detail: z.string(), status: z.int() }),
  },
};
// A wide type on purpose: `problem` makes the response, not the framework's typed `c.json`.
const refusal = (
  description: string,
): { description: string; content?: typeof problemContent } => ({
  description,
  content: problemContent,
});

const refusals = {
  400: refusal("The request does not match its schema."),
  401: refusal("No valid token."),
  403: refusal("The token does not allow it."),
  404: refusal("There is no such chain or ticket."),
};

const VerdictBody = z
  .strictObject({
    verdict: z.enum(["OK", "INCOMPLETE", "BROKEN"]),
    integrity: z.enum(["OK", "BROKEN"]),
    completeness: z.enum(["OK", "INCOMPLETE"]),
    authorization: z.enum(["OK", "BROKEN", "NOT_JUDGED"]),
    chain: Hex256.nullable(),
    entries: z.int().min(0),
    head: z.strictObject({ seq: z.int().min(0), hash: Hex256 }).nullable(),
    breaks: z.array(
      z.strictObject({ seq: z.int().min(0), code: z.enum(breakCodes), detail: z.string() }),
    ),
    breaksFound: z.int().min(0),
    notProven: z.array(z.string()),
  })
  .openapi("Verdict");

function addVerify(app: OpenAPIHono, store: StoreReader, auditor: Auditor): void {
  // A verification reads the whole chain; callers who ask at once share one.
  const running = new Map<string, Promise<Verdict | undefined>>();
  const route = createRoute({
    ...auditor,
    method: "get",
    path: "/v1/customers/{customer}/verify",
    request: { params: z.strictObject({ customer: CustomerId }) },
    responses: {
      200: {
        description: "What recomputing every entry of the chain showed.",
        content: { "application/json": { schema: VerdictBody } },
      },
      ...refusals,
    },
  });
  app.openapi(route, async (c) => {
    const { customer } = c.req.valid("param");
    if (!mayRead(c.get("caller"), customer)) return foreign(c);
    const shared = running.get(customer) ?? verifyStored(store, customer);
    running.set(customer, shared);
    const verdict = await shared.finally(() => running.delete(customer));
    if (verdict === undefined) return noChain(c); // L15
    const { chain = null, head = null } = verdict;
    return c.json({ ...verdict, chain, head, notProven }, 200, { "cache-control": "no-store" });
  });
}

function addEntries(app: OpenAPIHono, store: StoreReader, auditor: Auditor): void {
  const route = createRoute({
    ...auditor,
    method: "get",
    path: "/v1/customers/{customer}/entries",
    request: {
      params: z.strictObject({ customer: CustomerId }),
      query: z.strictObject({
        from: z.coerce.number().int().min(0).max(seqMax).default(0),
        limit: z.coerce.number().int().min(1).max(entriesMax).default(entriesDefault),
      }),
    },
    responses: {
      200: {
        description:
          "The canonical bytes of the entries, one per line. `Link` names the next page.",
        content: { "application/jsonl": { schema: z.string() } },
      },
      ...refusals,
    },
  });
  app.openapi(route, async (c) => {
    const { customer } = c.req.valid("param");
    if (!mayRead(c.get("caller"), customer)) return foreign(c);
    const { from, limit } = c.req.valid("query");
    const found = await readEntries(store, customer, { from, limit });
    if (found.length === 0 && (await readHead(store, customer)) === undefined) return noChain(c); // L15
    const next = `</v1/customers/${customer}/entries?from=${from + limit}&limit=${limit}>; rel="next"`;
    return c.body(found.map(({ bytes }) => `${bytes}\n`).join(""), 200, {
      "content-type": "application/jsonl",
      "cache-control": "no-store",
      ...(found.length < limit ? {} : { link: next }),
    });
  });
}

const TrailBody = z
  .strictObject({
    ticket: Id,
    complete: z.boolean(),
    entries: z.array(
      z.strictObject({
        seq: z.int().min(0),
        hash: Hex256,
        line: z.string(),
        type: z.string(),
        outcome: z.string().optional(),
        sealedAt: Timestamp,
      }),
    ),
  })
  .openapi("Trail");

function addTrail(app: OpenAPIHono, store: StoreReader, auditor: Auditor): void {
  const route = createRoute({
    ...auditor,
    method: "get",
    path: "/v1/tickets/{id}/trail",
    request: { params: z.strictObject({ id: Id }) },
    responses: {
      200: {
        description: "The ticket's entries in order, and whether its back-links are unbroken.",
        content: { "application/json": { schema: TrailBody } },
      },
      ...refusals,
    },
  });
  app.openapi(route, async (c) => {
    const { id } = c.req.valid("param");
    const trail = await readTrail(store, c.get("caller").customer.id, id); // L14
    if (trail === undefined)
      return problem(c, 404, "unknown-ticket", "Your customer's chain knows no such ticket.");
    return c.json({ ticket: id, ...trail }, 200, { "cache-control": "no-store" });
  });
}

const mayRead = (caller: Caller, customer: string): boolean =>
  customer === platformCustomer || customer === caller.customer.id; // L14

const foreign = (c: Context) =>
  problem(c, 403, "foreign-customer", "The token is of another customer than the path.");

const noChain = (c: Context) =>
  problem(c, 404, "no-chain", "There is no chain: nothing was sealed, or everything was removed.");
