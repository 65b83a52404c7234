// What policy remembers of one ticket, and how its own decisions change that. Plain JSON: the host stores it.

import type { Action, Requester } from "@niivo/contracts/action";
import { stepsMax } from "@niivo/contracts/agent";
import type { Decided } from "@niivo/contracts/envelope";
import type { FactsRequested, UserFacts } from "@niivo/contracts/facts";
import type {
  ActionAllowed,
  ActionDenied,
  ApprovalRequired,
  ApprovalTerms,
  DecisionDue,
} from "@niivo/contracts/policy";
import { toolCallsMax } from "@niivo/contracts/tools";
import type { z } from "zod";

/** A step is one call of the model and the tools it then calls. */
export const actionsMax = stepsMax * (toolCallsMax + 1);
/** A ticket remembers facts about so many people. */
const factsMax = 20;

/** An action that was asked for and has no outcome yet. */
export interface OpenAction {
  readonly action: Action;
  readonly digest: string;
  readonly reason: string;
  /** Of its arguments, as canonical JSON. */
  readonly argumentBytes: number;
  readonly waiting:
    | { readonly status: "ticket" }
    | { readonly status: "facts"; readonly request: string; readonly user: string }
    | { readonly status: "people"; readonly terms: z.infer<typeof ApprovalTerms> }
    | { readonly status: "outcome" };
  /** When the wait ends, if it is policy's own. */
  readonly dueAt: string | null;
  /** How often facts were asked for, and how often the action was allowed. */
  readonly questions: number;
  readonly attempts: number;
  /** The person acted on, from the first decision on. */
  readonly targetId: string | null;
  readonly grant: Grant | null;
}

export interface Grant {
  readonly group: string;
  /** The manager who was asked instead of the group. */
  readonly manager: string | null;
  readonly grantedBy: readonly string[];
}

interface KnownFacts {
  /** As the action's argument named the person. */
  readonly user: string;
  readonly facts: UserFacts;
  readonly attestedAt: string;
}

export interface State {
  readonly requester: Requester | null;
  /** Whose name an unverified requester used, once the directory was asked; null before. */
  readonly claimant: { readonly objectId: string | null } | null;
  readonly closed: boolean;
  readonly denials: number;
  /** The ids of all actions asked for, at most `actionsMax`. */
  readonly seen: readonly string[];
  readonly open: readonly OpenAction[];
  readonly facts: readonly KnownFacts[];
}

interface NoteOf<Type extends `note.${string}`, Data> {
  readonly type: Type;
  readonly data: Data;
}

export type Event =
  | Decided<z.infer<typeof FactsRequested>>
  | Decided<z.infer<typeof ActionAllowed>>
  | Decided<z.infer<typeof ActionDenied>>
  | Decided<z.infer<typeof ApprovalRequired>>
  | Decided<z.infer<typeof DecisionDue>>
  | NoteOf<"note.requester", { readonly requester: Requester }>
  | NoteOf<"note.claimant", { readonly objectId: string | null }>
  | NoteOf<"note.requested", OpenAction>
  | NoteOf<"note.granted", Grant & { readonly actionId: string }>
  | NoteOf<"note.facts", KnownFacts>
  | NoteOf<"note.ended", { readonly actionId: string }>
  | NoteOf<"note.closed", Readonly<Record<string, never>>>;

export const initialState: State = {
  requester: null,
  claimant: null,
  closed: false,
  denials: 0,
  seen: [],
  open: [],
  facts: [],
};

export function evolve(state: State, event: Event): State {
  switch (event.type) {
    case "note.requester":
      return { ...state, requester: event.data.requester };
    case "note.claimant":
      return { ...state, claimant: event.data };
    case "note.closed":
      return { ...state, closed: true };
    case "note.requested":
      return { ...seen(state, event.data.action.id), open: [...state.open, event.data] };
    case "note.facts":
      return { ...state, facts: remembered(state.facts, event.data) };
    case "note.granted": {
      const { actionId, group, manager, grantedBy } = event.data;
      return changed(state, actionId, () => ({ grant: { group, manager, grantedBy } }));
    }
    case "facts.requested.v1": {
      const { actionId, request, question } = event.data;
      // Policy asks about people by name only.
      const user = question.kind === "user" ? question.user : "";
      return changed(state, actionId, ({ questions }) => ({
        waiting: { status: "facts", request, user },
        questions: questions + 1,
      }));
    }
    case "decision.due.v1":
      return changed(state, event.data.actionId, () => ({ dueAt: event.notBefore ?? null }));
    case "approval.required.v1": {
      const { action, terms, target } = event.data;
      return changed(state, action.id, ({ targetId }) => ({
        waiting: { status: "people", terms },
        targetId: target?.objectId ?? targetId,
      }));
    }
    case "action.allowed.v1": {
      const { action, attempt, target } = event.data;
      return changed(state, action.id, ({ targetId }) => ({
        waiting: { status: "outcome" },
        dueAt: null,
        attempts: attempt,
        targetId: target?.objectId ?? targetId,
      }));
    }
    case "action.denied.v1":
      return {
        ...seen(state, event.data.actionId),
        denials: state.denials + 1,
        open: state.open.filter((one) => !isDenied(one, event.data)),
      };
    case "note.ended":
      return { ...state, open: without(state.open, event.data.actionId) };
  }
}

// A second action under the id of an open one is denied by its own digest; the first stays open.
const isDenied = (one: OpenAction, denied: { actionId: string; digest: string }): boolean =>
  one.action.id === denied.actionId && one.digest === denied.digest;

const without = (open: readonly OpenAction[], actionId: string) =>
  open.filter((one) => one.action.id !== actionId);

function seen(state: State, actionId: string): State {
  if (state.seen.includes(actionId) || state.seen.length >= actionsMax) return state;
  return { ...state, seen: [...state.seen, actionId] };
}

function remembered(facts: readonly KnownFacts[], news: KnownFacts): readonly KnownFacts[] {
  return [...facts.filter(({ user }) => user !== news.user), news].slice(-factsMax);
}

const changed = (
  state: State,
  actionId: string,
  change: (one: OpenAction) => Partial<OpenAction>,
): State => ({
  ...state,
  open: state.open.map((one) => (one.action.id === actionId ? { ...one, ...change(one) } : one)),
});
