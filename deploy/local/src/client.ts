// The product as its users reach it, over HTTP: a requester's ticket, an auditor's trail and verification,
// an approver's press on a card. Used by the terminal commands, the demo and the system tests.

import { setTimeout as delay } from "node:timers/promises";
import { z } from "zod";

const callMs = 15_000;

export interface Endpoints {
  readonly intake: string;
  readonly audit: string;
  readonly tenant: string;
}

export const endpointsOf = (ports: {
  readonly intake: number;
  readonly audit: number;
  readonly tenantHttp: number;
}): Endpoints => ({
  intake: `http://127.0.0.1:${ports.intake}`,
  audit: `http://127.0.0.1:${ports.audit}`,
  tenant: `http://127.0.0.1:${ports.tenantHttp}`,
});

export const TicketStatus = z.object({
  id: z.string(),
  status: z.enum(["open", "waiting", "resolved", "escalated"]),
  summary: z.string().nullish(),
  code: z.string().nullish(),
});
export type TicketStatus = z.infer<typeof TicketStatus>;

const Trail = z.object({
  entries: z.array(
    z.object({
      seq: z.number(),
      hash: z.string(),
      line: z.string(),
      type: z.string(),
      outcome: z.string().nullish(),
    }),
  ),
});
export type TrailEntry = z.infer<typeof Trail>["entries"][number];

const Verification = z.object({
  verdict: z.string(),
  entries: z.number(),
  /** Entries that no checkpoint covers yet. */
  unattested: z.number(),
  /** The entry about this verification, where there is one. */
  recording: z.object({ seq: z.number().optional(), customer: z.string().optional() }),
  findings: z.array(
    z.object({ code: z.string(), from: z.number(), to: z.number(), detail: z.string() }),
  ),
});
export type Verification = z.infer<typeof Verification>;

const Checkpoint = z.object({
  size: z.number(),
  note: z.string(),
  anchors: z.record(z.string(), z.object({ size: z.number(), outcome: z.string() })),
});

const ChatMessage = z.object({
  id: z.string(),
  text: z.string().nullish(),
  card: z.unknown().optional(),
  updated: z.number().optional(),
});
export type ChatMessage = z.infer<typeof ChatMessage>;

const PressResult = z.object({
  statusCode: z.number(),
  type: z.string().optional(),
  value: z.unknown(),
});

/** A long chain takes its time. */
const exportMs = 300_000;

export class CallError extends Error {
  readonly status: number;
  readonly body: string;
  constructor(status: number, body: string, what: string) {
    super(`${what} answered ${status}: ${body.slice(0, 300)}`);
    this.name = "CallError";
    this.status = status;
    this.body = body;
  }
}

