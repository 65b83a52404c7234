// The service's one actor: what belongs to an approval and what to a message do not touch each other.

import { derivedId } from "@niivo/contracts/canonical";
import { subscriptions } from "@niivo/contracts/topology";
import { expect, test } from "vitest";
import { actionId, ann, customer, digest, start, tenantId, ticket } from "../test/example.ts";
import { type DeskInput, type DeskState, desk, deskKey } from "./desk.ts";

const around = { id: actionId, customer, ticket, time: start.toISOString() };
const write: DeskInput = {
  ...{ ...around, source: "approvals", type: "ticket.write.v1" },
  data: {
    ...{ writer: ann, tenantId, activityId: "f:1" },
    written: { kind: "text", text: "help", seed: "5e".repeat(32) },
  },
};
const vote: DeskInput = {
  ...{ ...around, source: "approvals", type: "vote.cast.v1" },
  data: { actionId: ticket, digest, voter: ann, tenantId, vote: "grant", activityId: "f:2" },
};
const attested: DeskInput = {
  ...{ ...around, source: "broker", type: "facts.attested.v1" },
  data: {
    ...{ request: derivedId(ticket, "writer"), actionId: ticket, requestedBy: "approvals" },
    answer: {
      kind: "user",
      facts: {
        ...{ objectId: ann, tenantId, userPrincipalName: "ann@contoso.example" },
        ...{ displayName: "Ann", enabled: true, vip: false, privileged: false },
      },
    },
    attestedAt: start.toISOString(),
  },
};
const after = (state: DeskState, input: DeskInput) => {
  const events = desk.decide(input, state, start);
  return { types: events.map(({ type }) => type), state: events.reduce(desk.evolve, state) };
};

test("a message goes its way to a ticket", () => {
  const asking = after(desk.initialState, write);
  expect(asking.state.status).toBe("checking-writer");
  const answered = after(asking.state, attested);
  expect(answered.types).toEqual(["ticket.submitted.v1"]);
  expect(answered.state.status).toBe("settled");
});

test("K1: a vote on a message is rejected with an event, and the message goes on", () => {
  const { state } = after(desk.initialState, write);
  const voted = after(state, vote);
  expect(voted.types).toEqual(["vote.rejected.v1"]);
  expect(voted.state).toEqual(state);
});

test("K1: a message changes no approval", () => {
  const closed: DeskState = { status: "closed" };
  expect(after(closed, write)).toEqual({ types: [], state: closed });
  expect(after(closed, attested)).toEqual({ types: [], state: closed });
});

test("a message is kept under its ticket, an answer under what it is about", () => {
  expect(deskKey(write)).toBe(ticket);
  expect(deskKey(attested)).toBe(ticket);
  expect(deskKey({ ...vote, data: { ...vote.data, actionId } } as DeskInput)).toBe(actionId);
  expect(() => deskKey({ ...write, ticket: undefined })).toThrow(TypeError);
});

test("the actor reads what the topology sends it", () => {
  const inputs: Record<DeskInput["type"], true> = {
    "approval.required.v1": true,
    "facts.attested.v1": true,
    "vote.cast.v1": true,
    "card.posted.v1": true,
    "card.failed.v1": true,
    "approval.due.v1": true,
    "action.allowed.v1": true,
    "action.completed.v1": true,
    "action.failed.v1": true,
    "action.unknown.v1": true,
    "notice.delivered.v1": true,
    "notice.due.v1": true,
    "ticket.write.v1": true,
    "ticket.due.v1": true,
  };
  const read = subscriptions
    .filter(({ reader, sessions }) => reader === "approvals" && sessions)
    .flatMap(({ types }) => types);
  expect(new Set(read)).toEqual(new Set(Object.keys(inputs)));
});
