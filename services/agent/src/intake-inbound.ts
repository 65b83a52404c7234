// Intake's door for the customer's own applications: a ticket system or a mailbox that brings what somebody sent.
//
// Invariants:
//   D5. What comes through here is unverified, whatever it says: only the application is known, by its token.
//   D6. Only an application's own token opens it, never a person's; it reads back only what it brought.

import { randomBytes } from "node:crypto";
import { createRoute, OpenAPIHono, z } from "@hono/zod-openapi";
import { derivedId } from "@niivo/contracts/canonical";
import { Id } from "@niivo/contracts/envelope";
import { UserReference } from "@niivo/contracts/facts";
import { redact } from "@niivo/contracts/redact";
import { cut } from "@niivo/contracts/text";
import { TicketReference, ticketTextMax } from "@niivo/contracts/tickets";
import { requireToken } from "@niivo/host/http-token";
import { bodyLimit, problem, validationHook } from "@niivo/host/problem";
import {
  bodyBytesMax,
  IdempotencyKey,
  type IntakeDoor,
  refusal,
  seedBytes,
  ticketId,
} from "./intake-door.ts";

/** The app role of an application that brings tickets. */
export const inboundRole = "Tickets.Inbound";

const InboundBody = z
  .strictObject({
    /** Address or user principal name of the sender, as the application has it. Nobody checks it here. */
    from: UserReference,
    text: z.string().trim().min(1).max(ticketTextMax),
    reference: TicketReference.optional(),
  })
  .openapi("InboundTicket");

/** `POST /v1/tickets/inbound`. */
export function inboundHttp({ host, environment }: IntakeDoor): OpenAPIHono {
  const app = new OpenAPIHono({ defaultHook: validationHook });
  const route = createRoute({
    method: "post",
    path: "/v1/tickets/inbound",
    summary: "Bring a ticket of somebody who is not signed in",
    security: [{ entra: [inboundRole] }],
    middleware: [
      requireToken({ environment, anyOf: [inboundRole] }),
      bodyLimit(bodyBytesMax),
    ] as const,
    request: {
      headers: z.object({ "idempotency-key": IdempotencyKey.optional() }),
      body: { required: true, content: { "application/json": { schema: InboundBody } } },
    },
    responses: {
      202: {
        description: "The ticket is on its way. Its status, with the replies, is at Location.",
        headers: { Location: { schema: { type: "string" } } },
        content: {
          "application/json": { schema: z.strictObject({ id: Id, status: z.literal("open") }) },
        },
      },
      400: refusal("The request does not match its schema; every field is named."),
      401: refusal("No valid token."),
      403: refusal("Not an application's token, or one without the role."),
      413: refusal("The body is too large."),
      503: refusal("Not stored; send it again with the same Idempotency-Key."),
    },
  });
  app.openapi(route, async (c) => {
    const caller = c.get("caller");
    if (caller.isPerson)
      return problem(c, 403, "not-an-application", "A person opens a ticket at /v1/tickets."); // D6
    const { from, text, reference } = c.req.valid("json");
    const id = ticketId(caller, c.req.valid("header")["idempotency-key"]);
    const name = cut(caller.displayName, 256) || caller.objectId;
    await host.send({
      id: derivedId(id, "submit"),
      type: "ticket.submit.v1",
      customer: caller.customer.id,
      ticket: id,
      subject: id,
      data: {
        requester: {
          assurance: "unverified", // D5
          tenantId: caller.tenantId,
          claims: from,
          application: { objectId: caller.objectId, name },
        },
        channel: "inbound",
        text: cut(redact(text).text, ticketTextMax),
        ...(reference === undefined ? {} : { reference }),
        seed: randomBytes(seedBytes).toString("hex"),
      },
    });
    c.header("Location", `/v1/tickets/${id}`);
    return c.json({ id, status: "open" as const }, 202);
  });
  return app;
}
