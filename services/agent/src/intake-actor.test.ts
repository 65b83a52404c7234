import type { Requester } from "@niivo/contracts/action";
import { TicketOpened } from "@niivo/contracts/tickets";
import { isErasures, subscriptions } from "@niivo/contracts/topology";
import { specify } from "@niivo/host/testing/specify";
import { expect, test } from "vitest";
import { type IntakeEvent, type IntakeInput, intake, intakeKey } from "./intake-actor.ts";
import { TicketStatus } from "./ticket-status.ts";

const now = new Date("2026-01-01T08:00:00.000Z");
const later = "2026-01-01T09:00:00.000Z";
const ticket = "6f1c1d5e-8d9b-4b7e-9a55-0d7d7f0a0001";
const { given } = specify(intake, now);

const requester: Requester = {
  objectId: "c0a70500-0001-4000-8000-000000000001",
  tenantId: "c0a70500-0000-4000-8000-000000000000",
  displayName: "Lena Frei",
  userPrincipalName: "lena.frei@contoso.example",
  assurance: "verified",
  multifactor: true,
};
const data = {
  requester,
  channel: "portal" as const,
  text: "I forgot my password",
  seed: "5e".repeat(32),
};
const received = { id: ticket, customer: "contoso", ticket, time: now.toISOString() };
const submit: IntakeInput = { ...received, source: "tickets", type: "ticket.submit.v1", data };
const { displayName, objectId, tenantId, userPrincipalName } = requester;
const written: IntakeInput = {
  ...{ ...received, source: "approvals", type: "ticket.submitted.v1" },
  data: {
    writer: { objectId, tenantId, displayName, userPrincipalName },
    ...{ activityId: "f:1", text: data.text, seed: data.seed },
  },
};
const waiting: IntakeInput = {
  ...received,
  source: "agent",
  type: "ticket.waiting.v1",
  data: { actionId: ticket, step: 1 },
};
const resolved: IntakeInput = {
  ...received,
  source: "agent",
  type: "ticket.resolved.v1",
  data: { summary: "Done.", step: 2 },
};
const escalated: IntakeInput = {
  ...received,
  source: "agent",
  type: "ticket.escalated.v1",
  data: { code: "model-asked", summary: "A person helps.", step: 2 },
};

const openedEvents: readonly IntakeEvent[] = [
  { type: "ticket.opened.v1", data },
  {
    type: "note.opened",
    data: {
      requester: requester.objectId,
      status: "open",
      summary: null,
      code: null,
      replies: [],
      reference: null,
      openedAt: now.toISOString(),
      updatedAt: now.toISOString(),
    },
  },
];
const status = (
  to: "waiting" | "resolved" | "escalated",
  summary: string | null,
  code: string | null,
): IntakeEvent => ({ type: "note.status", data: { status: to, summary, code, updatedAt: later } });

test("I1: a submitted ticket is opened as it was submitted, once", () => {
  given()
    .when(submit)
    .decides(...openedEvents);
  given(...openedEvents)
    .when(submit)
    .decides();
  expect(TicketOpened.shape.data.parse(data)).toEqual(data);
});

test("I3: a message in Teams opens a ticket of a verified person, without a second factor or a time", () => {
  const [, note] = openedEvents;
  const ticketOfTeams = {
    ...{ requester: { ...requester, multifactor: false }, channel: "teams" as const },
    ...{ text: data.text, seed: data.seed },
  };
  given()
    .when(written)
    .decides(
      { type: "ticket.opened.v1", data: ticketOfTeams },
      ...(note === undefined ? [] : [note]),
    );
  expect(TicketOpened.shape.data.parse(ticketOfTeams)).toEqual(ticketOfTeams);
});

test("I1: neither door opens a ticket that is open", () => {
  for (const input of [submit, written])
    given(...openedEvents)
      .when(input)
      .decides();
});

test("the agent's word moves the status", () => {
  const opened = given(...openedEvents);
  opened.when(waiting, new Date(later)).decides(status("waiting", null, null));
  opened.when(resolved, new Date(later)).decides(status("resolved", "Done.", null));
  opened
    .when(escalated, new Date(later))
    .decides(status("escalated", "A person helps.", "model-asked"));
});

test.each([
  ["resolved", status("resolved", "Done.", null)],
  ["escalated", status("escalated", "A person helps.", "model-asked")],
] as const)("I2: a ticket that is %s stays so", (_, final) => {
  for (const input of [waiting, resolved, escalated, submit])
    given(...openedEvents, final)
      .when(input, new Date(later))
      .decides();
});

test("I3: a status change keeps who asked, and what is kept is of its schema", () => {
  const state = [...openedEvents, status("waiting", null, null)].reduce(
    intake.evolve,
    intake.initialState,
  );
  expect(state.status === "known" && TicketStatus.parse(state.ticket)).toEqual({
    requester: requester.objectId,
    replies: [],
    reference: null,
    status: "waiting",
    summary: null,
    code: null,
    openedAt: now.toISOString(),
    updatedAt: later,
  });
});

test("I4: a reply is kept, also after the end, and of very many the newest", () => {
  const reply = (text: string): IntakeInput => ({
    ...{ ...submit, source: "broker", type: "reply.recorded.v1" },
    data: { actionId: submit.id, digest: "a".repeat(64), text },
  });
  const at = now.toISOString();
  const kept: IntakeEvent = { type: "note.reply", data: { text: "Done.", at } };
  given(...openedEvents)
    .when(reply("Done."))
    .decides(kept);
  given().when(reply("Done.")).decides();
  const many = Array.from(
    { length: 25 },
    (_, n): IntakeEvent => ({
      type: "note.reply",
      data: { text: `${n}`, at },
    }),
  );
  const state = [...openedEvents, ...many].reduce(intake.evolve, intake.initialState);
  expect(state.status === "known" && state.ticket.replies.map(({ text }) => text)).toEqual(
    Array.from({ length: 20 }, (_, n) => `${n + 5}`),
  );
});

test("what is said about an unknown ticket decides nothing, and one without an id is refused", () => {
  given().when(resolved).decides();
  expect(() => intakeKey({ ...submit, ticket: undefined })).toThrow(TypeError);
});

test("the actor reads what the topology sends it", () => {
  const inputs: Record<IntakeInput["type"], true> = {
    "ticket.submit.v1": true,
    "ticket.submitted.v1": true,
    "ticket.waiting.v1": true,
    "ticket.resolved.v1": true,
    "ticket.escalated.v1": true,
    "reply.recorded.v1": true,
  };
  const read = subscriptions
    .filter((one) => one.reader === "intake" && !isErasures(one))
    .flatMap(({ types }) => types);
  expect(new Set(read)).toEqual(new Set(Object.keys(inputs)));
});
