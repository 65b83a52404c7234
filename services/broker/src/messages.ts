// What the broker's actor reads, decides and remembers, as types.

import type { ReceiptIssued } from "@niivo/contracts/audit";
import type {
  ActionCompleted,
  ActionFailed,
  ActionReconciled,
  ActionStarted,
  ActionUnknown,
  AuthorizationDue,
  AuthorizationLapsed,
  CredentialAccess,
  EffectEnded,
  FactsFetch,
  FactsFetched,
  LeaseDue,
  ReceiptRejected,
  ReplyRecorded,
  SecretStored,
} from "@niivo/contracts/broker";
import type { Decided, Received } from "@niivo/contracts/envelope";
import type { FactsAttested, FactsRequested } from "@niivo/contracts/facts";
import type { ActionAllowed } from "@niivo/contracts/policy";
import type { Receipt } from "@niivo/contracts/receipt";
import type { z } from "zod";
import type { Allow, HeldAllow } from "./authorization.ts";

type In<Schema extends z.ZodType> = Received<z.infer<Schema>>;
type Out<Schema extends z.ZodType> = Decided<z.infer<Schema>>;

export type FactsQuestioned = In<typeof FactsRequested>;
export type EffectReport = In<typeof EffectEnded>;
export type Started = In<typeof ActionStarted>;
export type FactsOrder = In<typeof FactsFetch>;

export type Input =
  | In<typeof ActionAllowed>
  | In<typeof ReceiptIssued>
  | FactsQuestioned
  | In<typeof FactsFetched>
  | EffectReport
  | In<typeof AuthorizationDue>
  | In<typeof LeaseDue>;

/** Not published: what waits for its other half. */
type Waits =
  | { readonly type: "note.allow-held"; readonly data: HeldAllow }
  | { readonly type: "note.receipt-held"; readonly data: Receipt }
  | { readonly type: "note.receipts-dropped"; readonly data: { readonly allowIds: string[] } };

export type Event =
  | Waits
  | Out<typeof CredentialAccess>
  | Out<typeof ActionStarted>
  | Out<typeof ActionCompleted>
  | Out<typeof ActionFailed>
  | Out<typeof ActionUnknown>
  | Out<typeof ActionReconciled>
  | Out<typeof AuthorizationLapsed>
  | Out<typeof ReceiptRejected>
  | Out<typeof SecretStored>
  | Out<typeof ReplyRecorded>
  | Out<typeof FactsAttested>
  | Out<typeof FactsFetch>
  | Out<typeof AuthorizationDue>
  | Out<typeof LeaseDue>;

/** What every event about a started action repeats. */
export interface About {
  readonly actionId: string;
  readonly digest: string;
  readonly tool: string;
  readonly mode: Allow["mode"];
}

export type State =
  | {
      readonly status: "waiting";
      readonly held: HeldAllow | null;
      /** Receipts whose allow has not come yet. */
      readonly receipts: readonly Receipt[];
    }
  | { readonly status: "started"; readonly about: About }
  | { readonly status: "unknown"; readonly about: About }
  | { readonly status: "ended" };

/** How an effect ended, as its executor says it. */
export type Outcome = EffectReport["data"]["outcome"];
