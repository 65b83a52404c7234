// The approvals actor. One state per action: find its approvers, ask them, take their answers, close.
//
// Invariants:
//   A1. A closed approval stays closed: no later input changes what it came to.
//   A2. A vote counts only from a person who was asked, for the digest that was asked about, and after
//       the directory said, upon this very vote, that the person is enabled and in the group.
//   A3. Silence is refusal: nothing is granted at or after `expiresAt`.
//   A4. Every vote leaves an event, whether or not it counts and whether or not anything is open.
//   A5. Nobody decides about themselves: requester and target never are approvers, however listed; nor is
//       the person whose name an unverified requester used.
//   A6. People are asked about the very action the digest names, whole, or nobody is asked.
//   A7. A quorum counts distinct people; where fewer can answer, the answer is no at once.

import { actionDigest, personOf } from "@niivo/contracts/action";
import { derivedId } from "@niivo/contracts/canonical";
import { type Language, languages } from "@niivo/contracts/language";
import type { Actor } from "@niivo/host/actor";
import { type Asked, approvalCard, cardBytes, cardBytesMax } from "./card.ts";
import type { RefusalCode } from "./codes.ts";
import { evolveNotice, firstOfNotice, whileNoticing } from "./notice.ts";
import {
  type Attested,
  type Event,
  type Gathering,
  type Input,
  type Open,
  type Required,
  type State,
  same,
} from "./state.ts";
import { english, textsIn } from "./texts.ts";
import { abandoned, attested, cast, rejected } from "./votes.ts";

export const approvals: Actor<State, Input, Event> = {
  initialState: { status: "unasked" },

  decide(input, state, now) {
    switch (state.status) {
      case "unasked":
        if (input.type === "approval.required.v1") return required(input, now);
        if (input.type === "vote.cast.v1") return [rejected(input.data, "unknown-approval")]; // A4
        return firstOfNotice(input);
      case "noticing":
        return input.type === "vote.cast.v1"
          ? [rejected(input.data, "unknown-approval")] // A4
          : whileNoticing(input, state, now);
      case "gathering":
        return whileGathering(input, state, now);
      case "open":
        return whileOpen(input, state, now);
      case "closed":
        return input.type === "vote.cast.v1" ? [rejected(input.data, "closed")] : []; // A1, A4
    }
  },

  evolve(state, event) {
    switch (event.type) {
      case "note.required":
        return { status: "gathering", ...event.data };
      case "approval.asked.v1":
        return state.status === "gathering" ? opened(state, event.data) : state;
      case "vote.accepted.v1":
        return whereOpen(state, ({ grants }) => ({ grants: [...grants, event.data.voter] }));
      case "note.vote-waits":
        return whereOpen(state, ({ pending }) => ({ pending: [...pending, event.data] }));
      case "note.vote-settled":
        return whereOpen(state, ({ pending }) => ({
          pending: pending.filter(({ request }) => request !== event.data.request),
        }));
      case "note.card-posted":
        return whereOpen(state, ({ cards }) => ({ cards: [...cards, event.data] }));
      case "note.card-failed":
        return whereOpen(state, (open) => ({
          unreached: withUnreached(open, event.data.approver),
        }));
      case "facts.requested.v1":
      case "approval.due.v1":
      case "vote.rejected.v1":
        return state;
      case "approval.granted.v1":
      case "approval.refused.v1":
      case "approval.expired.v1":
        return { status: "closed" };
      case "note.notice-allowed":
      case "note.notice-outcome":
      case "notice.due.v1":
      case "notice.post.v1":
      case "notice.posted.v1":
      case "notice.failed.v1":
        return evolveNotice(state, event);
    }
  },
};

/** The state key of an input: the action. */
export const actionOf = ({ type, data }: Input): string =>
  type === "approval.required.v1" || type === "action.allowed.v1" ? data.action.id : data.actionId;

type RequiredInput = Extract<Input, { type: "approval.required.v1" }>;

function required({ data, customer }: RequiredInput, now: Date): readonly Event[] {
  const { action, digest, requester, target, terms } = data;
  if (actionDigest(action) !== digest) return [refused(data, "digest-mismatch")]; // A6
  const isForeign = target !== undefined && !same(target.tenantId, requester.tenantId);
  if (action.customer !== customer || isForeign) return [refused(data, "other-customer")];
  if (isOver(terms, now)) return [expired(data)]; // A3
  const actionId = action.id;
  const request = derivedId(actionId, "group");
  const question = approversQuestion(data);
  if (question === undefined) return [refused(data, "approvers-unavailable")];
  return [
    { type: "note.required", data: { required: data, request } },
    { type: "facts.requested.v1", data: { request, actionId, question } },
    due(actionId, terms.expiresAt),
  ];
}

/** Who may answer, as a question to the directory: a group, or whether somebody manages the target. */
function approversQuestion({ terms: { group, manager }, target }: Required) {
  if (manager === undefined) return { kind: "group", group } as const;
  return target && ({ kind: "manager", of: target.objectId, person: manager } as const);
}

/** The people of the answer, or undefined where it is none to what was asked. */
function membersOf({ terms, target }: Required, { answer }: Attested) {
  if (terms.manager === undefined)
    return answer.kind === "group" && same(answer.group, terms.group) ? answer.members : undefined;
  if (answer.kind !== "manager" || target === undefined) return undefined;
  const { of, person: objectId, displayName, enabled, manages, language } = answer;
  if (!same(of, target.objectId) || !same(objectId, terms.manager)) return undefined;
  if (!enabled || !manages) return [];
  return [{ objectId, displayName, ...(language === undefined ? {} : { language }) }];
}

