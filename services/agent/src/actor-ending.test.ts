// The agent actor: how a ticket ends, by words, by time and by what does not work; and what its state may be.

import { stepsMax } from "@niivo/contracts/agent";
import { isErasures, pathOf, subscriptions } from "@niivo/contracts/topology";
import { describe, expect, test } from "vitest";
import {
  acting,
  actor,
  answers,
  completed,
  denied,
  due,
  escalation,
  failed,
  given,
  handedOverText,
  now,
  opened,
  peopleAsked,
  play,
  type Run,
  request,
  says,
  types,
  unknown,
  user,
} from "../test/steps.ts";
import { grantedMarginMs, peopleWaitMaxMs, ticketOf } from "./actor.ts";
import { remember } from "./remember.ts";
import { stepMs } from "./steps.ts";
import type { AgentEvent, AgentInput } from "./ticket-messages.ts";

describe("ending", () => {
  const done = (last: Run) => says(request(last), "Your password was reset.");

  test("G7: the last words are sent, and the ticket is resolved when they were delivered", () => {
    const closing = play(opened, done);
    expect(types(closing)).toEqual(["action.requested.v1"]);
    expect(request(closing).data.action).toMatchObject({
      tool: "ticket.reply",
      arguments: { text: "Your password was reset." },
    });
    const end = play(opened, done, (last) =>
      completed(request(last), { delivered: true, channel: "teams" }),
    );
    expect(end.decided).toEqual([
      { type: "ticket.resolved.v1", data: { summary: "Your password was reset.", step: 1 } },
    ]);
  });

  test("G7: what the model already said is not sent twice", () => {
    const words = { text: "Your password was reset." };
    const run = play(
      opened,
      (last) => says(request(last), null, ["ticket.reply", words]),
      (last) => completed(request(last), { delivered: true, channel: "teams" }),
      (last) => says(request(last), ` ${words.text}\n`),
    );
    expect(types(run)).toEqual(["ticket.resolved.v1"]);
  });

  test.each([
    ["denied", denied, "reply-denied"],
    ["failed", failed, "reply-failed"],
    ["unknown", unknown, "reply-unknown"],
  ] as const)("G7: a last reply that is %s: a person takes over", (_, input, code) => {
    const run = play(opened, done, (last) => input(request(last)));
    expect(types(run)).toEqual(["ticket.escalated.v1"]);
    expect(escalation(run)).toBe(code);
  });

  test("a model's own reply that is denied ends the agent's part at once", () => {
    const run = play(
      opened,
      (last) => says(request(last), null, ["ticket.reply", { text: "a" }], ["user.facts", user]),
      (last) => denied(request(last)),
    );
    expect(escalation(run)).toBe("reply-denied");
  });

  test("a model may hand over: its other calls end first, the requester is told, then a person", () => {
    const calls = [
      ["user.facts", user],
      ["escalate_to_human", { message: "A colleague will help." }],
    ] as const;
    const run = play(
      opened,
      (last) => says(request(last), null, ...calls),
      (last) => completed(request(last), {}),
    );
    expect(types(run)).toEqual(["action.requested.v1", "ticket.escalated.v1"]);
    expect(request(run).data.action.arguments).toEqual({ text: "A colleague will help." });
    expect(run.decided.at(-1)).toEqual({
      type: "ticket.escalated.v1",
      data: { code: "model-asked", summary: "A colleague will help.", step: 1 },
    });
    expect(request(acting(["escalate_to_human", "not JSON"])).data.action.arguments).toEqual({
      text: handedOverText,
    });
  });

  test("G1: a closed ticket stays closed", () => {
    const closed = play(opened, (last) => denied(request(last))).history;
    given(...closed)
      .when(opened)
      .decides();
    given(...closed)
      .when(due(1), new Date("2027-01-01T00:00:00Z"))
      .decides();
    given(...closed)
      .when(says(request(play(opened)), "again"))
      .decides();
  });

  test("G4: after the last step a person takes over", () => {
    const moves: ((last: Run) => AgentInput)[] = Array.from({ length: stepsMax }, () => [
      (last: Run) => says(request(last), null, ["user.facts", user]),
      (last: Run) => completed(request(last), {}),
    ]).flat();
    const before = play(opened, ...moves.slice(0, -2));
    expect(request(before).data).toMatchObject({
      step: stepsMax,
      action: { tool: "model.respond" },
    });
    expect(escalation(play(opened, ...moves))).toBe("too-many-steps");
  });
});

