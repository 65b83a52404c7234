// model.respond: one chat completion of the customer's own model deployment.
//
// Invariants:
//   R1. The key is read from the vault for this one request, and the client is made for it.
//   R2. An answer from another region than Switzerland North is not used.
//   R3. A call that may have been billed is charged: at the reserved maximum where usage is not known.

import { ModelRespond } from "@niivo/contracts/tools";
import { recordSeconds, recordTokens } from "@niivo/host/metrics";
import { tracedCall } from "@niivo/host/outbound-span";
import { attribute } from "@niivo/host/telemetry-names";
import { APIError, OpenAI } from "openai";
import { z } from "zod";
import { chatMessage, offeredTools, understood } from "./chat.ts";
import type { Outcome } from "./messages.ts";
import { completionTokensMax, modelCostMicroChf } from "./model-cost.ts";
import { callMs, type Execution, type Executor, type Failed, failed } from "./ports.ts";

const region = "switzerlandnorth";

/** The span and the metrics of one call (OpenTelemetry GenAI); neither has a word of prompt or answer. */
export const modelRespond: Executor = (execution) => {
  const model = execution.customer.model.deployment;
  const about = {
    [attribute.genAiOperation]: "chat",
    [attribute.genAiProvider]: "azure.ai.openai",
    [attribute.genAiModel]: model,
  };
  const beganAt = performance.now();
  return tracedCall(
    `chat ${model}`,
    { ...about, [attribute.requestId]: execution.work.requestId },
    async (span) => {
      const outcome = await respond(execution);
      recordSeconds("modelDuration", (performance.now() - beganAt) / 1000, about);
      if (outcome.kind === "failed") span.fail(outcome.code);
      const used = Usage.safeParse("result" in outcome ? outcome.result : undefined).data;
      if (used === undefined) return outcome;
      const { promptTokens: input, completionTokens: output } = used;
      span.set({ [attribute.genAiInputTokens]: input, [attribute.genAiOutputTokens]: output });
      recordTokens(input, { ...about, [attribute.genAiTokenType]: "input" });
      recordTokens(output, { ...about, [attribute.genAiTokenType]: "output" });
      return outcome;
    },
  );
};

const Usage = z.object({ promptTokens: z.number(), completionTokens: z.number() });

const respond: Executor = async (execution) => {
  const prompt = ModelRespond.arguments.safeParse(execution.action.arguments);
  if (!prompt.success) return failed("arguments-invalid", "The prompt has another form.");
  const { messages, tools } = prompt.data;
  const secret = await execution.readSecret(execution.customer.model.secret);
  if (secret.kind === "failed") return secret;
  const offered = offeredTools(tools);
  try {
    const { data, response } = await clientOf(execution, secret.value)
      .chat.completions.create(
        {
          model: execution.customer.model.deployment,
          messages: messages.map(chatMessage),
          max_completion_tokens: completionTokensMax,
          store: false,
          ...(offered.length === 0 ? {} : { tools: [...offered] }),
        },
        { signal: execution.work.signal },
      )
      .withResponse();
    if (!isInRegion(response.headers.get("x-ms-region")))
      return failed("residency", "The model answered from another region.", reserved); // R2
    return outcomeOf(understood(data, tools));
  } catch (error) {
    return refusal(error);
  }
};

const reserved = ModelRespond.costMaxMicroChf;

// R1. Everything that the library would take from the environment is set.
const clientOf = ({ customer, work }: Execution, key: () => string): OpenAI =>
  new OpenAI({
    baseURL: customer.model.endpoint,
    apiKey: async () => key(),
    organization: null,
    project: null,
    webhookSecret: null,
    adminAPIKey: null,
    maxRetries: 0,
    timeout: callMs,
    logLevel: "off",
    fetchOptions: { redirect: "error" },
    defaultHeaders: { "x-ms-client-request-id": work.requestId },
  });

/** An endpoint that names no region makes no claim; Azure OpenAI names it on every answer. */
const isInRegion = (named: string | null): boolean =>
  named === null || named.toLowerCase().replaceAll(/[^a-z]/g, "") === region;

function outcomeOf(answer: ReturnType<typeof understood>): Outcome {
  switch (answer.kind) {
    case "filtered":
      return failed("content-filtered", "The model's content filter stopped the answer.", reserved);
    case "invalid":
      return failed("invalid-response", "The model's answer has another form.", reserved);
    case "result": {
      const { promptTokens, completionTokens } = answer.result;
      const costMicroChf = modelCostMicroChf(promptTokens, completionTokens);
      return { kind: "completed", result: answer.result, costMicroChf };
    }
  }
}

// R3. An answer with a client error was not billed; silence, and an error of the server, may have been.
function refusal(error: unknown): Failed {
  if (!(error instanceof APIError) || error.status === undefined)
    return failed("model-unavailable", "The model did not answer in time.", reserved);
  const { status } = error;
  if (error.code === "content_filter")
    return failed("content-filtered", "The model's content filter refused the prompt.");
  if (status === 429) return failed("model-busy", "The model has no capacity now.");
  if (status >= 500) return failed("model-unavailable", `The model failed (${status}).`, reserved);
  return failed("model-refused", `The model refused the call (${status}).`);
}