function whileGathering(input: Input, state: Gathering, now: Date): readonly Event[] {
  const { action, terms } = state.required;
  switch (input.type) {
    case "approval.required.v1":
    case "card.posted.v1":
    case "card.failed.v1":
    case "action.allowed.v1":
    case "action.completed.v1":
    case "action.failed.v1":
    case "action.unknown.v1":
    case "notice.delivered.v1":
    case "notice.due.v1":
      return [];
    case "vote.cast.v1":
      return [rejected(input.data, "unknown-approval")]; // A4: nobody has seen a card yet.
    case "approval.due.v1":
      // A timer that comes early is set again: only the clock of this decision counts.
      return isOver(terms, now) ? [expired(state.required)] : [due(action.id, terms.expiresAt)];
    case "facts.attested.v1":
      if (input.data.request !== state.request) return [];
      return isOver(terms, now) ? [expired(state.required)] : ask(state.required, input.data);
  }
}

/** Everybody the directory names for the group, but those the action is about, is asked. */
function ask(from: Required, answer: Attested): readonly Event[] {
  const { action, digest, requester, target, claimant, reason, terms } = from;
  const members = membersOf(from, answer);
  if (members === undefined) return [refused(from, "approvers-unavailable")];
  const concerned = [personOf(requester), claimant, target?.objectId];
  const approvers = distinct(members).filter(
    ({ objectId }) => !concerned.some((person) => person !== undefined && same(person, objectId)), // A5
  );
  const { quorum, expiresAt } = terms;
  // An empty list of approvers means nobody, never anybody.
  if (approvers.length === 0 || approvers.length < quorum)
    return [refused(from, "not-enough-approvers")]; // A7
  const asked: Asked = {
    ...{ actionId: action.id, digest, action, requester, reason, approvers, quorum, expiresAt },
    ...(target === undefined ? {} : { target }),
  };
  if (languages.some((language) => isTooLarge(asked, language)))
    return [refused(from, "too-large-to-show")]; // A6
  return [{ type: "approval.asked.v1", data: asked }];
}

const isTooLarge = (asked: Asked, language: Language): boolean =>
  cardBytes(approvalCard(asked, { kind: "open" }, textsIn(language))) > cardBytesMax;

function whileOpen(input: Input, state: Open, now: Date): readonly Event[] {
  switch (input.type) {
    case "approval.required.v1":
    case "action.allowed.v1":
    case "action.completed.v1":
    case "action.failed.v1":
    case "action.unknown.v1":
    case "notice.delivered.v1":
    case "notice.due.v1":
      return [];
    case "card.posted.v1": {
      const { approver, conversationId, activityId } = input.data;
      return [{ type: "note.card-posted", data: { approver, conversationId, activityId } }];
    }
    case "card.failed.v1":
      return unreachable(input.data, state);
    case "vote.cast.v1":
      if (!isOver(state.asked, now)) return cast(input, state);
      return [rejected(input.data, "expired"), ...expiry(state)]; // A3, A4
    case "facts.attested.v1":
      return isOver(state.asked, now) ? expiry(state) : attested(input.data, state, now); // A3
    case "approval.due.v1":
      if (isOver(state.asked, now)) return expiry(state); // A3
      return [due(state.asked.actionId, state.asked.expiresAt)];
  }
}

function unreachable(
  { approver, code }: Extract<Input, { type: "card.failed.v1" }>["data"],
  state: Open,
): readonly Event[] {
  const note: Event = { type: "note.card-failed", data: { approver, code } };
  const { approvers, quorum } = state.asked;
  const reachable = approvers.length - withUnreached(state, approver).length;
  if (reachable >= quorum) return [note];
  const refusal = reachable === 0 ? "nobody-reached" : "too-few-reached"; // A7
  return [note, ...abandoned(state, "closed"), refusedAsked(state.asked, refusal)];
}

/** The approvers without a card, of those who were asked. */
function withUnreached({ unreached, asked }: Open, approver: string): readonly string[] {
  const wasAsked = asked.approvers.some(({ objectId }) => same(objectId, approver));
  const isNew = wasAsked && !unreached.some((one) => same(one, approver));
  return isNew ? [...unreached, approver] : unreached;
}

const isOver = ({ expiresAt }: { readonly expiresAt: string }, now: Date): boolean =>
  now.getTime() >= Date.parse(expiresAt); // A3: from the very instant.

const expiry = (state: Open): readonly Event[] => [
  ...abandoned(state, "expired"),
  { type: "approval.expired.v1", data: about(state.asked) },
];

const opened = ({ required: { terms } }: Gathering, asked: Asked): Open => ({
  ...{ status: "open", asked, group: terms.group, manager: terms.manager ?? null },
  ...{ pending: [], grants: [], cards: [], unreached: [] },
});

const whereOpen = (state: State, change: (open: Open) => Partial<Open>): State =>
  state.status === "open" ? { ...state, ...change(state) } : state;

const distinct = <P extends { readonly objectId: string }>(people: readonly P[]): readonly P[] =>
  people.filter((one, at) => people.findIndex((it) => same(it.objectId, one.objectId)) === at); // A7

const about = ({ actionId, digest }: Asked) => ({ actionId, digest });

const refusedAsked = (asked: Asked, code: RefusalCode): Event => ({
  type: "approval.refused.v1",
  data: { ...about(asked), code, detail: english.refusals[code] },
});
const refused = ({ action, digest }: Required, code: RefusalCode): Event => ({
  type: "approval.refused.v1",
  data: { actionId: action.id, digest, code, detail: english.refusals[code] },
});
const expired = ({ action, digest }: Required): Event => ({
  type: "approval.expired.v1",
  data: { actionId: action.id, digest },
});
const due = (actionId: string, notBefore: string): Event => ({
  type: "approval.due.v1",
  data: { actionId },
  notBefore,
});
