// What happened on a ticket, as JSON and as a page. Reading it is an entry of the same chain (L25).

import { createRoute, type OpenAPIHono, z } from "@hono/zod-openapi";
import { Hex256, Id, Timestamp } from "@niivo/contracts/envelope";
import type { Context } from "hono";
import {
  type Auditor,
  notRecorded,
  refusal,
  refusals,
  unknownTicket,
  valuesRole,
} from "./http-parts.ts";
import { type RecordHost, recordAccess } from "./record.ts";
import type { ValueParts } from "./stored-value.ts";
import { readTrail } from "./trail.ts";
import { answerOf, type ShownEntry, type TrailAnswer } from "./trail-answer.ts";
import { pagePolicy, trailPage } from "./trail-page.ts";

const Value = z.discriminatedUnion("status", [
  z.strictObject({ status: z.literal("none") }),
  z.strictObject({ status: z.literal("shown"), message: z.unknown() }),
  z.strictObject({ status: z.literal("hidden") }),
  z.strictObject({ status: z.literal("erased"), seq: z.int().min(0) }),
  z.strictObject({ status: z.literal("withheld") }),
  z.strictObject({ status: z.literal("altered") }),
]);

const Numbers = z.array(z.int().min(0));

const TrailBody = z
  .strictObject({
    ticket: Id,
    complete: z.boolean(),
    proof: z.strictObject({
      chain: z.strictObject({ size: z.int(), head: Hex256 }).nullable(),
      checkpoint: z.strictObject({ size: z.int(), root: Hex256, signedAt: Timestamp }).nullable(),
      witnessedBy: z.array(z.string()),
      anchors: z.record(
        z.string(),
        z.strictObject({ size: z.int(), outcome: z.string(), at: Timestamp }),
      ),
      included: z.int().min(0),
      unsigned: Numbers,
      altered: Numbers,
      notProven: z.array(z.string()),
    }),
    reading: z.strictObject({ seq: z.int().min(0) }),
    entries: z.array(
      z.strictObject({
        seq: z.int().min(0),
        hash: Hex256,
        prev: Hex256,
        line: z.string(),
        type: z.string(),
        outcome: z.string().optional(),
        occurredAt: Timestamp,
        sealedAt: Timestamp,
        actor: z.string(),
        action: z
          .strictObject({ id: Id, digest: Hex256.optional(), tool: z.string().optional() })
          .optional(),
        detail: z.record(z.string(), z.union([z.string(), z.int(), z.boolean()])),
        commitment: Hex256.optional(),
        value: Value,
      }),
    ),
  })
  .openapi("Trail");

export interface TrailDoor extends Auditor {
  readonly host: RecordHost;
  readonly keys: ValueParts["keys"];
}

export function addTrail(app: OpenAPIHono, { host, keys, ...auditor }: TrailDoor): void {
  const parts = { store: host.store, keys };
  const route = createRoute({
    ...auditor,
    method: "get",
    path: "/v1/tickets/{id}/trail",
    request: { params: z.strictObject({ id: Id }) },
    responses: {
      200: {
        description:
          "The ticket's entries in order, what is behind them, and what is proven of them. A page for `text/html`.",
        content: {
          "application/json": { schema: TrailBody },
          "text/html": { schema: z.string() },
        },
      },
      ...refusals,
      503: refusal("The reading could not be recorded, so there is no answer."),
    },
  });
  app.openapi(route, async (c) => {
    const { id: ticket } = c.req.valid("param");
    const caller = c.get("caller");
    const { customer, roles } = caller;
    const values = roles.includes(valuesRole);
    if ((await readTrail(host.store, customer.id, ticket)) === undefined) return unknownTicket(c); // L14
    const asker = { caller, customer: customer.id };
    const about = { what: "trail", ticket, values } as const;
    const { seq: reading } = await recordAccess(host, asker, about, "needed");
    if (reading === undefined) return notRecorded(c); // L25
    const trail = await readTrail(host.store, customer.id, ticket);
    if (trail === undefined) return unknownTicket(c);
    const answer = await answerOf(parts, customer.id, { ticket, reading, values }, trail);
    const headers = { "cache-control": "no-store", vary: "accept" };
    return wantsPage(c)
      ? c.html(trailPage(answer), 200, { ...headers, "content-security-policy": pagePolicy })
      : c.json(bodyOf(answer), 200, headers);
  });
}

/** A browser names pages first; everything else gets JSON. */
const wantsPage = (c: Context): boolean =>
  /^\s*(text\/html|application\/xhtml\+xml)/i.test(c.req.header("accept") ?? "");

const bodyOf = ({ entries, proof, ...rest }: TrailAnswer) => ({
  ...rest,
  proof: {
    ...proof,
    witnessedBy: [...proof.witnessedBy],
    unsigned: [...proof.unsigned],
    altered: [...proof.altered],
    notProven: [...proof.notProven],
  },
  entries: entries.map(entryBody),
});

function entryBody({ entry, hash, line, value }: ShownEntry) {
  const { seq, prev, type, outcome, occurredAt, sealedAt, actor, action, detail, commit } = entry;
  return {
    seq,
    hash,
    prev,
    line,
    type,
    ...(outcome === undefined ? {} : { outcome }),
    occurredAt,
    sealedAt,
    actor,
    ...(action === undefined ? {} : { action }),
    detail,
    ...(commit === undefined ? {} : { commitment: commit.message }),
    value,
  };
}
