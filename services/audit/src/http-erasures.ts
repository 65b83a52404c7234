// Ordering the erasure of what was kept about a person, and asking what became of it. Who confirmed nothing is named: that
// is a result, too.

import { createRoute, type OpenAPIHono, z } from "@hono/zod-openapi";
import { derivedId } from "@niivo/contracts/canonical";
import { CustomerId, Guid, Id, ReasonCode, Timestamp, topicNames } from "@niivo/contracts/envelope";
import { timeToLiveMs } from "@niivo/contracts/topology";
import type { Host } from "@niivo/host/host";
import { problem } from "@niivo/host/problem";
import { type ErasePlan, planErasure, pseudonymOf } from "./erase-plan.ts";
import { partsOf } from "./erasure-parts.ts";
import { type Auditor, chainRefusal, foreign, refusal, refusals } from "./http-parts.ts";
import { readConfirmed, readOrder } from "./stored-orders.ts";

type ErasureHost = Pick<Host, "store" | "send">;

const openShownMax = 20;
const path = "/v1/customers/{customer}/erasures";
const count = z.int().min(0);
const Status = z
  .strictObject({
    erasure: Id,
    ground: ReasonCode,
    orderedAt: Timestamp,
    parts: count,
    /** Parts whose order is an entry already. */
    sealed: count,
    tickets: count,
    entries: count,
    /** Numbers of the entries that say what was erased. */
    sealedBy: z.array(count),
    /** Who deleted everything of every part, and how much. */
    confirmed: z.array(
      z.strictObject({
        service: z.enum(topicNames),
        states: count,
        documents: count,
        deadLetters: count,
      }),
    ),
    unconfirmed: z.array(z.enum(topicNames)),
    /** Until then copies of messages may lie on the bus. */
    busCopiesUntil: Timestamp,
  })
  .openapi("Erasure");

export function addErasures(
  app: OpenAPIHono,
  host: ErasureHost,
  { auditor, eraser }: { readonly auditor: Auditor; readonly eraser: Auditor },
): void {
  addOrder(app, host, eraser);
  addStatus(app, host, auditor);
}

function addOrder(app: OpenAPIHono, host: ErasureHost, eraser: Auditor): void {
  const Order = z.strictObject({ person: Guid, ground: ReasonCode });
  const route = createRoute({
    ...eraser,
    method: "post",
    path,
    request: {
      params: z.strictObject({ customer: CustomerId }),
      body: { required: true, content: { "application/json": { schema: Order } } },
    },
    responses: {
      202: {
        description: "Ordered. `Location` says what becomes of it, once it is sealed.",
        content: { "application/json": { schema: z.strictObject({ erasure: Id }) } },
      },
      ...refusals,
      409: refusal("A ticket of this person has no end yet."),
      503: refusal("The order could not be sent; it may be repeated."),
    },
  });
  app.openapi(route, async (c) => {
    const { customer } = c.req.valid("param");
    const caller = c.get("caller");
    if (caller.customer.id !== customer) return foreign(c); // L14: nobody erases from the platform's chain.
    const refused = await chainRefusal(c, host.store, customer);
    if (refused !== undefined) return refused;
    const { person, ground } = c.req.valid("json");
    const pseudonym = await pseudonymOf(host.store, customer, person);
    if (pseudonym === undefined)
      return problem(c, 404, "unknown-person", "This chain names no such person, or not any more.");
    const plan = await planErasure(host.store, customer, pseudonym);
    if (plan.open.length > 0)
      return problem(c, 409, "open-tickets", `Not ended yet: ${openText(plan)}.`);
    const erasure = derivedId("erasure", customer, pseudonym, String(plan.size));
    const about = { erasure, person, pseudonym, by: caller.objectId, ground, size: plan.size };
    try {
      // The first part makes the person unknown here, and so comes last: until then this can be repeated.
      for (const part of partsOf(plan).reverse())
        await host.send({
          id: derivedId("erasure.request", erasure, String(part.part)),
          type: "erasure.request.v1",
          data: { ...about, ...part },
          customer,
          subject: customer,
          correlationid: erasure,
        });
    } catch {
      return problem(c, 503, "not-ordered", "The bus did not confirm the order; repeat it.");
    }
    const location = `/v1/customers/${customer}/erasures/${erasure}`;
    return c.json({ erasure }, 202, { location, "cache-control": "no-store" });
  });
}

const openText = ({ open }: ErasePlan): string => {
  const shown = open.slice(0, openShownMax).join(", ");
  return open.length > openShownMax ? `${shown} and ${open.length - openShownMax} more` : shown;
};

function addStatus(app: OpenAPIHono, { store }: ErasureHost, auditor: Auditor): void {
  const route = createRoute({
    ...auditor,
    method: "get",
    path: `${path}/{erasure}`,
    request: { params: z.strictObject({ customer: CustomerId, erasure: Id }) },
    responses: {
      200: {
        description: "What was ordered, who confirmed it, and who did not.",
        content: { "application/json": { schema: Status } },
      },
      ...refusals,
    },
  });
  app.openapi(route, async (c) => {
    const { customer, erasure } = c.req.valid("param");
    if (c.get("caller").customer.id !== customer) return foreign(c); // L14
    const orders = await readOrder(store, customer, erasure);
    const [first] = orders;
    if (first === undefined)
      return problem(c, 404, "unknown-erasure", "There is none, or it is not sealed yet.");
    const rows = await readConfirmed(store, customer, erasure);
    const answers = topicNames.map((service) => {
      const own = rows.filter(({ source }) => source === service);
      const sum = (of: "states" | "documents" | "deadLetters") =>
        own.reduce((total, row) => total + row[of], 0);
      const counts = {
        states: sum("states"),
        documents: sum("documents"),
        deadLetters: sum("deadLetters"),
      };
      return { isDone: own.length === first.parts, told: { service, ...counts } };
    });
    const sealed = orders.flatMap((order) => order.sealed);
    const latest = Math.max(...orders.map(({ orderedAt }) => Date.parse(orderedAt)));
    const status = {
      erasure,
      ground: first.ground,
      orderedAt: first.orderedAt,
      parts: first.parts,
      sealed: orders.length,
      tickets: orders.reduce((total, { tickets }) => total + tickets, 0),
      entries: sealed.reduce((total, one) => total + one.count, 0),
      sealedBy: sealed.map(({ seq }) => seq),
      confirmed: answers.filter(({ isDone }) => isDone).map(({ told }) => told),
      unconfirmed: answers.filter(({ isDone }) => !isDone).map(({ told }) => told.service),
      busCopiesUntil: new Date(latest + timeToLiveMs).toISOString(),
    };
    return c.json(status, 200, { "cache-control": "no-store" });
  });
}
