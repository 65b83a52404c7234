// Our prompt in the words of chat completions, and a completion in the closed form of `model.respond`. Pure.

import {
  catalogue,
  ModelRespond,
  type PromptMessage,
  replyTextMax,
  type ToolCall,
} from "@niivo/contracts/tools";
import type {
  ChatCompletion,
  ChatCompletionFunctionTool,
  ChatCompletionMessageParam,
} from "openai/resources/chat/completions";
import { z } from "zod";

type ModelResult = z.infer<typeof ModelRespond.result>;

// A function's name may have letters, digits, `_` and `-` only, of 64 at most; ours have dots.
const nameMax = 64;
const wireName = (name: string): string =>
  name.replaceAll(/[^A-Za-z0-9_-]/g, "_").slice(0, nameMax);

function schemaOf(shape: z.ZodType): Record<string, unknown> {
  const { $schema: _, ...schema } = z.toJSONSchema(shape);
  return schema;
}

/**
 * The one function that is no tool: the agent itself hands the ticket to a person, so it is never an
 * action and needs no permission.
 */
const handOver: ChatCompletionFunctionTool = {
  type: "function",
  function: {
    name: "escalate_to_human",
    description:
      "Hands the ticket to a person of the service desk, with what to tell the requester.",
    parameters: schemaOf(z.strictObject({ message: z.string().min(1).max(replyTextMax) })),
  },
};

/** The functions that the model is offered: those of `names` that exist and have a description. */
export const offeredTools = (names: readonly string[]): readonly ChatCompletionFunctionTool[] =>
  names.flatMap((name) => {
    if (name === handOver.function.name) return [handOver];
    const tool = catalogue[name];
    if (tool?.description === undefined) return [];
    const { description } = tool;
    const parameters = schemaOf(tool.arguments);
    return [{ type: "function", function: { name: wireName(name), description, parameters } }];
  });

export function chatMessage(message: PromptMessage): ChatCompletionMessageParam {
  switch (message.role) {
    case "system":
    case "user":
      return { role: message.role, content: message.content };
    case "assistant": {
      const { content, toolCalls } = message;
      // The interface refuses an empty list of calls.
      if (toolCalls.length === 0) return { role: "assistant", content: content ?? "" };
      return { role: "assistant", content, tool_calls: toolCalls.map(functionCall) };
    }
    case "tool":
      return { role: "tool", tool_call_id: message.toolCallId, content: message.content };
  }
}

const functionCall = ({ id, name, arguments: text }: ToolCall) => ({
  id,
  type: "function" as const,
  function: { name: wireName(name), arguments: text },
});

export type Understood =
  | { readonly kind: "result"; readonly result: ModelResult }
  | { readonly kind: "filtered" }
  | { readonly kind: "invalid" };

/** A completion that is not of the closed form is `invalid`; nothing of it is passed on. */
export function understood(completion: ChatCompletion, offered: readonly string[]): Understood {
  const choice = completion.choices?.[0];
  if (choice === undefined) return { kind: "invalid" };
  if (choice.finish_reason === "content_filter") return { kind: "filtered" };
  const ours = new Map(offered.map((name) => [wireName(name), name]));
  const calls = (choice.message.tool_calls ?? []).map((call) =>
    call.type === "function"
      ? {
          id: call.id,
          // What was not offered keeps the name that the model gave it; policy refuses it.
          name: ours.get(call.function.name) ?? call.function.name,
          arguments: call.function.arguments,
        }
      : undefined,
  );
  const result = ModelRespond.result.safeParse({
    text: choice.message.content ?? null,
    toolCalls: calls,
    model: completion.model,
    promptTokens: completion.usage?.prompt_tokens,
    completionTokens: completion.usage?.completion_tokens,
  });
  return result.success ? { kind: "result", result: result.data } : { kind: "invalid" };
}
