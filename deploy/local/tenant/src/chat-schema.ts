// The chat completions interface, request and answer
// (https://platform.openai.com/docs/api-reference/chat/create).
//
// Unknown fields pass, as they do at OpenAI: a newer client must not be refused for them.

import { z } from "zod";

const messagesMax = 1_000;
const toolsMax = 128;
const textMax = 1_000_000;

const Text = z.string().max(textMax);
const TextPart = z.looseObject({ type: z.literal("text"), text: Text });
const ToolCall = z.looseObject({
  id: z.string().min(1).max(200),
  type: z.literal("function"),
  function: z.looseObject({ name: z.string().min(1).max(64), arguments: Text }),
});
const Message = z.looseObject({
  role: z.enum(["system", "developer", "user", "assistant", "tool"]),
  content: z.union([Text, z.array(TextPart).max(messagesMax)]).nullish(),
  name: z.string().max(64).optional(),
  tool_calls: z.array(ToolCall).max(toolsMax).optional(),
  tool_call_id: z.string().max(200).optional(),
});
const Tool = z.looseObject({
  type: z.literal("function"),
  function: z.looseObject({
    name: z.string().min(1).max(64),
    description: z.string().optional(),
    parameters: z.record(z.string(), z.unknown()).optional(),
    strict: z.boolean().nullish(),
  }),
});
const NamedTool = z.looseObject({
  type: z.literal("function"),
  function: z.looseObject({ name: z.string().min(1).max(64) }),
});

export const ChatRequest = z.looseObject({
  model: z.string().min(1).max(200),
  messages: z.array(Message).min(1).max(messagesMax),
  tools: z.array(Tool).max(toolsMax).optional(),
  tool_choice: z.union([z.enum(["none", "auto", "required"]), NamedTool]).optional(),
  parallel_tool_calls: z.boolean().optional(),
  temperature: z.number().min(0).max(2).nullish(),
  max_tokens: z.int().min(1).nullish(),
  max_completion_tokens: z.int().min(1).nullish(),
  n: z.literal(1).nullish(),
  stream: z.boolean().nullish(),
  user: z.string().max(200).optional(),
});
export type ChatRequest = z.infer<typeof ChatRequest>;

export interface ChatToolCall {
  readonly id: string;
  readonly type: "function";
  readonly function: { readonly name: string; readonly arguments: string };
}

export interface ChatCompletion {
  readonly id: string;
  readonly object: "chat.completion";
  /** Unix seconds. */
  readonly created: number;
  readonly model: string;
  readonly choices: readonly {
    readonly index: number;
    readonly message: {
      readonly role: "assistant";
      readonly content: string | null;
      readonly refusal?: string | null;
      readonly tool_calls?: readonly ChatToolCall[];
    };
    readonly finish_reason: "stop" | "length" | "tool_calls" | "content_filter";
    readonly logprobs?: null;
  }[];
  readonly usage: {
    readonly prompt_tokens: number;
    readonly completion_tokens: number;
    readonly total_tokens: number;
  };
}
