import { actionDigest, type Requester } from "@niivo/contracts/action";
import { agent as agentTopic, stepsMax } from "@niivo/contracts/agent";
import { ModelRespond } from "@niivo/contracts/tools";
import { pathOf, subscriptions } from "@niivo/contracts/topology";
import { specify } from "@niivo/host/testing/specify";
import { sentence } from "@niivo/languages/sentences";
import { describe, expect, test } from "vitest";
import {
  agentActor,
  grantedMarginMs,
  modelAttemptsMax,
  peopleWaitMaxMs,
  ticketOf,
} from "./actor.ts";
import { remember } from "./remember.ts";
import type { RequestedAction } from "./requesting.ts";
import { stepMs } from "./steps.ts";
import type { AgentEvent, AgentInput } from "./ticket-messages.ts";
import type { TicketState } from "./ticket-state.ts";

const now = new Date("2026-01-01T08:00:00.000Z");
const ticket = "6f1c1d5e-8d9b-4b7e-9a55-0d7d7f0a0001";
const actor = agentActor("niivo-l1-desk");
const { given } = specify(actor, now);

const requester: Requester = {
  objectId: "c0a70500-0001-4000-8000-000000000001",
  tenantId: "c0a70500-0000-4000-8000-000000000000",
  displayName: "Lena Frei",
  userPrincipalName: "lena.frei@contoso.example",
  assurance: "verified",
  multifactor: true,
};

/** What a requester reads when a person takes over, where no language is known of them. */
const handedOverText = sentence("en", "requester.handed-over");

const received = {
  id: "6f1c1d5e-8d9b-4b7e-9a55-0d7d7f0a0002",
  customer: "contoso",
  ticket,
  time: now.toISOString(),
};
const opened: Extract<AgentInput, { type: "ticket.opened.v1" }> = {
  ...received,
  source: "tickets",
  type: "ticket.opened.v1",
  data: { requester, channel: "portal", text: "I forgot my password", seed: "5e".repeat(32) },
};
const due = (step: number): AgentInput => ({
  ...received,
  source: "agent",
  type: "step.due.v1",
  data: { step },
});

const about = ({ data }: RequestedAction) => ({
  actionId: data.action.id,
  digest: data.digest,
  tool: data.action.tool,
});
const completed = (of: RequestedAction, result: Record<string, unknown>): AgentInput => ({
  ...received,
  source: "broker",
  type: "action.completed.v1",
  data: { ...about(of), mode: "log", result: result as never, costMicroChf: 0 },
});
const failed = (of: RequestedAction, code = "graph-refused"): AgentInput => ({
  ...received,
  source: "broker",
  type: "action.failed.v1",
  data: { ...about(of), mode: "log", code, detail: "a sentence", costMicroChf: 0 },
});
const unknown = (of: RequestedAction): AgentInput => ({
  ...received,
  source: "broker",
  type: "action.unknown.v1",
  data: { ...about(of), mode: "log", detail: "a sentence" },
});
const denied = (of: RequestedAction, code = "no-permit"): AgentInput => ({
  ...received,
  source: "policy",
  type: "action.denied.v1",
  data: { ...about(of), code, detail: "a sentence" },
});
const peopleAsked = (of: RequestedAction, expiresAt: string): AgentInput => ({
  ...received,
  source: "policy",
  type: "approval.required.v1",
  data: {
    action: of.data.action,
    digest: of.data.digest,
    requester,
    basis: { policySet: "aa".repeat(32), policies: ["permit"] },
    terms: {
      group: "c0a70500-0002-4000-8000-000000000001",
      groupName: "identity-approvers",
      quorum: 1,
      expiresAt,
    },
    reason: "because",
  },
});

type Written = readonly [name: string, args: unknown];
const says = (of: RequestedAction, text: string | null, ...calls: readonly Written[]): AgentInput =>
  completed(of, {
    text,
    toolCalls: calls.map(([name, args], index) => ({
      id: `m${index}`,
      name,
      arguments: typeof args === "string" ? args : JSON.stringify(args),
    })),
    model: "any",
    promptTokens: 1,
    completionTokens: 1,
  });

