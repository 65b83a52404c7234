// A message to the bot, from the command to the ticket or to the reason why it is none.

import { TicketRefused, TicketSubmitted } from "@niivo/contracts/approvals";
import { derivedId } from "@niivo/contracts/canonical";
import type { FactsAnswer, UserFacts } from "@niivo/contracts/facts";
import { specify } from "@niivo/host/testing/specify";
import { describe, expect, test } from "vitest";
import {
  ann,
  customer,
  eve,
  group,
  otherTenantId,
  start,
  tenantId,
  ticket,
} from "../test/example.ts";
import type { TicketRefusalCode } from "./codes.ts";
import { english } from "./texts.ts";
import { type TicketEvent, type TicketInput, ticketWriter, writerMs } from "./ticket-writer.ts";

const { given } = specify(ticketWriter, start);

const message = { text: "I have a new phone", seed: "5e".repeat(32) };
const dueAt = new Date(start.getTime() + writerMs);
const request = derivedId(ticket, "writer");
const around = { id: ticket, customer, ticket, time: start.toISOString() };
const writer = { writer: ann, activityId: "f:1" };

type Written = Extract<TicketInput, { type: "ticket.write.v1" }>["data"]["written"];
const write = (written: Written = { kind: "text", ...message }): TicketInput => ({
  ...{ ...around, source: "approvals", type: "ticket.write.v1" },
  data: { ...writer, tenantId, written },
});
const annsFacts: UserFacts = {
  ...{ objectId: ann, tenantId, userPrincipalName: "ann@contoso.example", displayName: "Ann" },
  ...{ enabled: true, vip: false, privileged: false },
};
const attested = (answer: FactsAnswer, of = request): TicketInput => ({
  ...{ ...around, source: "broker", type: "facts.attested.v1" },
  data: {
    ...{ request: of, actionId: ticket, requestedBy: "approvals", answer },
    attestedAt: start.toISOString(),
  },
});
const user = (changes: Partial<UserFacts> = {}): FactsAnswer => ({
  kind: "user",
  facts: { ...annsFacts, ...changes },
});
const dueInput: TicketInput = {
  ...{ ...around, source: "approvals", type: "ticket.due.v1" },
  data: { actionId: ticket },
};

const waits: TicketEvent = {
  type: "note.message-waits",
  data: { ...writer, ...message, ticket, tenantId, request, dueAt: dueAt.toISOString() },
};
const asks: TicketEvent = {
  type: "facts.requested.v1",
  data: { request, actionId: ticket, question: { kind: "user", user: ann } },
};
const timer: TicketEvent = {
  ...{ type: "ticket.due.v1", data: { actionId: ticket } },
  notBefore: dueAt.toISOString(),
};
const submitted = (displayName: string): TicketEvent => ({
  type: "ticket.submitted.v1",
  data: {
    writer: {
      ...{ objectId: ann, tenantId, displayName },
      userPrincipalName: annsFacts.userPrincipalName,
    },
    ...{ activityId: "f:1", ...message },
  },
});
const refused = (code: TicketRefusalCode): TicketEvent => ({
  type: "ticket.refused.v1",
  data: { ...writer, code, detail: english.ticketRefusals[code] },
});

test("W1: a message waits for the directory's word on its writer, and not for ever", () =>
  given().when(write()).decides(waits, asks, timer));

test("W1: an enabled person of the tenant has a ticket", () => {
  given(waits, asks, timer).when(attested(user())).decides(submitted("Ann"));
  const upper = { objectId: ann.toUpperCase(), tenantId: tenantId.toUpperCase() };
  expect(ticketWriter.decide(attested(user(upper)), waiting(), start)[0]?.type).toBe(
    "ticket.submitted.v1",
  );
});

test("the directory says the language of a ticket, and the client that of a refusal until then", () => {
  const inFrench: TicketInput = {
    ...{ ...around, source: "approvals", type: "ticket.write.v1" },
    data: {
      ...{ ...writer, tenantId, language: "fr" },
      written: { kind: "unusable", code: "no-text" },
    },
  };
  expect(ticketWriter.decide(inFrench, ticketWriter.initialState, start)).toMatchObject([
    { type: "ticket.refused.v1", data: { code: "no-text", language: "fr" } },
  ]);
  expect(ticketWriter.decide(attested(user({ language: "de" })), waiting(), start)).toMatchObject([
    { type: "ticket.submitted.v1", data: { writer: { language: "de" } } },
  ]);
  expect(
    ticketWriter.decide(attested(user({ language: "de", enabled: false })), waiting(), start),
  ).toMatchObject([{ type: "ticket.refused.v1", data: { language: "de" } }]);
});

test("a person without a display name is called by the user principal name", () =>
  given(waits)
    .when(attested(user({ displayName: "" })))
    .decides(submitted(annsFacts.userPrincipalName)));

describe("W1: no ticket comes of", () => {
  test.each<[string, FactsAnswer, TicketRefusalCode]>([
    ["a disabled person", user({ enabled: false }), "writer-disabled"],
    ["nobody", { kind: "not-found" }, "writer-unknown"],
    ["an answer about somebody else", user({ objectId: eve }), "writer-unknown"],
    ["an answer from another tenant", user({ tenantId: otherTenantId }), "writer-unknown"],
    ["a directory that is away", { kind: "unavailable" }, "directory-unavailable"],
    [
      "an answer to another question",
      { kind: "group", group, members: [] },
      "directory-unavailable",
    ],
    [
      "a word on a membership",
      { kind: "member", group, person: ann, enabled: true, member: true },
      "directory-unavailable",
    ],
  ])("%s", (_, answer, code) =>
    given(waits, asks, timer).when(attested(answer)).decides(refused(code)),
  );

  test.each(["no-text", "text-too-long"] as const)("a message with %s", (code) =>
    given()
      .when(write({ kind: "unusable", code }))
      .decides(refused(code)),
  );
});

test("an answer to a question nobody asked decides nothing", () => {
  given(waits).when(attested(user(), ticket)).decides();
  given().when(attested(user())).decides();
});

test("W2: one message is one ticket or one refusal, and the first stays", () => {
  for (const end of [submitted("Ann"), refused("writer-unknown")])
    for (const input of [write(), attested(user()), dueInput])
      given(waits, end).when(input, dueAt).decides();
  given(waits).when(write()).decides();
});

test("W3: without a word of the directory the writer is told, from the very instant", () => {
  const before = new Date(dueAt.getTime() - 1);
  given(waits).when(dueInput, dueAt).decides(refused("directory-unavailable"));
  given(waits).when(attested(user()), dueAt).decides(refused("directory-unavailable"));
  given(waits).when(dueInput, before).decides(timer);
  given(waits).when(attested(user()), before).decides(submitted("Ann"));
});

test("W4: once it is settled nothing of the words is kept", () => {
  const state = [waits, submitted("Ann")].reduce(ticketWriter.evolve, ticketWriter.initialState);
  expect(state).toEqual({ status: "settled" });
});

test("what is decided is of its schema", () => {
  const ticketData = submitted("Ann").data;
  expect(TicketSubmitted.shape.data.parse(ticketData)).toEqual(ticketData);
  const codes = Object.keys(english.ticketRefusals) as TicketRefusalCode[];
  for (const code of codes) TicketRefused.shape.data.parse(refused(code).data);
});

const waiting = () => [waits].reduce(ticketWriter.evolve, ticketWriter.initialState);
