// What the agent remembers about a ticket. Plain JSON, and bounded (G9): the transcript is fitted to the
// prompt's budget after each step, and of a closed ticket nothing is kept.

import type { Requester } from "@niivo/contracts/action";
import type { PromptMessage, ToolCall } from "@niivo/contracts/tools";

export interface Ticket {
  readonly id: string;
  readonly customer: string;
  readonly requester: Requester;
  readonly text: string;
  readonly seed: string;
}

/** An action that was requested and has no outcome yet. */
export interface Pending {
  readonly actionId: string;
  readonly digest: string;
  readonly tool: string;
}

/** One call of the model's answer. `result` is what the model will read; null while it is awaited. */
export interface Call {
  readonly call: ToolCall;
  /** Null where nothing was requested. */
  readonly pending: Pending | null;
  readonly result: string | null;
}

export interface Memory {
  readonly ticket: Ticket;
  readonly step: number;
  /** How many actions this step has requested; the index of the next one. */
  readonly asked: number;
  /** The step ends at this time at the latest. Empty until its timer is set. */
  readonly dueAt: string;
  /** Actions of this step that people have been asked about. */
  readonly waitingFor: readonly string[];
  /** Whole exchanges of earlier steps. */
  readonly transcript: readonly PromptMessage[];
  /** SHA-256 of each text that reached the requester. */
  readonly said: readonly string[];
}

/** Waits for the model's answer. */
export interface Thinking {
  readonly status: "thinking";
  readonly memory: Memory;
  /** Null only between the step's beginning and its first request. */
  readonly pending: Pending | null;
  readonly attempt: number;
}

/** Waits for the outcomes of the model's calls. */
export interface Acting {
  readonly status: "acting";
  readonly memory: Memory;
  readonly text: string | null;
  readonly calls: readonly Call[];
  /** What to tell the requester, where the model asked for a person. */
  readonly escalation: string | null;
}

/** Waits until the requester has been told the end. */
export interface Closing {
  readonly status: "closing";
  readonly memory: Memory;
  /** Null only until the reply is requested. */
  readonly pending: Pending | null;
  readonly summary: string;
}

export type OpenTicket = Thinking | Acting | Closing;

export type TicketState =
  | { readonly status: "unopened" }
  | OpenTicket
  | { readonly status: "closed" };

/** The actions an open ticket waits for. */
export function pendingIn(state: OpenTicket): readonly Pending[] {
  switch (state.status) {
    case "thinking":
    case "closing":
      return state.pending === null ? [] : [state.pending];
    case "acting":
      return state.calls.flatMap(({ pending, result }) =>
        pending === null || result !== null ? [] : [pending],
      );
  }
}