/** Plays inputs one after the other; `last` is the newest decision. */
function play(...moves: readonly (AgentInput | ((last: Run) => AgentInput))[]): Run {
  let state: TicketState = actor.initialState;
  let run: Run = { state, decided: [], history: [] };
  for (const move of moves) {
    const input = typeof move === "function" ? move(run) : move;
    const decided = actor.decide(input, state, now);
    state = decided.reduce(remember, state);
    run = { state, decided, history: [...run.history, ...decided] };
  }
  return run;
}
interface Run {
  readonly state: TicketState;
  readonly decided: readonly AgentEvent[];
  readonly history: readonly AgentEvent[];
}
const requests = ({ decided }: Pick<Run, "decided">): RequestedAction[] =>
  decided.filter((event) => event.type === "action.requested.v1");
const request = (run: Pick<Run, "decided">, index = 0): RequestedAction => requests(run)[index]!;
const types = ({ decided }: Pick<Run, "decided">) =>
  decided.map(({ type }) => type).filter((type) => !type.startsWith("note."));
const escalation = ({ decided }: Run) =>
  decided.find((event) => event.type === "ticket.escalated.v1")?.data.code;

const user = { user: "lena.frei@contoso.example" };
const acting = (...calls: readonly Written[]) =>
  play(opened, (last) => says(request(last), "Let me see.", ...calls));

describe("asking", () => {
  test("an opened ticket sets a deadline and asks the model", () => {
    const run = play(opened);
    expect(types(run)).toEqual(["step.due.v1", "action.requested.v1"]);
    expect(run.decided.find((event) => event.type === "step.due.v1")?.notBefore).toBe(
      new Date(now.getTime() + stepMs).toISOString(),
    );
    const { action, step } = request(run).data;
    expect(action).toMatchObject({
      ticket,
      customer: "contoso",
      agent: "niivo-l1-desk",
      tool: "model.respond",
    });
    expect(step).toBe(1);
    expect(ModelRespond.arguments.parse(action.arguments).tools).toContain("password.reset");
  });

  test("every decision of a whole ticket is pure and of its contract", () => {
    const first = play(opened);
    given()
      .when(opened)
      .decides(...first.decided);
    const input = says(request(first), "Looking.", ["user.facts", user]);
    const second = play(opened, input);
    given(...first.history)
      .when(input)
      .decides(...second.decided);
    for (const { type, data } of requests(second))
      expect(agentTopic.events[type].shape.data.parse(data)).toEqual(data);
  });

  test("G2: ids, nonces and digests are functions of the place, and no two are alike", () => {
    const calls = [
      ["user.facts", user],
      ["user.facts", user],
    ] as const;
    const [one, other] = [acting(...calls), acting(...calls)];
    expect(requests(one)).toEqual(requests(other));
    const [a, b] = requests(one).map(({ data }) => data);
    expect(a?.digest).toBe(actionDigest(a!.action));
    expect(a?.action.arguments).toEqual(b?.action.arguments);
    expect(new Set([a?.action.id, b?.action.id]).size).toBe(2);
    expect(new Set([a?.action.nonce, b?.action.nonce]).size).toBe(2);
    expect(new Set([a?.digest, b?.digest]).size).toBe(2);
  });

  test("G6: calls are requested together, in the model's order, with its text as the reason", () => {
    const run = acting(["user.facts", user], ["password_reset", user]);
    expect(requests(run).map(({ data }) => data.action.tool)).toEqual([
      "user.facts",
      "password.reset",
    ]);
    expect(request(run).data.reason).toBe("Let me see.");
  });

  test("G6: a tool that does not exist is requested all the same: policy denies it, on record", () => {
    expect(request(acting(["message_broadcast", { text: "hi" }])).data.action.tool).toBe(
      "message.broadcast",
    );
  });

  test.each([
    ["no name", ["drop table;", {}]],
    ["no JSON", ["user.facts", "{"]],
    ["no object", ["user.facts", "[1]"]],
    ["a fraction, which no digest can carry", ["user.facts", '{"user":1.5}']],
    ["half a character, which no digest can carry", ["user.facts", '{"user":"\\ud800"}']],
    ["a prototype", ["user.facts", '{"__proto__":{"user":"x"}}']],
    ["nesting without end", ["user.facts", `{"a":${"[".repeat(5000)}${"]".repeat(5000)}}`]],
  ] as const)("G6: %s: nothing is requested, and the model is told", (_, call) => {
    const run = acting(call);
    expect(requests(run).map(({ data }) => data.action.tool)).toEqual(["model.respond"]);
    const { messages } = ModelRespond.arguments.parse(request(run).data.action.arguments);
    expect(messages.at(-1)).toMatchObject({
      role: "tool",
      content: expect.stringContaining("refused"),
    });
  });
});

