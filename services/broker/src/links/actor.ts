// The actor of the one-time secret links, one state per secret: turns what happened at the page into facts
// of the chain. It never sees a secret, and the page does not wait for it.
//
// Invariants:
//   K1. Taking the key for a reveal is an event of its own, before the outcome (R6).
//   K2. Every attempt that began has one outcome: revealed, refused, or unknown when its time is over.
//   K3. A secret that nobody was shown by the end of its life has expired, and is said to have (R10).

import type { SecretStored } from "@niivo/contracts/broker";
import type { Customer } from "@niivo/contracts/customers";
import type { Decided, Received } from "@niivo/contracts/envelope";
import {
  type RevealBegin,
  type RevealDue,
  type RevealEnd,
  type RevealRefuse,
  revealMaxMs,
  type SecretDue,
  type SecretExpired,
  type SecretRevealed,
  type SecretRevealRefused,
  type SecretRevealUnknown,
} from "@niivo/contracts/links";
import type { Actor } from "@niivo/host/actor";
import type { z } from "zod";
import { secretLinkKey } from "../credentials.ts";
import type { Event as BrokerEvent } from "../messages.ts";

type In<Schema extends z.ZodType> = Received<z.infer<Schema>>;
type Out<Schema extends z.ZodType> = Decided<z.infer<Schema>>;

export type LinksInput =
  | In<typeof SecretStored>
  | In<typeof RevealBegin>
  | In<typeof RevealEnd>
  | In<typeof RevealRefuse>
  | In<typeof RevealDue>
  | In<typeof SecretDue>;

export type LinksEvent =
  | { readonly type: "note.stored"; readonly data: { readonly actionId: string } }
  | { readonly type: "note.begun"; readonly data: Attempt }
  | { readonly type: "note.ended"; readonly data: { readonly attempt: string } }
  | Extract<BrokerEvent, { type: "credential.access.v1" }>
  | Out<typeof SecretRevealed>
  | Out<typeof SecretRevealRefused>
  | Out<typeof SecretRevealUnknown>
  | Out<typeof SecretExpired>
  | Out<typeof RevealDue>
  | Out<typeof SecretDue>;

interface Attempt {
  readonly attempt: string;
  readonly actionId: string;
  readonly by: string;
}

export interface LinksState {
  /** Known once the broker has said that it stored it. */
  readonly actionId: string | null;
  /** Attempts that have begun and not ended. */
  readonly begun: readonly Attempt[];
  readonly ended: "revealed" | "unknown" | "expired" | null;
}

/** The principal that takes the key, as the chain names it. */
const principal = "niivo-secret-links";

/** The state key: everything about one secret meets in one state. */
export const secretOf = (input: LinksInput): string => input.data.secretId;

export function linksActor(
  customers: readonly Customer[],
): Actor<LinksState, LinksInput, LinksEvent> {
  return {
    initialState: { actionId: null, begun: [], ended: null },
    decide(input, state, now) {
      switch (input.type) {
        case "secret.stored.v1":
          return state.actionId === null ? stored(input) : [];
        case "reveal.begin.v1":
          return begun(customers, input, now);
        case "reveal.end.v1": {
          const { attempt, ...revealed } = input.data;
          // Also one that comes after its time: that it was shown is a fact all the same.
          if (state.ended === "revealed") return [];
          return [
            { type: "secret.revealed.v1", data: revealed },
            { type: "note.ended", data: { attempt } },
          ];
        }
        case "reveal.refuse.v1": {
          const { attempt, ...refused } = input.data;
          const event: LinksEvent = { type: "secret.reveal-refused.v1", data: refused };
          return attempt === undefined
            ? [event]
            : [event, { type: "note.ended", data: { attempt } }];
        }
        case "reveal.due.v1":
          return overdue(input, state);
        case "secret.due.v1": {
          const { secretId } = input.data;
          if (state.actionId === null || state.ended !== null) return [];
          return [{ type: "secret.expired.v1", data: { actionId: state.actionId, secretId } }]; // K3
        }
      }
    },
    evolve,
  };
}

type Of<Type extends LinksInput["type"]> = Extract<LinksInput, { type: Type }>;

const stored = ({ data }: Of<"secret.stored.v1">): readonly LinksEvent[] => [
  { type: "note.stored", data: { actionId: data.actionId } },
  { type: "secret.due.v1", data: { secretId: data.secretId }, notBefore: data.expiresAt },
];

/** @throws RangeError for a customer that no configuration names; the host sets the message aside. */
function begun(
  customers: readonly Customer[],
  { customer: id, data }: Of<"reveal.begin.v1">,
  now: Date,
): readonly LinksEvent[] {
  const customer = customers.find((one) => one.id === id);
  if (customer === undefined) throw new RangeError("customer-unknown");
  const { attempt, actionId, secretId, by } = data;
  return [
    { type: "note.begun", data: { attempt, actionId, by } },
    {
      type: "credential.access.v1",
      data: {
        actionId,
        purpose: "reveal",
        credential: secretLinkKey,
        vault: new URL(customer.vaultUrl).host,
        principal,
      },
    }, // K1
    {
      type: "reveal.due.v1",
      data: { secretId, attempt },
      notBefore: new Date(now.getTime() + revealMaxMs).toISOString(),
    },
  ];
}

// K2.
function overdue({ data }: Of<"reveal.due.v1">, state: LinksState): readonly LinksEvent[] {
  const open = state.begun.find(({ attempt }) => attempt === data.attempt);
  if (open === undefined) return [];
  const { actionId, by } = open;
  return [
    { type: "secret.reveal-unknown.v1", data: { secretId: data.secretId, actionId, by } },
    { type: "note.ended", data: { attempt: open.attempt } },
  ];
}

function evolve(state: LinksState, event: LinksEvent): LinksState {
  switch (event.type) {
    case "note.stored":
      return { ...state, actionId: event.data.actionId };
    case "note.begun":
      return { ...state, begun: [...state.begun, event.data] };
    case "note.ended": {
      const begun = state.begun.filter(({ attempt }) => attempt !== event.data.attempt);
      return { ...state, begun };
    }
    case "secret.revealed.v1":
      return { ...state, ended: "revealed" };
    case "secret.reveal-unknown.v1":
      return { ...state, ended: "unknown" };
    case "secret.expired.v1":
      return { ...state, ended: "expired" };
    case "secret.reveal-refused.v1":
    case "credential.access.v1":
    case "reveal.due.v1":
    case "secret.due.v1":
      return state;
  }
}
