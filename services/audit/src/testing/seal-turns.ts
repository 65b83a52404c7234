// Runs turns of `log.ts` one after the other on what the turn before left, as the store would keep it. The chain is
// open from the start, as in the service.

import type { Entry } from "@niivo/contracts/evidence";
import type { Head, Sealed } from "../chain.ts";
import { type Sealing, seal } from "../log.ts";
import type { SealedEvent } from "../sealed-event.ts";
import type { Arrival, Known, SealTurn } from "../work.ts";
import { customer, startsAt } from "./story.ts";

export interface SealTurns {
  readonly turn: (arrivals: readonly Arrival[], options?: Partial<SealTurn>) => Sealing;
  readonly sealed: () => readonly Sealed[];
  readonly entries: () => readonly Entry[];
  readonly head: () => Head;
  readonly known: () => Known;
  /** The audit service published this receipt. */
  readonly published: (receiptId: string) => void;
}

export function sealTurns(): SealTurns {
  const sealed: Sealed[] = [];
  let head: Head | undefined;
  let turns = 0;
  let known: Known = {
    events: new Map(),
    receipts: new Set(),
    requested: new Map(),
    granted: new Map(),
    sources: new Map(),
    tickets: new Map(),
    persons: new Map(),
    parked: new Map(),
  };
  const run: SealTurns = {
    turn: (arrivals, options = {}) => {
      turns += 1;
      const sealing = seal({
        customer,
        head,
        known,
        arrivals,
        now: startsAt,
        seed: turns.toString(16).padStart(64, "0"),
        writer: { term: 1, instance: "first-process" },
        receivingMs: 24 * 60 * 60 * 1000,
        notes: {
          origin: (chain) => `audit.example/${chain}`,
          vkey: () => "a key",
          vkeys: () => ["a key"],
          softwareVkey: () => "another",
        },
        signedSize: 0,
        sealingKey: {
          digest: "d".repeat(64),
          notBefore: startsAt.toISOString(),
          notAfter: startsAt.toISOString(),
          endorsedBy: "https://vault.example/keys/audit/1",
          ...{ x: "x".repeat(43), y: "y".repeat(43), endorsement: "e".repeat(86) },
        },
        ...options,
      });
      head = sealing.head;
      known = sealing.known;
      const added = [...sealing.control, ...sealing.messages];
      sealed.push(...added.sort((one, other) => one.entry.seq - other.entry.seq));
      return sealing;
    },
    sealed: () => sealed,
    entries: () => sealed.map(({ entry }) => entry),
    head: () => {
      if (head === undefined) throw new Error("no turn yet");
      return head;
    },
    known: () => known,
    published: (receiptId) => {
      known = { ...known, receipts: new Set([...known.receipts, receiptId]) };
    },
  };
  run.turn([{ kind: "open" }]);
  return run;
}

export const arrival = (event: SealedEvent): Arrival => ({ kind: "event", event });
