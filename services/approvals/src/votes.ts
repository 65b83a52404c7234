// The rules of votes (A2 to A5, A7): who may answer, when an answer waits for the directory, and when
// it counts. Pure; the invariants are those of actor.ts.

import { personOf } from "@niivo/contracts/action";
import type { VoteCast } from "@niivo/contracts/approvals";
import { derivedId } from "@niivo/contracts/canonical";
import type { Received } from "@niivo/contracts/envelope";
import { factsAgeMaxMs } from "@niivo/contracts/policy";
import type { z } from "zod";
import type { RejectionCode } from "./codes.ts";
import { type Attested, type Event, type Open, type Pending, same, type Vote } from "./state.ts";
import { english } from "./texts.ts";

/** A vote on an open approval before its time is over: rejected, or waiting for the directory. */
export function cast(
  { id, data: vote }: Received<z.infer<typeof VoteCast>>,
  state: Open,
): readonly Event[] {
  const code = objection(vote, state);
  if (code !== undefined) return [rejected(vote, code)];
  const { actionId } = vote;
  const request = derivedId(actionId, "member", id);
  const question = voterQuestion(vote, state);
  return [
    { type: "note.vote-waits", data: { request, vote } },
    { type: "facts.requested.v1", data: { request, actionId, question } },
  ];
}

/** Whether the voter still is what made them an approver. */
function voterQuestion({ voter: person }: Vote, { asked: { target }, group, manager }: Open) {
  return manager === null || target === undefined
    ? ({ kind: "member", group, person } as const)
    : ({ kind: "manager", of: target.objectId, person } as const);
}

/** What speaks against a vote before anybody is asked about the voter. The most telling code first. */
function objection(vote: Vote, { asked, grants, pending }: Open): RejectionCode | undefined {
  const { requester, target, approvers } = asked;
  const isVoter = (person: string) => same(person, vote.voter);
  if (vote.digest !== asked.digest) return "other-digest"; // A2
  if (!same(vote.tenantId, requester.tenantId)) return "other-tenant";
  const person = personOf(requester);
  if (person !== undefined && isVoter(person)) return "is-requester"; // A5
  if (target !== undefined && isVoter(target.objectId)) return "is-target"; // A5
  if (!approvers.some(({ objectId }) => isVoter(objectId))) return "not-an-approver"; // A2
  const answered = [...grants, ...pending.map((one) => one.vote.voter)];
  return answered.some(isVoter) ? "already-voted" : undefined; // A7
}

/** The directory's word on a voter. What it does not clearly confirm does not count (A2). */
export function attested(answer: Attested, state: Open, now: Date): readonly Event[] {
  const pending = state.pending.find(({ request }) => request === answer.request);
  if (pending === undefined) return [];
  const code = doubt(answer, pending, state, now);
  if (code !== undefined) return [settled(pending), rejected(pending.vote, code)];
  return pending.vote.vote === "grant" ? granted(pending, state) : refused(pending, state);
}

function doubt(
  { answer, attestedAt }: Attested,
  { vote }: Pending,
  { asked, group, manager }: Open,
  now: Date,
): RejectionCode | undefined {
  switch (answer.kind) {
    case "user":
    case "group":
    case "unavailable":
      return "facts-unavailable";
    case "not-found":
      return "not-in-group";
    case "member":
      if (manager !== null || !same(answer.group, group) || !same(answer.person, vote.voter))
        return "facts-unavailable"; // An answer to another question confirms nothing.
      if (now.getTime() - Date.parse(attestedAt) > factsAgeMaxMs) return "facts-outdated";
      if (!answer.enabled) return "approver-disabled";
      return answer.member ? undefined : "not-in-group";
    case "manager":
      if (manager === null || !same(answer.person, vote.voter)) return "facts-unavailable";
      if (!same(answer.of, asked.target?.objectId ?? "")) return "facts-unavailable";
      if (now.getTime() - Date.parse(attestedAt) > factsAgeMaxMs) return "facts-outdated";
      if (!answer.enabled) return "approver-disabled";
      return answer.manages ? undefined : "not-in-group";
  }
}

function granted(pending: Pending, state: Open): readonly Event[] {
  const { actionId, digest, quorum } = state.asked;
  const grantedBy = [...state.grants, pending.vote.voter];
  if (grantedBy.length < quorum) {
    const { voter } = pending.vote;
    const votes = grantedBy.length;
    return [
      settled(pending),
      { type: "vote.accepted.v1", data: { actionId, digest, voter, votes, quorum } },
    ];
  }
  return [
    settled(pending),
    ...abandoned(state, "closed", pending),
    { type: "approval.granted.v1", data: { actionId, digest, grantedBy, via: "teams" } },
  ];
}

function refused(pending: Pending, state: Open): readonly Event[] {
  const { actionId, digest } = state.asked;
  const code = "refused-by-approver";
  const refusedBy = pending.vote.voter;
  return [
    settled(pending),
    ...abandoned(state, "closed", pending),
    {
      type: "approval.refused.v1",
      data: { actionId, digest, refusedBy, code, detail: english.refusals[code] },
    },
  ];
}

/** Votes that still wait when an approval closes leave their event now (A4). */
export const abandoned = (state: Open, code: RejectionCode, but?: Pending): readonly Event[] =>
  state.pending.filter((one) => one !== but).map(({ vote }) => rejected(vote, code));

/** The event of a vote that did not count: about what the vote named, whatever was asked. */
export const rejected = (
  { actionId, digest, voter, language }: Vote,
  code: RejectionCode,
): Event => ({
  type: "vote.rejected.v1",
  data: {
    ...{ actionId, digest, voter, code, detail: english.rejections[code] },
    ...(language === undefined ? {} : { language }),
  },
});

const settled = ({ request }: Pending): Event => ({ type: "note.vote-settled", data: { request } });
