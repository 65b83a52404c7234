// The agent actor: what it asks for, and what the results lead to.

import { actionDigest } from "@niivo/contracts/action";
import { agent as agentTopic } from "@niivo/contracts/agent";
import { ModelRespond } from "@niivo/contracts/tools";
import { sentence } from "@niivo/languages/sentences";
import { describe, expect, test } from "vitest";
import {
  acting,
  answers,
  completed,
  denied,
  escalation,
  failed,
  given,
  handedOverText,
  now,
  opened,
  peopleAsked,
  play,
  request,
  requester,
  requests,
  says,
  ticket,
  types,
  unknown,
  user,
} from "../test/steps.ts";
import { modelAttemptsMax } from "./actor.ts";
import type { RequestedAction } from "./requesting.ts";
import { stepMs } from "./steps.ts";

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
