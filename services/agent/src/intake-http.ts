// Intake's door: a signed-in person opens a ticket and asks how it stands.
//
// Invariants:
//   D1. The requester, their assurance and their customer come from the validated token, never from the
//       body (R12).
//   D2. No credential that `redact.ts` finds is sent on (R5).
//   D3. The door decides nothing: it sends a command to its own topic, and reads the actor's state.
//   D4. Somebody else's ticket does not exist, except for the customer's administrators and auditors.

import { randomBytes } from "node:crypto";
import { createRoute, OpenAPIHono, z } from "@hono/zod-openapi";
import type { Requester } from "@niivo/contracts/action";
import { derivedId } from "@niivo/contracts/canonical";
import { Id } from "@niivo/contracts/envelope";
import { redact } from "@niivo/contracts/redact";
import { cut } from "@niivo/contracts/text";
import { ticketTextMax } from "@niivo/contracts/tickets";
import { type Caller, requireToken } from "@niivo/host/http-token";
import { bodyLimit, problem, validationHook } from "@niivo/host/problem";
import {
  bodyBytesMax,
  IdempotencyKey,
  type IntakeDoor,
  refusal,
  seedBytes,
  ticketId,
} from "./intake-door.ts";
import { inboundHttp, inboundRole } from "./intake-inbound.ts";
import { readStatus } from "./stored-status.ts";

/** The scope of a person's token, and the roles that may read every ticket of their customer. */
const ticketScope = "Tickets.ReadWrite";
const readerRoles = ["Admin.ReadWrite", "Audit.Read"] as const;

const TicketBody = z
  .strictObject({ text: z.string().trim().min(1).max(ticketTextMax) })
  .openapi("NewTicket");

const Status = z
  .strictObject({
    id: Id,
    status: z.enum(["open", "waiting", "resolved", "escalated"]),
    summary: z.string().nullable(),
    code: z.string().nullable(),
    /** What was answered to an unverified requester, for the application that brought the ticket. */
    replies: z.array(z.strictObject({ text: z.string(), at: z.string() })),
    reference: z.string().nullable(),
    updatedAt: z.string(),
  })
  .openapi("TicketStatus");

/** The routes; the host adds health and mounts them. */
export function intakeHttp({ host, environment }: IntakeDoor): OpenAPIHono {
  const app = new OpenAPIHono({ defaultHook: validationHook });

  const open = createRoute({
    method: "post",
    path: "/v1/tickets",
    summary: "Open a ticket",
    security: [{ entra: [ticketScope] }],
    middleware: [
      requireToken({ environment, anyOf: [ticketScope] }),
      bodyLimit(bodyBytesMax),
    ] as const,
    request: {
      headers: z.object({ "idempotency-key": IdempotencyKey.optional() }),
      body: { required: true, content: { "application/json": { schema: TicketBody } } },
    },
    responses: {
      202: {
        description: "The ticket is on its way. Location says where its status will be.",
        headers: { Location: { schema: { type: "string" } } },
        content: {
          "application/json": { schema: z.strictObject({ id: Id, status: z.literal("open") }) },
        },
      },
      400: refusal("The request does not match its schema; every field is named."),
      401: refusal("No valid token."),
      403: refusal("Not a person's token, or one without the scope."),
      413: refusal("The body is too large."),
      503: refusal("Not stored; send it again with the same Idempotency-Key."),
    },
  });
  app.openapi(open, async (c) => {
    const caller = c.get("caller");
    if (!caller.isPerson) return problem(c, 403, "not-a-person", "A person has to sign in.");
    const id = ticketId(caller, c.req.valid("header")["idempotency-key"]);
    await host.send({
      id: derivedId(id, "submit"),
      type: "ticket.submit.v1",
      customer: caller.customer.id, // D1
      ticket: id,
      subject: id,
      data: {
        requester: requesterOf(caller),
        channel: "portal",
        text: cut(redact(c.req.valid("json").text).text, ticketTextMax), // D2
        seed: randomBytes(seedBytes).toString("hex"),
      },
    });
    c.header("Location", `/v1/tickets/${id}`);
    return c.json({ id, status: "open" as const }, 202);
  });

  const show = createRoute({
    method: "get",
    path: "/v1/tickets/{id}",
    summary: "How a ticket stands",
    security: [{ entra: [ticketScope, inboundRole, ...readerRoles] }],
    middleware: [
      requireToken({ environment, anyOf: [ticketScope, inboundRole, ...readerRoles] }),
    ] as const,
    request: { params: z.object({ id: Id }) },
    responses: {
      200: { description: "Its status.", content: { "application/json": { schema: Status } } },
      401: refusal("No valid token."),
      403: refusal("A token without the scope."),
      404: refusal("No such ticket of yours, or not opened yet."),
    },
  });
  app.openapi(show, async (c) => {
    const caller = c.get("caller");
    const { id } = c.req.valid("param");
    const ticket = await readStatus(host.store, caller.customer.id, id);
    if (ticket === undefined || !mayRead(caller, ticket.requester))
      return problem(c, 404, "no-such-ticket", "There is no such ticket of yours."); // D4
    const { status, summary, code, replies, reference, updatedAt } = ticket;
    return c.json({ id, status, summary, code, replies, reference, updatedAt }, 200);
  });

  app.route("/", inboundHttp({ host, environment }));
  app.openAPIRegistry.registerComponent("securitySchemes", "entra", {
    type: "http",
    scheme: "bearer",
    bearerFormat: "JWT",
  });
  app.doc31("/openapi.json", { openapi: "3.1.0", info: { title: "NIIVO intake", version: "1" } });
  return app;
}

const mayRead = (caller: Caller, requester: string): boolean =>
  (caller.objectId === requester && (caller.isPerson || caller.roles.includes(inboundRole))) ||
  readerRoles.some((role) => caller.roles.includes(role));

/** Who asks, as the token has it. Its name is cut to what a message may carry. */
function requesterOf(caller: Caller): Requester {
  const { objectId, tenantId, displayName, userPrincipalName, signedInAt, language } = caller;
  return {
    objectId,
    tenantId,
    displayName: cut(displayName, 256) || userPrincipalName,
    userPrincipalName,
    assurance: "verified",
    multifactor: caller.multifactor,
    ...(signedInAt === undefined ? {} : { signedInAt }),
    ...(language === undefined ? {} : { language }),
  };
}
