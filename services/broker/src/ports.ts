// What the executors need of the world, in the broker's words.
//
// None of these is ever repeated by an adapter: SDK retries are off, redirects are refused, and every call
// ends within `callMs`. Expected failures are values; `Failed` says that nothing happened outside.

import type { Action } from "@niivo/contracts/action";
import type { Customer } from "@niivo/contracts/customers";
import type { Agent } from "./credentials.ts";
import type { Outcome, Started } from "./messages.ts";

/** One outbound call. Several of them fit into the effect's lease. */
export const callMs = 20 * 1000;
/** All outbound calls of one effect together: shorter than its lease. */
export const effectMs = 45 * 1000;

/** Something that must not be printed by accident: held as a function. */
export type Secret = () => string;

export type Failed = Extract<Outcome, { kind: "failed" }>;

/** One piece of work towards the outside: its name in other systems' logs, and its deadline. */
export interface Work {
  /** The action's id; the request's for facts. Sent as `client-request-id`. */
  readonly requestId: string;
  readonly signal: AbortSignal;
}

export type SecretAnswer = { readonly kind: "secret"; readonly value: Secret } | Failed;

/** Reads the current version of a secret, now; nothing is kept. */
export type ReadSecret = (
  secret: { readonly vaultUrl: string; readonly name: string },
  work: Work,
) => Promise<SecretAnswer>;

export type GraphAnswer =
  | { readonly kind: "ok"; readonly body: unknown }
  /** Graph understood and did not do it. The code is Graph's own. */
  | { readonly kind: "refused"; readonly status: number; readonly code: string }
  /** No answer, or one that does not say whether it was done. */
  | { readonly kind: "unclear"; readonly code: string };

/** Microsoft Graph v1.0 as one principal. Paths begin with `/` and are already encoded. */
export interface Graph {
  readonly get: (path: string, query?: Readonly<Record<string, string>>) => Promise<GraphAnswer>;
  readonly post: (path: string, body: object) => Promise<GraphAnswer>;
  readonly patch: (path: string, body: object) => Promise<GraphAnswer>;
  readonly remove: (path: string) => Promise<GraphAnswer>;
}

export type GraphSession = { readonly kind: "ready"; readonly graph: Graph } | Failed;

/** One started action, with what its executor may use. */
export interface Execution {
  readonly action: Action;
  readonly requester: Started["data"]["requester"];
  readonly target: Started["data"]["target"];
  /** When the action started. */
  readonly startedAt: Date;
  readonly customer: Customer;
  readonly agent: Agent;
  /** Only of secrets that `credential.access` announced for this action; any other fails. */
  readonly readSecret: (name: string) => Promise<SecretAnswer>;
  readonly work: Work;
}

/** Performs one tool. A throw means a bug: whether anything happened is then unknown. */
export type Executor = (execution: Execution) => Promise<Outcome>;

/** Nothing happened outside. */
export const failed = (code: string, detail: string, costMicroChf = 0): Failed => ({
  kind: "failed",
  code,
  detail,
  costMicroChf,
});
