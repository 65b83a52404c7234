// The model's answer, read: which actions it asks for, and what it is told where it asked for nothing that
// exists. Pure. The model's words choose a name and arguments, and nothing else (G6).

import { languageOfRequester } from "@niivo/contracts/action";
import { defaultLanguage } from "@niivo/contracts/language";
import { cut } from "@niivo/contracts/text";
import { ModelRespond, type ToolCall } from "@niivo/contracts/tools";
import { sentence } from "@niivo/languages/sentences";
import type { z } from "zod";
import { callArguments } from "./call-arguments.ts";
import { pendingOf, type RequestedAction, requested } from "./requesting.ts";
import type { Call, Memory } from "./ticket-state.ts";
import { calledTool } from "./tools.ts";

type Answer = z.infer<typeof ModelRespond.result>;

const defaultReason = "The model asks for this tool and gives no reason.";
/** A name in the transcript is one that the chat completions interface accepts, or a tool's own. */
const calledNameMax = 64;

/** What the requester is told when a person takes over, in the requester's language. */
export const escalationText = ({ ticket: { requester } }: Memory): string =>
  sentence(languageOfRequester(requester) ?? defaultLanguage, "requester.handed-over");

/** The parsed answer, or undefined where the result of `model.respond` is not of its schema. */
export function modelAnswer(result: unknown): Answer | undefined {
  const parsed = ModelRespond.result.safeParse(result);
  return parsed.success ? parsed.data : undefined;
}

export interface ReadAnswer {
  readonly calls: readonly Call[];
  readonly requests: readonly RequestedAction[];
  readonly escalation: string | null;
}

/** Numbers the calls in the model's order and requests those that an action can carry. */
export function readCalls(agent: string, memory: Memory, answer: Answer): ReadAnswer {
  const reason = textOf(answer) ?? defaultReason;
  const calls: Call[] = [];
  const requests: RequestedAction[] = [];
  let escalation: string | null = null;

  for (const [index, written] of answer.toolCalls.entries()) {
    // The model's own call ids may repeat; ours never do.
    const call = { ...written, id: `call-${memory.step}-${index + 1}` };
    const tool = calledTool(written.name);
    const read = callArguments(written.arguments);
    if (tool.kind === "escalation") {
      escalation ??= messageOf(read) ?? escalationText(memory);
      calls.push({ call, pending: null, result: '{"handed over":true}' });
    } else if (tool.kind === "invalid") {
      calls.push(refused({ ...call, name: printable(written.name) }, "no tool has such a name"));
    } else if (read.kind === "invalid") {
      calls.push(refused({ ...call, name: tool.name }, "the arguments are no valid JSON object"));
    } else {
      const wanted = { tool: tool.name, arguments: read.arguments, reason };
      const request = requested(agent, memory, memory.asked + requests.length, wanted);
      requests.push(request);
      calls.push({
        call: { ...call, name: tool.name },
        pending: pendingOf(request),
        result: null,
      });
    }
  }
  return { calls, requests, escalation };
}

/** The answer's text, or undefined where it has none to show. */
export function textOf({ text }: Answer): string | undefined {
  const trimmed = text?.toWellFormed().trim();
  return trimmed === "" ? undefined : trimmed;
}

const refused = (call: ToolCall, why: string): Call => ({
  call,
  pending: null,
  result: JSON.stringify({ refused: why }),
});

const printable = (name: string): string =>
  cut(name.replaceAll(/[^A-Za-z0-9_-]/g, "_"), calledNameMax).replaceAll("…", "_");

function messageOf(read: ReturnType<typeof callArguments>): string | undefined {
  const message = read.kind === "object" ? read.arguments["message"] : undefined;
  return typeof message === "string" && message.trim() !== "" ? message.trim() : undefined;
}
