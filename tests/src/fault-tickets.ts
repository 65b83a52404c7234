// Tickets that live through faults: one whose actions are only logged, one that people approve. What must
// be true of every ticket, whatever failed on its way:
//
//   F1. It ends, and its end is sealed.
//   F2. No action's effect is there twice, and none is there whose action did not complete or become unknown.
//   F3. Every action that was asked for has exactly one outcome in the chain.
//   F4. The chain verifies; nothing is missing in it and nothing was dead-lettered.

import { setTimeout as delay } from "node:timers/promises";
import { lockMs } from "@niivo/contracts/topology";
import type { TicketStatus, TrailEntry } from "@niivo/local/client";
import { z } from "zod";
import { journalTail } from "./journal-tail.ts";
import { contoso, type RunningSystem } from "./running-system.ts";

const lena = contoso.lenaFrei.userPrincipalName;
const approver = contoso.nadiaBrunner.userPrincipalName;
const stories = {
  log: { person: contoso.lenaFrei, text: "I forgot my password and cannot sign in." },
  approved: {
    person: contoso.svenGraf,
    text: `Please reset the password of ${lena}, she forgot it.`,
  },
} as const;
const pressEveryMs = 300;
/** Longer than the lock of a dead process and an effect's lease: it becomes `action.unknown` first. */
const endsMs = 200_000;
/** A step may have to wait for what the process killed in the row before had locked. */
const stepMs = lockMs + 40_000;
/** What a killed audit held comes again when its lock has run out, and is sealed then. */
const sealedMs = lockMs + 40_000;

const outcomeTypes = new Set([
  "action.completed.v1",
  "action.failed.v1",
  "action.unknown.v1",
  "action.denied.v1",
]);

export interface FaultTicket {
  readonly id: string;
  readonly token: string;
}

export function faultTickets({ system, client, auditor }: RunningSystem) {
  const journal = journalTail(system.journalFile);
  const patiently = async <T>(
    what: string,
    withinMs: number,
    work: () => Promise<T | undefined>,
  ) => {
    const deadline = Date.now() + withinMs;
    let last: unknown;
    for (;;) {
      try {
        const found = await work();
        if (found !== undefined) return found;
      } catch (error) {
        last = error; // A part is down: that is the point of these tests.
      }
      if (Date.now() > deadline) throw new Error(`not in ${withinMs} ms: ${what}`, { cause: last });
      await delay(50);
    }
  };

  return {
    endsMs,
    open: async (story: keyof typeof stories): Promise<FaultTicket> => {
      const { person, text } = stories[story];
      const token = await client.signIn(person.userPrincipalName, { mfa: true });
      return { token, id: await client.openTicket(token, text) };
    },
    /** Resolves when the bus has stored a message of this type about the ticket. */
    onBus: (ticket: FaultTicket, type: string, withinMs = stepMs) =>
      patiently(`${type} of ${ticket.id}`, withinMs, async () =>
        journal().some((one) => one.ticket === ticket.id && one.type === type) ? true : undefined,
      ),
    /** An approver who grants every card shown, and presses again while the card has buttons. */
    grantAll: () => grantAll(client),
    /** F1 to F3. */
    ends: async (ticket: FaultTicket, withinMs: number) => {
      const status = await patiently<TicketStatus>(`end of ${ticket.id}`, withinMs, async () => {
        const now = await client.ticket(ticket.token, ticket.id);
        return now.status === "resolved" || now.status === "escalated" ? now : undefined;
      });
      const token = await patiently("sign-in", 10_000, auditor);
      const trail = await patiently<readonly TrailEntry[]>(
        `sealed end of ${ticket.id}`,
        sealedMs,
        async () => {
          const entries = await client.trail(token, ticket.id);
          return problemsOf(entries).length === 0 ? entries : undefined;
        },
      ).catch(async () => client.trail(token, ticket.id));
      const problems = problemsOf(trail);
      if (problems.length > 0)
        throw new Error(`${problems.join("; ")}\n${trail.map(({ line }) => line).join("\n")}`);
      return { status, lines: trail.map(({ line }) => line) };
    },
    /** F2 and F4, over everything so far. */
    nothingLostOrDoubled: async () => {
      const token = await auditor();
      const { verdict, findings } = await client.verify(token, "contoso");
      if (verdict !== "OK") throw new Error(`contoso: ${verdict} ${JSON.stringify(findings)}`);
      const messages = journal();
      const dead = messages.filter(({ type }) => type === "message.dead-lettered.v1");
      if (dead.length > 0) throw new Error(`dead letters: ${JSON.stringify(dead.slice(0, 3))}`);
      await noGaps(client, token);
      const counts = new Map<string, number>();
      for (const effect of z.array(EffectRow).parse(await client.effects())) {
        if (effect.clientRequestId === null) continue; // Cards: posted once per person, and updated.
        // One action may make several calls (a link is told, then the password is set): each is made once.
        const call = `${effect.clientRequestId} ${effect.method} ${effect.path}`;
        counts.set(call, (counts.get(call) ?? 0) + 1);
      }
      const doubled = [...counts].filter(([, count]) => count > 1);
      if (doubled.length > 0) throw new Error(`effects done twice: ${JSON.stringify(doubled)}`);
      return counts.size;
    },
  };
}

const EffectRow = z.looseObject({
  clientRequestId: z.string().nullable(),
  method: z.string(),
  path: z.string(),
});
const EntryRow = z.looseObject({ seq: z.number(), type: z.string(), gap: z.unknown().optional() });
const pageMax = 1000;

async function noGaps(client: RunningSystem["client"], token: string): Promise<void> {
  for (let from = 0; ; from += pageMax) {
    const page = await client.entries(token, "contoso", from, pageMax);
    const lines = page.split("\n").filter((line) => line !== "");
    for (const line of lines) {
      const { seq, type, gap } = EntryRow.parse(JSON.parse(line));
      if (gap !== undefined) throw new Error(`entry ${seq} (${type}) is sealed with a gap`);
    }
    if (lines.length < pageMax) return;
  }
}

/** What is wrong with a trail; nothing once the ticket's end and each action's one outcome are sealed. */
function problemsOf(trail: readonly TrailEntry[]): readonly string[] {
  const ends = trail.filter(({ type }) => /^ticket\.(resolved|escalated)/.test(type)).length;
  const asked = trail.filter(({ type }) => type === "action.requested.v1").length;
  const outcomes = trail.filter(({ type }) => outcomeTypes.has(type)).length;
  return [
    ...(ends === 1 ? [] : [`F1: ${ends} ends`]),
    ...(asked === outcomes ? [] : [`F3: ${asked} actions and ${outcomes} outcomes`]),
  ];
}

function grantAll(client: RunningSystem["client"]) {
  const stopping = new AbortController();
  const round = async () => {
    const cards = (await client.chats(approver)).filter(({ card }) =>
      JSON.stringify(card ?? {}).includes("Action.Execute"),
    );
    for (const { id } of cards) await client.press(approver, id, "grant").catch(() => undefined);
  };
  const pressing = (async () => {
    while (!stopping.signal.aborted) {
      await round().catch(() => undefined);
      await delay(pressEveryMs, undefined, { signal: stopping.signal }).catch(() => undefined);
    }
  })();
  return {
    stop: async () => {
      stopping.abort();
      await pressing;
    },
  };
}
