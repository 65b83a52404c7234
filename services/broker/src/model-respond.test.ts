// model.respond: the OpenAI client over a real socket.

import type { ServerResponse } from "node:http";
import { ModelRespond, type PromptMessage } from "@niivo/contracts/tools";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { completionTokensMax } from "./model-cost.ts";
import { modelRespond } from "./model-respond.ts";
import { execution, json, localServer, type SeenRequest } from "./testing/executions.ts";
import { action, customer, ids } from "./testing/fixtures.ts";

type Answer = (seen: SeenRequest, response: ServerResponse) => void;
const completion = (message: object, change: object = {}) => ({
  id: "c1",
  object: "chat.completion",
  created: 0,
  model: "gpt-of-the-day",
  choices: [{ index: 0, message: { role: "assistant", ...message }, finish_reason: "stop" }],
  usage: { prompt_tokens: 1000, completion_tokens: 100, total_tokens: 1100 },
  ...change,
});
const swiss = { "x-ms-region": "Switzerland North" };
const say =
  (body: unknown, headers: object = swiss, status = 200): Answer =>
  (_, response) =>
    json(response, status, body, headers);

const messages: PromptMessage[] = [
  { role: "system", content: "You help." },
  { role: "user", content: "I forgot my password." },
  {
    role: "assistant",
    content: null,
    toolCalls: [{ id: "t1", name: "user.facts", arguments: '{"user":"x@y.ch"}' }],
  },
  { role: "tool", toolCallId: "t1", content: "{}" },
  { role: "assistant", content: "One moment.", toolCalls: [] },
];
const tools = [
  "user.facts",
  "password.reset",
  "model.respond",
  "account.delete",
  "escalate_to_human",
];

async function respond(answer: Answer, prompt: object = { messages, tools }) {
  await using server = await localServer(answer);
  const model = { ...customer.model, endpoint: `${server.origin}/openai/v1` };
  const outcome = await modelRespond(
    execution({
      customer: { ...customer, model },
      action: {
        ...action,
        tool: "model.respond",
        arguments: z.record(z.string(), z.json()).parse(prompt),
      },
    }),
  );
  return { outcome, seen: server.seen };
}

