// For tests: an execution, a fake Graph that remembers what it was asked, and a server on loopback.

import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { text } from "node:stream/consumers";
import type { GraphSessions } from "../graph-session.ts";
import { type Execution, failed, type Graph, type GraphAnswer } from "../ports.ts";
import { action, customer, ids, now, requester, target } from "./fixtures.ts";

const agent = customer.agents[0] ?? neverHappens();
export const linkKey = Buffer.alloc(32, 7).toString("base64");

export const execution = (change: Partial<Execution> = {}): Execution => ({
  action,
  requester,
  target,
  startedAt: now,
  customer,
  agent,
  readSecret: async (name) => ({
    kind: "secret",
    value: () => (name === "secret-link-key" ? linkKey : `value of ${name}`),
  }),
  work: { requestId: ids.action, signal: new AbortController().signal },
  ...change,
});

export const ok = (body: unknown = undefined): GraphAnswer => ({ kind: "ok", body });
export const refused = (status: number, code = "none"): GraphAnswer => ({
  kind: "refused",
  status,
  code,
});
export const unclear: GraphAnswer = { kind: "unclear", code: "503" };

type Reply = (call: string, body: object | undefined) => GraphAnswer | Promise<GraphAnswer>;

/** Answers `METHOD /path` by `reply`; `calls` lists them in order. */
export function fakeGraph(reply: Reply) {
  const calls: string[] = [];
  const answer = async (call: string, body?: object) => {
    calls.push(call);
    return await reply(call, body);
  };
  const graph = {
    get: (path) => answer(`GET ${path}`),
    post: (path, body) => answer(`POST ${path}`, body),
    patch: (path, body) => answer(`PATCH ${path}`, body),
    remove: (path) => answer(`DELETE ${path}`),
  } satisfies Graph;
  return { graph, calls };
}

/** Sessions that always open this Graph, and say as whom. */
export function sessionsOf(graph: Graph) {
  const openedAs: string[] = [];
  const sessions = {
    asApplication: async ({ name }) => {
      openedAs.push(name);
      return { kind: "ready", graph };
    },
    asAgent: async ({ name }) => {
      openedAs.push(name);
      return { kind: "ready", graph };
    },
  } satisfies GraphSessions;
  return { sessions, openedAs };
}

export const noSessions: GraphSessions = {
  asApplication: async () => failed("token-refused", "no"),
  asAgent: async () => failed("token-refused", "no"),
};

export interface SeenRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingMessage["headers"];
  readonly body: string;
}

/** A server of the test's own; close it with `await using`. */
export async function localServer(
  answer: (seen: SeenRequest, response: ServerResponse) => void,
): Promise<{ origin: string; seen: SeenRequest[]; [Symbol.asyncDispose]: () => Promise<void> }> {
  const seen: SeenRequest[] = [];
  const server = createServer(async (request, response) => {
    const body = await text(request);
    const { method = "", url = "", headers } = request;
    const one = { method, url, headers, body };
    seen.push(one);
    answer(one, response);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : neverHappens();
  return {
    origin: `http://127.0.0.1:${port}`,
    seen,
    [Symbol.asyncDispose]: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

export const json = (response: ServerResponse, status: number, body: unknown, headers = {}) =>
  response
    .writeHead(status, { "content-type": "application/json", ...headers })
    .end(JSON.stringify(body));

function neverHappens(): never {
  throw new Error("a fixture is broken");
}
