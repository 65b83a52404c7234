// Notices: what ran with mode `notify` is told to people after the fact. Pure; a part of the actor.
//
// Invariants:
//   N1. Nothing waits for a notice: it answers no question, and no event of it is read by policy or broker.
//   N2. A notice that was not posted is an event with its reason, and every wait has an end.
//   N3. People are told of the very action the digest names, with the outcome the broker published for it.
//   N4. One action has at most one notice, however often it was allowed.

import { actionDigest } from "@niivo/contracts/action";
import { derivedId } from "@niivo/contracts/canonical";
import type { Allowed, Attested, Ended, Event, Input, Noticing, State } from "./state.ts";

/** From the outcome to the posted notice: longer than the lease of the effect that posts it. */
export const noticeMs = 5 * 60 * 1000;

const nothingKnown: Noticing = { status: "noticing", allowed: null, ended: null, dueAt: null };

/** The first word of an action that nobody is asked about. */
export function firstOfNotice(input: Input): readonly Event[] {
  switch (input.type) {
    case "action.allowed.v1":
      return [{ type: "note.notice-allowed", data: input.data }];
    case "action.completed.v1":
    case "action.failed.v1":
    case "action.unknown.v1":
      return [{ type: "note.notice-outcome", data: endedOf(input) }];
    case "approval.required.v1":
    case "facts.attested.v1":
    case "vote.cast.v1":
    case "card.posted.v1":
    case "card.failed.v1":
    case "approval.due.v1":
    case "notice.delivered.v1":
    case "notice.due.v1":
      return [];
  }
}

export function whileNoticing(input: Input, state: Noticing, now: Date): readonly Event[] {
  const { allowed, ended } = state;
  switch (input.type) {
    case "action.allowed.v1": {
      // A later attempt takes the place of a lapsed one. After the outcome it is only a late copy.
      if (allowed !== null && ended !== null) return [];
      const note: Event = { type: "note.notice-allowed", data: input.data };
      return ended === null ? [note] : [note, ...gather(input.data, ended, now)];
    }
    case "action.completed.v1":
    case "action.failed.v1":
    case "action.unknown.v1": {
      if (ended !== null) return []; // N4
      const news = endedOf(input);
      const note: Event = { type: "note.notice-outcome", data: news };
      return allowed === null ? [note] : [note, ...gather(allowed, news, now)];
    }
    case "facts.attested.v1":
      return allowed === null || ended === null ? [] : tell(allowed, ended, input.data);
    case "notice.delivered.v1":
      return allowed === null || ended === null ? [] : told(allowed, ended, input.data);
    case "notice.due.v1":
      return overdue(state, now);
    case "approval.required.v1":
    case "vote.cast.v1":
    case "card.posted.v1":
    case "card.failed.v1":
    case "approval.due.v1":
      return [];
  }
}

/** How the state changes; an approval's state is left as it is. */
export function evolveNotice(state: State, event: Event): State {
  const known = state.status === "noticing" ? state : nothingKnown;
  switch (event.type) {
    case "note.notice-allowed":
      return { ...known, allowed: event.data };
    case "note.notice-outcome":
      return { ...known, ended: event.data };
    case "notice.due.v1":
      return { ...known, dueAt: event.notBefore ?? null };
    case "notice.posted.v1":
    case "notice.failed.v1":
      return { status: "closed" };
    default:
      return state;
  }
}

// N3. Then the directory is asked who is in the group: the list of today, not one of the configuration.
function gather(allowed: Allowed, ended: Ended, now: Date): readonly Event[] {
  const { action, digest, notice } = allowed;
  if (actionDigest(action) !== digest || ended.digest !== digest)
    return [failed(allowed, "digest-mismatch")];
  if (notice === undefined) return [failed(allowed, "nobody-named")];
  const question = { kind: "group", group: notice.group } as const;
  const actionId = action.id;
  const notBefore = new Date(now.getTime() + noticeMs).toISOString();
  return [
    { type: "facts.requested.v1", data: { request: requestOf(actionId), actionId, question } },
    { type: "notice.due.v1", data: { actionId }, notBefore }, // N2
  ];
}

function tell(allowed: Allowed, ended: Ended, { request, answer }: Attested): readonly Event[] {
  const { action, digest, requester, target } = allowed;
  if (request !== requestOf(action.id)) return [];
  if (answer.kind !== "group") return [failed(allowed, "people-unavailable")];
  if (answer.members.length === 0) return [failed(allowed, "nobody-to-tell")];
  const members = new Map(answer.members.map((one) => [one.objectId.toLowerCase(), one.language]));
  const people = [...members].map(([objectId, language]) =>
    language === undefined ? { objectId } : { objectId, language },
  );
  const about = { actionId: action.id, digest, action, requester };
  const who = target === undefined ? {} : { target };
  return [{ type: "notice.post.v1", data: { ...about, ...who, outcome: ended.outcome, people } }];
}

function told(
  allowed: Allowed,
  { outcome }: Ended,
  { reached, missed }: { readonly reached: number; readonly missed: number },
): readonly Event[] {
  const { action, digest } = allowed;
  if (reached === 0) return [failed(allowed, "nobody-reached")];
  const about = { actionId: action.id, digest, tool: action.tool, agent: action.agent };
  return [{ type: "notice.posted.v1", data: { ...about, outcome: outcome.kind, reached, missed } }];
}

// N2. A timer that a fast clock sent early is set again.
function overdue({ allowed, dueAt }: Noticing, now: Date): readonly Event[] {
  if (allowed === null || dueAt === null) return [];
  const actionId = allowed.action.id;
  return now.toISOString() < dueAt
    ? [{ type: "notice.due.v1", data: { actionId }, notBefore: dueAt }]
    : [failed(allowed, "not-in-time")];
}

type Outcome = Extract<
  Input,
  { type: "action.completed.v1" | "action.failed.v1" | "action.unknown.v1" }
>;

function endedOf({ type, data }: Outcome): Ended {
  switch (type) {
    case "action.completed.v1":
      return { digest: data.digest, outcome: { kind: "completed" } };
    case "action.failed.v1":
      return { digest: data.digest, outcome: { kind: "failed", code: data.code } };
    case "action.unknown.v1":
      return { digest: data.digest, outcome: { kind: "unknown" } };
  }
}

const requestOf = (actionId: string): string => derivedId(actionId, "notice");

const failed = ({ action, digest }: Allowed, code: string): Event => ({
  type: "notice.failed.v1",
  data: { actionId: action.id, digest, code },
});