describe("model.respond", () => {
  test("R1 asks the customer's deployment, with the key that was read for this call", async () => {
    const { seen } = await respond(say(completion({ content: "Hello" })));
    const [request] = seen;
    expect(request?.url).toBe("/openai/v1/chat/completions");
    expect(request?.headers.authorization).toBe("Bearer value of model-key");
    expect(request?.headers["x-ms-client-request-id"]).toBe(ids.action);
    expect(JSON.parse(request?.body ?? "")).toMatchObject({
      model: "gpt",
      max_completion_tokens: completionTokensMax,
      store: false,
      messages: [
        { role: "system", content: "You help." },
        { role: "user" },
        {
          role: "assistant",
          tool_calls: [{ id: "t1", type: "function", function: { name: "user_facts" } }],
        },
        { role: "tool", tool_call_id: "t1" },
        { role: "assistant", content: "One moment." },
      ],
    });
  });
  test("offers only tools that exist and have a description, with their arguments' schema", async () => {
    const { seen } = await respond(say(completion({ content: "Hello" })));
    const Body = z.object({
      tools: z.array(z.object({ function: z.object({ name: z.string(), parameters: z.json() }) })),
    });
    const { tools: offered } = Body.parse(JSON.parse(seen[0]?.body ?? ""));
    expect(offered.map((one) => one.function.name)).toEqual([
      "user_facts",
      "password_reset",
      "escalate_to_human",
    ]);
    expect(offered[0]?.function.parameters).toMatchObject({
      type: "object",
      required: ["user"],
      additionalProperties: false,
    });
  });
  test("gives text, calls under our names, usage and its cost", async () => {
    const tool_calls = [
      { id: "t2", type: "function", function: { name: "password_reset", arguments: '{"user":' } },
      { id: "t3", type: "function", function: { name: "delete_all", arguments: "" } },
    ];
    const { outcome } = await respond(say(completion({ content: null, tool_calls })));
    expect(outcome).toEqual({
      kind: "completed",
      result: {
        text: null,
        toolCalls: [
          { id: "t2", name: "password.reset", arguments: '{"user":' },
          { id: "t3", name: "delete_all", arguments: "" },
        ],
        model: "gpt-of-the-day",
        promptTokens: 1000,
        completionTokens: 100,
      },
      costMicroChf: 2250,
    });
  });
  test("the cost is never more than what was reserved", async () => {
    const usage = { prompt_tokens: 10_000_000, completion_tokens: 1, total_tokens: 10_000_001 };
    const { outcome } = await respond(say(completion({ content: "x" }, { usage })));
    expect(outcome).toMatchObject({ costMicroChf: ModelRespond.costMaxMicroChf });
  });
  test("R2 an answer from another region is not used, and its text goes nowhere", async () => {
    const text = "a Swedish answer";
    const { outcome } = await respond(
      say(completion({ content: text }), { "x-ms-region": "Sweden Central" }),
    );
    expect(outcome).toMatchObject({ kind: "failed", code: "residency" });
    expect(JSON.stringify(outcome)).not.toContain(text);
  });
  test("R2 an endpoint that names no region makes no claim", async () => {
    const { outcome } = await respond(say(completion({ content: "x" }), {}));
    expect(outcome.kind).toBe("completed");
  });
  const many = Array.from({ length: 9 }, (_, n) => ({
    id: `t${n}`,
    type: "function",
    function: { name: "user_facts", arguments: "{}" },
  }));
  const stopped = { message: { content: "x" }, finish_reason: "content_filter", index: 0 };
  test.each([
    ["invalid-response", say(completion({ content: "x" }, { usage: undefined }))],
    ["invalid-response", say(completion({ content: null, tool_calls: many }))],
    ["invalid-response", say(completion({ content: "x".repeat(16_001) }))],
    ["invalid-response", say(completion({}, { choices: [] }))],
    ["content-filtered", say(completion({}, { choices: [stopped] }))],
    ["model-unavailable", say({ error: {} }, swiss, 500)],
    ["model-unavailable", ((_, response) => response.destroy()) as Answer],
  ])("R3 %s is charged at the reserved maximum, and asked once", async (code, answer) => {
    const { outcome, seen } = await respond(answer);
    expect(outcome).toMatchObject({
      kind: "failed",
      code,
      costMicroChf: ModelRespond.costMaxMicroChf,
    });
    expect(seen).toHaveLength(1);
  });
  const filtered = { error: { code: "content_filter", message: "Ms. Frei wrote …" } };
  test.each([
    ["content-filtered", say(filtered, swiss, 400)],
    ["model-busy", say({ error: { code: "429" } }, { ...swiss, "retry-after": "0" }, 429)],
    ["model-refused", say({ error: { code: "invalid_api_key" } }, swiss, 401)],
  ])("R3 %s costs nothing, and is asked once", async (code, answer) => {
    const { outcome, seen } = await respond(answer);
    expect(outcome).toMatchObject({ kind: "failed", code, costMicroChf: 0 });
    expect(JSON.stringify(outcome)).not.toContain("Frei");
    expect(seen).toHaveLength(1);
  });
  test("O1 a redirect is not followed with the key", async () => {
    await using stranger = await localServer(say(completion({ content: "x" })));
    const away: Answer = (_, response) =>
      response.writeHead(307, { location: stranger.origin }).end();
    expect((await respond(away)).outcome.kind).toBe("failed");
    expect(stranger.seen).toEqual([]);
  });
  test("a prompt of another form is not sent", async () => {
    const { outcome, seen } = await respond(say({}), { messages: [], tools: [] });
    expect(outcome).toMatchObject({ code: "arguments-invalid" });
    expect(seen).toEqual([]);
  });
});