describe("time", () => {
  const start = play(opened).history;
  const dueAt = new Date(now.getTime() + stepMs);

  test("G5: at the very deadline a person takes over", () => {
    expect(escalation(at(dueAt, start, due(1)))).toBe("step-timeout");
  });

  test("G5: a timer that comes early is set again", () => {
    given(...start)
      .when(due(1), new Date(dueAt.getTime() - 1))
      .decides({ type: "step.due.v1", data: { step: 1 }, notBefore: dueAt.toISOString() });
  });

  test("G5: the timer of an earlier step decides nothing", () => {
    const later = acting(["!", {}]).history;
    given(...later)
      .when(due(1), new Date("2027-01-01T00:00:00Z"))
      .decides();
    expect(escalation(at(new Date("2027-01-01T00:00:00Z"), later, due(2)))).toBe("step-timeout");
  });

  test("G5: while people are asked the deadline is behind their last moment", () => {
    const run = acting(["password.reset", user]);
    const expiresAt = "2026-01-01T08:30:00.000Z";
    const until = new Date(Date.parse(expiresAt) + grantedMarginMs).toISOString();
    const { id } = request(run).data.action;
    given(...run.history)
      .when(peopleAsked(request(run), expiresAt))
      .decides(
        { type: "note.waiting", data: { actionId: id, until } },
        { type: "ticket.waiting.v1", data: { actionId: id, step: 1 } },
      );
    const waiting = play(opened, ...answers(run), peopleAsked(request(run), expiresAt)).history;
    given(...waiting)
      .when(due(1), dueAt)
      .decides({ type: "step.due.v1", data: { step: 1 }, notBefore: until });
    expect(escalation(at(new Date(until), waiting, due(1)))).toBe("step-timeout");
    // Asked about again after a lapse: nobody is told twice that the ticket waits.
    expect(types(at(now, waiting, peopleAsked(request(run), expiresAt)))).toEqual([]);
  });

  test("G5: terms without end do not hold a ticket for ever", () => {
    const run = acting(["password.reset", user]);
    const { decided } = at(now, run.history, peopleAsked(request(run), "2999-01-01T00:00:00.000Z"));
    expect(decided[0]?.data).toMatchObject({
      until: new Date(now.getTime() + peopleWaitMaxMs).toISOString(),
    });
  });
});

test("G8: a second opening changes nobody's ticket", () => {
  const other: AgentInput = structuredClone(opened);
  Object.assign(other.data, { text: "another" });
  given(...play(opened).history)
    .when(other)
    .decides();
});

test("G9: the state of the longest ticket stays bounded", () => {
  const long = "x".repeat(15_000);
  const calls = Array.from({ length: 8 }, () => ["user.facts", { user: long }] as const);
  const step = [
    (last: Run) => says(request(last), long, ...calls),
    ...calls.map((_, index) => (last: Run) => {
      const open = last.history.filter((event) => event.type === "action.requested.v1");
      return completed(open.at(index - 8)!, { long });
    }),
  ];
  const run = play(opened, ...Array.from({ length: stepsMax - 1 }, () => step).flat());
  expect(run.state.status).toBe("thinking");
  expect(JSON.stringify(run.state).length).toBeLessThan(200_000);
});

test("a message that names no ticket is refused", () => {
  expect(() => ticketOf({ ...opened, ticket: undefined })).toThrow(TypeError);
});

test("the actor reads what the topology sends it", () => {
  const read = subscriptions
    .filter((one) => one.reader === "agent" && !isErasures(one))
    .flatMap(({ types }) => types);
  const inputs: Record<AgentInput["type"], true> = {
    "ticket.opened.v1": true,
    "step.due.v1": true,
    "action.denied.v1": true,
    "approval.required.v1": true,
    "action.completed.v1": true,
    "action.failed.v1": true,
    "action.unknown.v1": true,
  };
  expect(new Set(read)).toEqual(new Set(Object.keys(inputs)));
  expect(subscriptions.filter(({ reader }) => reader === "agent").map(pathOf)).toContain(
    "broker/agent",
  );
});

function at(time: Date, history: readonly AgentEvent[], input: AgentInput): Run {
  const state = history.reduce(remember, actor.initialState);
  const decided = actor.decide(input, state, time);
  return { state: decided.reduce(remember, state), decided, history: [...history, ...decided] };
}
