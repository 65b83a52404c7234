// What was said between the model and its tools on one ticket, kept within a budget. Pure.
//
// The truncation rule, in this order: every part has its own limit; then the oldest tool results are
// shortened to a stub; then the oldest exchanges (an answer and all its results) are dropped whole, because
// a result without its call is no valid conversation.

import { canonicalJson } from "@niivo/contracts/canonical";
import { cut } from "@niivo/contracts/text";
import type { PromptMessage, ToolCall } from "@niivo/contracts/tools";

/** An answer's text, one call's arguments and one tool result, in characters. */
const answerTextMax = 4000;
const callArgumentsMax = 2000;
export const toolResultMax = 8000;

export const shortenedResult = '{"shortened":"an older result"}';
const shortenedArguments = '{"shortened":"too long to keep"}';

/** Bytes and messages. */
export interface Budget {
  readonly bytesMax: number;
  readonly messagesMax: number;
}

/** An answer of the model with the results of all its calls, ready to be remembered. */
export function exchange(
  text: string | null,
  calls: readonly { readonly call: ToolCall; readonly result: string }[],
): PromptMessage[] {
  return [
    {
      role: "assistant",
      content: text === null ? null : cut(text, answerTextMax),
      toolCalls: calls.map(({ call }) => shortCall(call)),
    },
    ...calls.map(({ call, result }) => ({
      role: "tool" as const,
      toolCallId: call.id,
      content: cut(result, toolResultMax),
    })),
  ];
}

const shortCall = (call: ToolCall): ToolCall =>
  call.arguments.length <= callArgumentsMax && call.arguments.isWellFormed()
    ? call
    : { ...call, arguments: shortenedArguments };

/** The transcript within the budget. It consists of whole exchanges before and after. */
export function fitted(transcript: readonly PromptMessage[], budget: Budget): PromptMessage[] {
  const fits = (messages: readonly PromptMessage[]): boolean =>
    messages.length <= budget.messagesMax && bytesOf(messages) <= budget.bytesMax;

  let messages = [...transcript];
  for (const [index, message] of messages.entries()) {
    if (bytesOf(messages) <= budget.bytesMax) break;
    if (message.role === "tool" && message.content.length > shortenedResult.length)
      messages[index] = { ...message, content: shortenedResult };
  }
  while (!fits(messages)) messages = withoutOldest(messages);
  return messages;
}

function withoutOldest(messages: readonly PromptMessage[]): PromptMessage[] {
  const next = messages.findIndex((message, index) => index > 0 && message.role === "assistant");
  return next === -1 ? [] : messages.slice(next);
}

/** UTF-8 bytes of the canonical form, which is what an action's size is measured by. */
export const bytesOf = (messages: readonly PromptMessage[]): number =>
  new TextEncoder().encode(canonicalJson(messages)).length;