describe("results", () => {
  test("the next step begins when the last result is there, and carries all of them", () => {
    const start = acting(["user.facts", user], ["password.reset", user], ["mfa.reset", user]);
    const [facts, password, mfa] = requests(start);
    const two = [completed(facts!, { objectId: "o" }), denied(password!, "approval-refused")];
    expect(play(opened, ...answers(start), ...two).decided).toEqual([
      expect.objectContaining({ type: "note.outcome" }),
    ]);
    const run = play(opened, ...answers(start), ...two, unknown(mfa!));
    const { messages } = ModelRespond.arguments.parse(request(run).data.action.arguments);
    expect(messages.filter(({ role }) => role === "tool").map(({ content }) => content)).toEqual([
      '{"objectId":"o"}',
      '{"denied":"approval-refused"}',
      '{"unknown":"nobody knows whether it happened"}',
    ]);
    expect(request(run).data.step).toBe(2);
  });

  test("G3: a result of another action, of another digest or for the second time decides nothing", () => {
    const start = acting(["user.facts", user], ["user.facts", user]);
    const [facts] = requests(start);
    const result = completed(facts!, {});
    const stranger = structuredClone(facts!);
    const altered = structuredClone(facts!);
    Object.assign(stranger.data.action, { id: ticket });
    Object.assign(altered.data, { digest: "00".repeat(32) });
    given(...start.history)
      .when(completed(stranger, {}))
      .decides();
    given(...start.history)
      .when(completed(altered, {}))
      .decides();
    given(...play(opened, ...answers(start), result).history)
      .when(result)
      .decides();
    given(...start.history)
      .when(peopleAsked(stranger, now.toISOString()))
      .decides();
  });

  test("a failed model call is asked once more as another action, then a person takes over", () => {
    expect(modelAttemptsMax).toBe(2);
    const again = play(opened, (last) => failed(request(last)));
    expect(types(again)).toEqual(["action.requested.v1"]);
    expect(request(again).data.action.id).not.toBe(request(play(opened)).data.action.id);
    expect(request(again).data.action.arguments).toEqual(
      request(play(opened)).data.action.arguments,
    );
    const over = play(
      opened,
      (last) => failed(request(last)),
      (last) => failed(request(last)),
    );
    expect(escalation(over)).toBe("model-failed");
  });

  test.each([
    ["denied", denied, "model-denied"],
    ["unknown", unknown, "model-unknown"],
    [
      "refused by its content filter",
      (of: RequestedAction) => failed(of, "content-filter"),
      "model-failed",
    ],
    [
      "not of its schema",
      (of: RequestedAction) => completed(of, { text: 1 }),
      "model-answer-invalid",
    ],
    ["silent", (of: RequestedAction) => says(of, "  "), "model-silent"],
  ] as const)("a model call that is %s: a person takes over", (_, input, code) => {
    const run = play(opened, (last) => input(request(last)));
    expect(escalation(run)).toBe(code);
    expect(request(run).data.action).toMatchObject({
      tool: "ticket.reply",
      arguments: { text: handedOverText },
    });
  });

  test.each(["de", "fr", "it", "en"] as const)(
    "a requester who reads %s is told so",
    (language) => {
      const data = { ...opened.data, requester: { ...requester, language } };
      const run = play({ ...opened, data }, (last) => denied(request(last)));
      expect(request(run).data.action.arguments).toEqual({
        text: sentence(language, "requester.handed-over"),
      });
    },
  );

  test("a result that completes after the ticket was handed over decides nothing", () => {
    const run = play(opened, (last) => denied(request(last)));
    given(...run.history)
      .when(completed(request(run), {}))
      .decides();
  });
});

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
    .filter(({ reader }) => reader === "agent")
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

/** The model's answer that led to `run`, to be played again. */
function answers(run: Run): AgentInput[] {
  const calls = requests(run).map(({ data }) => [data.action.tool, data.action.arguments] as const);
  return [says(request(play(opened)), "Let me see.", ...calls)];
}

function at(time: Date, history: readonly AgentEvent[], input: AgentInput): Run {
  const state = history.reduce(remember, actor.initialState);
  const decided = actor.decide(input, state, time);
  return { state: decided.reduce(remember, state), decided, history: [...history, ...decided] };
}
