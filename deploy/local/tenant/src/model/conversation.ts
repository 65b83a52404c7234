// What the emulated model finds in a request: who asks, what they wrote, what was called and what came of
// it. The messages are all it has: it keeps nothing between requests.

import type { ChatRequest } from "../chat-schema.ts";

export interface Requester {
  readonly name: string;
  readonly userPrincipalName: string;
  readonly domain: string;
}

export interface Called {
  /** With dots, as NIIVO writes it. */
  readonly tool: string;
  readonly arguments: unknown;
  /** Undefined until its result is among the messages. */
  readonly result: unknown;
}

export interface Conversation {
  readonly requester: Requester | undefined;
  /** Which the system message says the requester reads, as a BCP 47 primary subtag. */
  readonly language: string | undefined;
  readonly ticket: string;
  readonly called: readonly Called[];
  readonly tools: readonly string[];
  /** How the offered names separate their parts. */
  readonly separator: "." | "_";
}

export function conversationOf(request: ChatRequest): Conversation {
  const { messages } = request;
  const texts = (role: string): string[] =>
    messages.filter((message) => message.role === role).map(({ content }) => textOf(content));
  const offered = request.tool_choice === "none" ? [] : (request.tools ?? []);
  const tools = offered.map((tool) => tool.function.name);
  const results = new Map(
    messages
      .filter((message) => message.role === "tool")
      .map(({ tool_call_id, content }) => [tool_call_id, parsed(textOf(content))]),
  );
  const instructions = [...texts("system"), ...texts("developer")].join("\n");
  return {
    requester: requesterIn(instructions),
    language: /requester's language is [^(\n]{1,60}\(([a-z]{2})\)/i.exec(instructions)?.[1],
    ticket: ticketIn(texts("user")[0] ?? ""),
    called: messages.flatMap(({ tool_calls }) =>
      (tool_calls ?? []).map((call) => ({
        tool: dotted(call.function.name),
        arguments: parsed(call.function.arguments),
        result: results.get(call.id),
      })),
    ),
    tools,
    separator: tools.some((name) => name.includes(".")) ? "." : "_",
  };
}

/** The pseudo-tool that hands a ticket to a person keeps its underscores. */
export const escalationTool = "escalate_to_human";

const dotted = (name: string): string =>
  name === escalationTool ? name : name.replaceAll(/_+/g, ".");

function textOf(content: ChatRequest["messages"][number]["content"]): string {
  if (content === null || content === undefined) return "";
  return typeof content === "string" ? content : content.map(({ text }) => text).join("\n");
}

function requesterIn(text: string): Requester | undefined {
  const [, name, upn] = /requester is ([^<\n]{1,200}) <([^>\s]{3,256})>/i.exec(text) ?? [];
  if (name === undefined || upn === undefined) return undefined;
  const userPrincipalName = upn.toLowerCase();
  return { name: name.trim(), userPrincipalName, domain: userPrincipalName.split("@")[1] ?? "" };
}

// The ticket stands between two lines `ticket-…` and `/ticket-…`.
function ticketIn(content: string): string {
  const [, , inside] = /^(ticket-[0-9a-f]+)\n([\s\S]*)\n\/\1\s*$/.exec(content) ?? [];
  return inside ?? content;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
