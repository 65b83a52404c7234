// An approval by the target's manager: the directory is asked whether that one person manages the target, when
// people are asked and again at the vote. Nobody else may answer.

import { derivedId } from "@niivo/contracts/canonical";
import { specify } from "@niivo/host/testing/specify";
import { describe, expect, test } from "vitest";
import {
  actionId,
  ann,
  askedEvent,
  attestedInput,
  ben,
  digest,
  groupAnswer,
  groupRequest,
  memberAnswer,
  required,
  requiredInput,
  start,
  tom,
  voteInput,
  voteOf,
} from "../test/example.ts";
import { approvals } from "./actor.ts";
import type { Event, Input, Required } from "./state.ts";

const { given } = specify(approvals, start);
const terms = { ...required.terms, quorum: 1, manager: ann };
const byManager: Required = { ...required, terms };
const noted: Event = {
  type: "note.required",
  data: { required: byManager, request: groupRequest },
};
type Answer = Parameters<typeof attestedInput>[1];
const management = (change: object = {}) =>
  ({
    ...{ kind: "manager", of: tom, person: ann, displayName: "Ann", enabled: true, manages: true },
    ...change,
  }) as Answer;
const answered = (answer: Answer): Input => attestedInput(groupRequest, answer);
const approver = { objectId: ann, displayName: "Ann" };
const asked = (one: object = approver): Event =>
  askedEvent({ quorum: 1, approvers: [{ ...approver, ...one }] });
const refused = (code: string): Event =>
  expect.objectContaining({
    type: "approval.refused.v1",
    data: expect.objectContaining({ code }) as unknown,
  }) as Event;
const rejected = (code: string): Event =>
  expect.objectContaining({
    type: "vote.rejected.v1",
    data: expect.objectContaining({ code }) as unknown,
  }) as Event;

describe("asking the manager", () => {
  test("the directory is asked whether that person manages the target, not who is in a group", () => {
    const question = { kind: "manager", of: tom, person: ann } as const;
    given()
      .when(requiredInput({ terms }))
      .decides(
        expect.objectContaining({ type: "note.required" }) as Event,
        expect.objectContaining({
          type: "facts.requested.v1",
          data: expect.objectContaining({ question }) as unknown,
        }) as Event,
        expect.objectContaining({ type: "approval.due.v1" }) as Event,
      );
  });

  test("an action that acts on nobody has no manager to ask", () => {
    const { target: _, ...rest } = byManager;
    given()
      .when({ ...requiredInput(), data: rest } as Input)
      .decides(refused("approvers-unavailable"));
  });

  test("the manager alone is asked, in the language the directory says", () => {
    given(noted).when(answered(management())).decides(asked());
    given(noted)
      .when(answered(management({ language: "it" })))
      .decides(asked({ language: "it" }));
  });

  test.each([
    ["not-enough-approvers", "does not manage the target any more", management({ manages: false })],
    ["not-enough-approvers", "is disabled", management({ enabled: false })],
    ["approvers-unavailable", "is another person", management({ person: ben })],
    ["approvers-unavailable", "is somebody else's manager", management({ of: ben })],
    ["approvers-unavailable", "is a group", groupAnswer(ann, ben)],
    ["approvers-unavailable", "is not to be had", { kind: "unavailable" } as Answer],
  ])("A7: %s where the answer %s", (code, _what, answer) => {
    given(noted).when(answered(answer)).decides(refused(code));
  });

  test("A5: the manager whose name an unverified requester used is not asked", () => {
    const claimed: Event = {
      type: "note.required",
      data: { required: { ...byManager, claimant: ann }, request: groupRequest },
    };
    given(claimed).when(answered(management())).decides(refused("not-enough-approvers"));
  });
});

describe("the manager's vote", () => {
  const waits: Event = {
    type: "note.vote-waits",
    data: { request: derivedId(ann), vote: voteOf(ann) },
  };
  const settled: Event = { type: "note.vote-settled", data: { request: derivedId(ann) } };
  const open = [noted, asked()] as const;

  test("A2: the directory is asked again whether the voter manages the target", () => {
    const question = { kind: "manager", of: tom, person: ann } as const;
    given(...open)
      .when(voteInput(ann))
      .decides(
        expect.objectContaining({ type: "note.vote-waits" }) as Event,
        expect.objectContaining({
          type: "facts.requested.v1",
          data: expect.objectContaining({ question }) as unknown,
        }) as Event,
      );
  });

  test("counts when it says so", () => {
    given(...open, waits)
      .when(attestedInput(derivedId(ann), management()))
      .decides(settled, {
        type: "approval.granted.v1",
        data: { actionId, digest, grantedBy: [ann], via: "teams" },
      });
  });

  test.each([
    ["not-in-group", "they manage the target no more", management({ manages: false })],
    ["approver-disabled", "they are disabled", management({ enabled: false })],
    ["facts-unavailable", "it is about another target", management({ of: ben })],
    ["facts-unavailable", "it is about another voter", management({ person: ben })],
    ["facts-unavailable", "it answers for the group", memberAnswer(ann)],
  ])("A2: %s where %s", (code, _why, answer) => {
    given(...open, waits)
      .when(attestedInput(derivedId(ann), answer))
      .decides(settled, rejected(code));
  });

  test("A2: nobody of the group may answer in the manager's place", () => {
    given(...open)
      .when(voteInput(ben))
      .decides(rejected("not-an-approver"));
  });
});