async function call(
  method: string,
  url: string,
  token?: string,
  body?: unknown,
  accept = "application/json",
): Promise<string> {
  const response = await fetch(url, {
    method,
    headers: {
      accept,
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      ...(body === undefined ? {} : { "content-type": "application/json" }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    signal: AbortSignal.timeout(callMs),
  });
  const text = await response.text();
  if (!response.ok) throw new CallError(response.status, text, `${method} ${url}`);
  return text;
}

const json = async (method: string, url: string, token?: string, body?: unknown) =>
  JSON.parse(await call(method, url, token, body)) as unknown;

/** The auditors' door. */
function auditClient(at: Pick<Endpoints, "audit">) {
  return {
    trail: async (token: string, id: string) => {
      const answer = await json("GET", `${at.audit}/v1/tickets/${id}/trail`, token).catch(notYet);
      return answer === undefined ? [] : Trail.parse(answer).entries;
    },
    /** The same as a page for people. */
    trailPage: (token: string, id: string) =>
      call("GET", `${at.audit}/v1/tickets/${id}/trail`, token, undefined, "text/html"),
    /** By which keys the chain's checkpoints are signed. Not there before the chain is. */
    keys: async (token: string, customer: string) => {
      const url = `${at.audit}/v1/customers/${customer}/keys`;
      const found = await json("GET", url, token).catch(notYet);
      return found === undefined ? undefined : z.object({ vkey: z.string() }).parse(found);
    },
    /** The newest checkpoint, and how far each anchor is. */
    checkpoint: async (token: string, customer: string) =>
      Checkpoint.parse(await json("GET", `${at.audit}/v1/customers/${customer}/checkpoint`, token)),
    verify: async (token: string, customer: string) =>
      Verification.parse(await json("GET", `${at.audit}/v1/customers/${customer}/verify`, token)),
    /** Resolves with a verification of a chain whose newest entry, its own included, stands under a checkpoint. */
    verifyAttested: async (token: string, customer: string, withinMs: number) => {
      const deadline = Date.now() + withinMs;
      for (;;) {
        const url = `${at.audit}/v1/customers/${customer}/verify`;
        const found = Verification.parse(await json("GET", url, token));
        const { seq = 0, customer: where } = found.recording;
        const isCovered = where !== customer || seq < found.entries;
        if (found.unattested === 0 && isCovered) return found;
        if (Date.now() > deadline) throw new Error(`${customer}: ${found.unattested} unattested`);
        await delay(500);
      }
    },
    /** The whole chain, or one ticket of it, as an archive that verifies without the service. */
    bundle: async (
      token: string,
      customer: string,
      about: { readonly ticket?: string; readonly values?: "true" } = {},
    ): Promise<Uint8Array> => {
      const url = `${at.audit}/v1/customers/${customer}/export?${new URLSearchParams(about)}`;
      const headers = { authorization: `Bearer ${token}` };
      const response = await fetch(url, { headers, signal: AbortSignal.timeout(exportMs) });
      if (!response.ok) throw new CallError(response.status, await response.text(), `GET ${url}`);
      return new Uint8Array(await response.arrayBuffer());
    },
    /** The chain's entries as canonical bytes, one a line, from `from` on. */
    entries: (token: string, customer: string, from: number, limit: number) =>
      call(
        "GET",
        `${at.audit}/v1/customers/${customer}/entries?from=${from}&limit=${limit}`,
        token,
      ),
  };
}

export type Client = ReturnType<typeof productClient>;

/** @throws CallError for every answer that is not a success; its body is the problem document. */
export function productClient(at: Endpoints) {
  const ticket = async (token: string, id: string) =>
    TicketStatus.parse(await json("GET", `${at.intake}/v1/tickets/${id}`, token));
  const chats = async (person: string) => {
    const url = `${at.tenant}/emulator/chats?person=${encodeURIComponent(person)}`;
    return z.object({ messages: z.array(ChatMessage) }).parse(await json("GET", url)).messages;
  };
  return {
    endpoints: at,
    /** The demo's way to be somebody: the tenant emulator asks for no password. */
    signIn: async (person: string, claims: Readonly<Record<string, unknown>> = {}) => {
      const answer = await json("POST", `${at.tenant}/emulator/sign-in`, undefined, {
        person,
        ...claims,
      });
      return z.object({ access_token: z.string() }).parse(answer).access_token;
    },
    openTicket: async (token: string, text: string) =>
      z
        .object({ id: z.string() })
        .parse(await json("POST", `${at.intake}/v1/tickets`, token, { text })).id,
    ticket,
    /** Resolves when the ticket is resolved or escalated. @throws Error after `withinMs`. */
    ticketEnds: async (token: string, id: string, withinMs: number, everyMs = 100) => {
      const deadline = Date.now() + withinMs;
      for (;;) {
        // The ticket exists once its command is handled, a moment after it was accepted.
        const now = await ticket(token, id).catch(notYet);
        if (now?.status === "resolved" || now?.status === "escalated") return now;
        if (Date.now() > deadline) throw new Error(`ticket ${id} is ${now?.status ?? "unknown"}`);
        await delay(everyMs);
      }
    },
    ...auditClient(at),
    chats,
    /** The card in a person's chat that still has buttons and mentions `actionId`, when it is there. */
    openCard: async (person: string, withinMs: number, except: ReadonlySet<string> = new Set()) => {
      const deadline = Date.now() + withinMs;
      for (;;) {
        const found = (await chats(person)).findLast(
          ({ id, card }) =>
            !except.has(id) && JSON.stringify(card ?? {}).includes("Action.Execute"),
        );
        if (found !== undefined) return found;
        if (Date.now() > deadline) throw new Error(`${person} has no open card`);
        await delay(100);
      }
    },
    press: async (
      person: string,
      activityId: string,
      verb: "grant" | "refuse",
      overrides?: Readonly<Record<string, unknown>>,
    ) =>
      PressResult.parse(
        await json("POST", `${at.tenant}/emulator/press`, undefined, {
          person,
          activityId,
          verb,
          ...(overrides === undefined ? {} : { overrides }),
        }),
      ),
    /** Every state-changing call that reached the emulated Graph or connector, in order. */
    effects: async () =>
      z
        .array(z.looseObject({ method: z.string(), path: z.string() }))
        .parse(await json("GET", `${at.tenant}/emulator/effects`)),
    addFault: (fault: Readonly<Record<string, unknown>>) =>
      call("POST", `${at.tenant}/emulator/faults`, undefined, fault),
    faultsLeft: async () =>
      z.object({ left: z.number() }).parse(await json("GET", `${at.tenant}/emulator/faults`)).left,
    clearFaults: () => call("DELETE", `${at.tenant}/emulator/faults`),
  };
}

const notYet = (error: unknown): undefined => {
  if (error instanceof CallError && error.status === 404) return undefined;
  throw error;
};
