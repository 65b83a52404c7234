// What the policy actor is expected to decide, and the people of its stories.

import { type Action, actionDigest } from "@niivo/contracts/action";
import type { UserFacts } from "@niivo/contracts/facts";
import { specify } from "@niivo/host/testing/specify";
import { expect } from "vitest";
import type { Event } from "../src/ticket-state.ts";
import { about, action, contoso, facts, now, verified } from "./people.ts";
import {
  answers,
  byDefault,
  grants,
  iso,
  opened,
  policySet,
  question,
  requests,
  type Step,
  story,
} from "./story.ts";

const { given } = specify(byDefault, now);
/** Given all that was decided on these steps. */
export const upon = (...steps: readonly Step[]) => given(...story(byDefault, ...steps));

export const ann = facts("ann");
export const me = verified("ann");
export const bob = verified("bob");
export const carl = facts("carl").objectId;
export const dora = facts("dora").objectId;

const note = (type: "note.facts" | "note.requested") => ({ type, data: expect.anything() });
export const learned = note("note.facts") as Event;
export const noted = note("note.requested") as Event;
export const asks = (wanted: Action, nth = 1): Event => ({
  type: "facts.requested.v1",
  data: {
    request: question(wanted, nth),
    actionId: wanted.id,
    question: { kind: "user", user: String(wanted.arguments["user"]) },
  },
});
export const timer = (wanted: Action, seconds: number): Event => ({
  type: "decision.due.v1",
  data: { actionId: wanted.id },
  notBefore: iso(seconds),
});
export const denied = (wanted: Action, code: string, policies?: string[]): Event => ({
  type: "action.denied.v1",
  data: {
    actionId: wanted.id,
    digest: actionDigest(wanted),
    tool: wanted.tool,
    code,
    detail: expect.any(String) as string,
    ...(policies === undefined ? {} : { basis: { policySet, policies } }),
  },
});
export const decision = (wanted: Action, requester: typeof me, target?: UserFacts) => ({
  action: wanted,
  digest: actionDigest(wanted),
  requester,
  ...(target === undefined ? {} : { target }),
});
export const basis = (...policies: string[]) => ({ policySet, policies });
export const identityApprovers = {
  group: contoso.groups.identityApprovers,
  groupName: "identity-approvers",
};

export const reset = about("password.reset", "ann");
export const reply = action("ticket.reply", { text: "Hello." });
/** Bob wants Ann's password: one approver has to grant it. */
export const waiting: readonly Step[] = [opened(bob), requests(reset), answers(reset, ann)];
export const granted: readonly Step[] = [
  ...waiting,
  [grants(reset, [carl], { time: iso(600) }), 600],
];

export const allowed = expect.objectContaining({ type: "action.allowed.v1" }) as Event;
