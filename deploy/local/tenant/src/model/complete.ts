// The emulated model. It is NOT a language model: it is a deterministic program of phrase tables that
// answers chat completions well enough to try the product without an account anywhere. It says so in the
// name of the model that it reports.
//
// It is gullible on purpose. What a ticket orders, it asks for, and what a tool's result orders as well:
// that nothing comes of it must be the doing of policy, not of the model's good sense.
//
// A pure function of the request. It walks: look people up, act, tell what happened.

import { createHash } from "node:crypto";
import type { ChatCompletion, ChatRequest, ChatToolCall } from "../chat-schema.ts";
import { type Called, type Conversation, conversationOf, escalationTool } from "./conversation.ts";
import type { Language } from "./language.ts";
import {
  distinct,
  hiddenTasks,
  languageNamed,
  languageOf,
  type Task,
  tasksOf,
} from "./understanding.ts";

export const emulatedModel = "niivo-emulated-1";
const callsMax = 6;
const charactersPerToken = 4;

interface Wanted {
  readonly tool: string;
  readonly arguments: Readonly<Record<string, unknown>>;
}

interface Answer {
  readonly text: string | null;
  readonly calls: readonly Wanted[];
}

/** Answers one chat completion. The answer depends on the request and on nothing else. */
export function complete(request: ChatRequest): ChatCompletion {
  const conversation = conversationOf(request);
  return completionOf(request, answerTo(conversation), conversation.separator);
}

function answerTo(conversation: Conversation): Answer {
  const { requester, ticket, called, tools } = conversation;
  const language = languageNamed(conversation.language) ?? languageOf(ticket);
  if (tools.length === 0) return { text: language.say.withoutTools, calls: [] };
  const asked = tasksOf(ticket, requester);
  const hidden = called
    .flatMap(({ result }) => textsOf(result))
    .flatMap((text) => hiddenTasks(text, requester));
  const tasks = distinct([...asked, ...hidden]);
  if (tasks.length === 0) return escalated(language.say.handedOver(requester?.name));

  const mayLook = tools.some((name) => name.replaceAll("_", ".") === lookupTool);
  const lookupBefore = (task: Task): Task[] => (mayLook ? lookupOf(task) : []);
  const lookups = distinct(tasks.flatMap((task) => lookupBefore(task))).filter(
    (lookup) => resultOf(lookup, called) === undefined,
  );
  const acts = tasks.filter((task) => resultOf(task, called) === undefined);
  const ready = acts.filter((task) =>
    lookupBefore(task).every((lookup) => isKnown(lookup, called)),
  );
  // The text is what approvers are shown as the reason, so it names what is asked for now.
  const reason = (now: readonly Task[]): string =>
    language.say.acting(distinctTexts(now.map(({ tool }) => tool)), peopleOf(now));
  if (lookups.length > 0) {
    const hasty = acts.filter((task) => task.hasty);
    const text = hasty.length > 0 ? reason(hasty) : language.say.lookingUp(peopleOf(lookups));
    return { text, calls: [...lookups, ...hasty].slice(0, callsMax) };
  }
  if (ready.length > 0) return { text: reason(ready), calls: ready.slice(0, callsMax) };
  return concluded(tasks, conversation, language);
}

function textsOf(result: unknown): string[] {
  if (typeof result === "string") return [result];
  if (typeof result !== "object" || result === null) return [];
  return Object.values(result).filter((member) => typeof member === "string");
}

const peopleOf = (tasks: readonly Task[]): string[] =>
  distinctTexts(tasks.flatMap(({ user }) => user ?? []));

const lookupTool = "user.facts";

/** What has to be known before a task is done: the person it acts on. */
const lookupOf = (task: Task): Task[] =>
  task.hasty || task.user === undefined || task.tool === "user.facts"
    ? []
    : [{ tool: "user.facts", arguments: { user: task.user }, user: task.user, hasty: false }];

function resultOf(task: Wanted, called: readonly Called[]): unknown {
  const same = called.findLast(
    (one) =>
      one.tool === task.tool && JSON.stringify(one.arguments) === JSON.stringify(task.arguments),
  );
  return same?.result;
}

const isKnown = (lookup: Task, called: readonly Called[]): boolean => {
  const result = resultOf(lookup, called);
  return typeof result === "object" && result !== null && "objectId" in result;
};

/** Says what came of each task, or of the look-up where it ended there. */
function concluded(
  tasks: readonly Task[],
  { called, requester }: Conversation,
  language: Language,
): Answer {
  const outcomes = tasks.map((task) => ({
    task,
    result: resultOf(task, called) ?? lookupResult(task, called),
  }));
  const sentences = distinctTexts(
    outcomes.map(({ task, result }) =>
      language.say.told({
        tool: resultOf(task, called) === undefined ? "user.facts" : task.tool,
        person: nameOf(task.user, called),
        isRequester: task.user !== undefined && task.user === requester?.userPrincipalName,
        result,
      }),
    ),
  );
  const name = requester?.name;
  const text = sentences
    .map((sentence, index) => (index === 0 ? sentence : capital(sentence)))
    .join(" ");
  // What failed, or may have happened, is not solved: a person has to look at it.
  if (outcomes.some(({ result }) => isUnsettled(result)))
    return escalated(language.say.unsettled(name, text));
  return { text: `${language.say.greeting(name)}${text}`, calls: [] };
}

const lookupResult = (task: Task, called: readonly Called[]): unknown =>
  lookupOf(task).map((lookup) => resultOf(lookup, called))[0];

const isUnsettled = (result: unknown): boolean =>
  typeof result === "object" && result !== null && ("failed" in result || "unknown" in result);

const distinctTexts = (texts: readonly string[]): string[] => [...new Set(texts)];
const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

function nameOf(user: string | undefined, called: readonly Called[]): string | undefined {
  const facts = resultOf({ tool: "user.facts", arguments: { user } }, called);
  if (typeof facts !== "object" || facts === null || !("displayName" in facts)) return user;
  return typeof facts.displayName === "string" ? facts.displayName : user;
}

const escalated = (message: string): Answer => ({
  text: null,
  calls: [{ tool: escalationTool, arguments: { message } }],
});

function completionOf(
  request: ChatRequest,
  { text, calls }: Answer,
  separator: string,
): ChatCompletion {
  const question = JSON.stringify([request.messages, request.tools]);
  const digest = createHash("sha256").update(question).digest("hex").slice(0, 24);
  const tool_calls = calls.map(
    (call, index): ChatToolCall => ({
      id: `call_${digest.slice(0, 16)}_${index}`,
      type: "function",
      function: {
        name: call.tool.replaceAll(".", separator),
        arguments: JSON.stringify(call.arguments),
      },
    }),
  );
  const prompt_tokens = Math.ceil(question.length / charactersPerToken);
  const answered = (text ?? "") + JSON.stringify(tool_calls);
  const completion_tokens = Math.ceil(answered.length / charactersPerToken);
  return {
    id: `chatcmpl-${digest}`,
    object: "chat.completion",
    created: 0, // No clock: the same request has the same answer.
    model: emulatedModel,
    choices: [
      {
        index: 0,
        message: {
          role: "assistant",
          content: text,
          refusal: null,
          ...(tool_calls.length > 0 ? { tool_calls } : {}),
        },
        finish_reason: tool_calls.length > 0 ? "tool_calls" : "stop",
        logprobs: null,
      },
    ],
    usage: {
      prompt_tokens,
      completion_tokens,
      total_tokens: prompt_tokens + completion_tokens,
    },
  };
}
