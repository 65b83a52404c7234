// P12: what becomes of an action that somebody asks for who is not signed in.

import type { UserFacts } from "@niivo/contracts/facts";
import { expect, test } from "vitest";
import { denied, reset, upon } from "../test/expected.ts";
import { contoso, facts, unverified } from "../test/people.ts";
import { answers, at, grants, iso, opened, question, requests, type Step } from "../test/story.ts";
import type { Event } from "./ticket-state.ts";

const bob = facts("bob");
const dora = facts("dora");
const ann = facts("ann", { manager: bob.objectId });
const { identityApprovers } = contoso.groups;

const event = (type: string, data: object): Event =>
  expect.objectContaining({ type, data: expect.objectContaining(data) as unknown }) as Event;
const any = expect.anything() as Event;
const answer = (nth: number, about: UserFacts | "not-found", seconds = 0) =>
  answers(reset, about, { request: question(reset, nth), attestedAt: iso(seconds) });

/** Somebody writes in this name; the directory says who that is, and about Ann. */
const asked = (name: string, claimed: UserFacts | "not-found"): readonly Step[] => [
  opened(unverified(name)),
  requests(reset),
  answer(1, claimed),
];
const required = (terms: object, more: object = {}) =>
  event("approval.required.v1", { terms: expect.objectContaining(terms) as unknown, ...more });

test("P12: the directory is asked first whose name was used", () => {
  upon(opened(unverified("dora")))
    .when(requests(reset))
    .decides(
      any,
      event("facts.requested.v1", { question: { kind: "user", user: "dora@contoso.example" } }),
      any,
    );
});

test("P12: the manager of the person acted on is asked, and the name used is carried along", () => {
  upon(...asked("dora", dora))
    .when(answer(2, ann))
    .decides(any, required({ manager: bob.objectId, quorum: 1 }, { claimant: dora.objectId }), any);
});

test("P12: somebody nobody knows is no claimant, and stops nothing", () => {
  upon(...asked("mallory", "not-found"))
    .when(answer(2, ann))
    .decides(any, required({ manager: bob.objectId }), any);
});

test.each([
  ["the manager's name was used", asked("bob", bob), ann],
  ["there is no manager", asked("dora", dora), facts("ann")],
  ["a person is their own manager", asked("dora", dora), facts("ann", { manager: ann.objectId })],
])("P12: the identity approvers are asked where %s", (_why, steps, target) => {
  const terms = { group: identityApprovers, groupName: "identity-approvers", quorum: 1 };
  upon(...steps)
    .when(answer(2, target))
    .decides(
      any,
      expect.not.objectContaining({
        data: expect.objectContaining({
          terms: expect.objectContaining({ manager: expect.anything() as unknown }) as unknown,
        }) as unknown,
      }) as Event,
      any,
    );
  upon(...steps)
    .when(answer(2, target))
    .decides(any, required(terms), any);
});

test("P2: a VIP's password still needs two of the identity approvers", () => {
  upon(...asked("dora", dora))
    .when(answer(2, { ...ann, vip: true }))
    .decides(any, required({ group: identityApprovers, quorum: 2 }), any);
});

const waiting: readonly Step[] = [...asked("dora", dora), answer(2, ann)];
const grantedBy = (...ids: string[]): readonly Step[] => [...waiting, grants(reset, ids)];

test("P7: the manager's grant counts while they are the manager", () => {
  upon(...grantedBy(bob.objectId))
    .when(answer(3, ann, 1), at(1))
    .decides(any, event("action.allowed.v1", { mode: "approved", grantedBy: [bob.objectId] }));
});

test.each([
  [
    "of a manager who is none any more",
    grantedBy(bob.objectId),
    facts("ann", { manager: dora.objectId }),
  ],
  ["of a manager, where the person became a VIP", grantedBy(bob.objectId), { ...ann, vip: true }],
  ["of somebody else", grantedBy(facts("carl").objectId), ann],
  ["of the person whose name was used", grantedBy(dora.objectId), ann],
])("P7: the grant %s is worth nothing", (_whose, steps, target) => {
  upon(...steps)
    .when(answer(3, target, 1), at(1))
    .decides(any, {
      ...denied(reset, "approval-insufficient"),
      data: expect.objectContaining({ code: "approval-insufficient" }) as never,
    } as Event);
});
