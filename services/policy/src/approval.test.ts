// P7: what an approval does, and does not do. The policy actor by given, when, decides.

import type { UserFacts } from "@niivo/contracts/facts";
import { specify } from "@niivo/host/testing/specify";
import { describe, expect, test } from "vitest";
import {
  ann,
  asks,
  basis,
  bob,
  carl,
  decision,
  denied,
  dora,
  granted,
  identityApprovers,
  learned,
  me,
  reply,
  reset,
  timer,
  upon,
  waiting,
} from "../test/expected.ts";
import { contoso, defaultText, facts, now, otherTenantId } from "../test/people.ts";
import {
  answers,
  at,
  byDefault,
  expires,
  grants,
  iso,
  opened,
  optionsFor,
  question,
  refuses,
  requests,
  type Step,
  story,
} from "../test/story.ts";
import { policyActor } from "./actor.ts";
import type { Event } from "./ticket-state.ts";

describe("P7: an approval", () => {
  const again = (answer: UserFacts) =>
    answers(reset, answer, { request: question(reset, 2), attestedAt: iso(601) });
  const approved = (grantedBy: string[], target: UserFacts, policies: string[]): Event => ({
    type: "action.allowed.v1",
    data: {
      ...decision(reset, bob, target),
      ...{ basis: basis(...policies), mode: "approved", grantedBy },
      ...{ expiresAt: iso(901), attempt: 1 },
    },
  });

  test("P7: makes policy ask for facts again, however young those at hand are", () =>
    upon(...waiting)
      .when(grants(reset, [carl]), at(1))
      .decides(
        {
          type: "note.granted",
          data: {
            ...{ actionId: reset.id, group: identityApprovers.group },
            ...{ manager: null, grantedBy: [carl] },
          },
        },
        asks(reset, 2),
        timer(reset, 241),
      ));

  test("P7: with the fresh facts the action is allowed", () =>
    upon(...granted)
      .when(again(ann), at(601))
      .decides(learned, approved([carl], ann, ["password-approved"])));

  test("P7: it still carries when the policy by now asks nobody", () => {
    const managed = { ...ann, manager: bob.objectId };
    upon(...granted)
      .when(again(managed), at(601))
      .decides(learned, approved([carl], managed, ["password-by-manager"]));
  });

  test("P7: the answer to the first question does not serve after it", () =>
    upon(...granted)
      .when(answers(reset, ann), at(601))
      .decides());

  test.each([
    ["was disabled", { enabled: false }, "forbidden", ["credential-disabled"]],
    ["became a VIP", { vip: true }, "approval-insufficient", ["credential-protected"]],
    ["became privileged", { privileged: true }, "approval-insufficient", ["credential-protected"]],
    ["is another person by now", { objectId: dora }, "target-changed", undefined],
    ["is of another tenant", { tenantId: otherTenantId }, "foreign-tenant", undefined],
  ])("P7: it does not carry when the person %s", (_what, change, code, policies) =>
    upon(...granted)
      .when(again({ ...ann, ...change }), at(601))
      .decides(learned, denied(reset, code, policies)),
  );

  test.each([
    ["the requester", [bob.objectId]],
    ["the requester, written in capitals", [bob.objectId.toUpperCase()]],
    ["the person acted on", [ann.objectId]],
  ])("P7: a grant by %s does not count", (_who, grantedBy) =>
    upon(...waiting, [grants(reset, grantedBy, { time: iso(600) }), 600])
      .when(again(ann), at(601))
      .decides(learned, denied(reset, "approval-insufficient", ["password-approved"])),
  );

  test("P7: a grant by the requester does not count where the policy by now asks nobody", () => {
    const managed = { ...ann, manager: bob.objectId };
    upon(...waiting, [grants(reset, [bob.objectId], { time: iso(600) }), 600])
      .when(again(managed), at(601))
      .decides(learned, denied(reset, "approval-insufficient", ["password-by-manager"]));
  });

  test("P7: a grant by the requester does not count when intake wrote the id in capitals", () => {
    const loud = { ...bob, objectId: bob.objectId.toUpperCase() };
    upon(opened(loud), requests(reset), answers(reset, ann), [
      grants(reset, [bob.objectId], { time: iso(600) }),
      600,
    ])
      .when(again(ann), at(601))
      .decides(learned, denied(reset, "approval-insufficient", ["password-approved"]));
  });

  test("P7: a grant by the group that the customer had before does not count", () => {
    const groups = { ...contoso.groups, identityApprovers: contoso.groups.vip };
    const moved = policyActor({ ...optionsFor(defaultText), customers: [{ ...contoso, groups }] });
    specify(moved, now)
      .given(...story(byDefault, ...granted))
      .when(again(ann), at(601))
      .decides(learned, denied(reset, "approval-insufficient", ["password-approved"]));
  });

  const vip = facts("ann", { vip: true });
  const twoWait: readonly Step[] = [opened(bob), requests(reset), answers(reset, vip)];
  test.each([
    ["one person", [carl]],
    ["one person twice", [carl, carl.toUpperCase()]],
    ["one person and the requester", [carl, bob.objectId]],
    ["one person and the VIP", [carl, ann.objectId]],
  ])("P7: where two are asked, %s is not enough", (_who, grantedBy) =>
    upon(...twoWait, [grants(reset, grantedBy, { time: iso(600) }), 600])
      .when(again(vip), at(601))
      .decides(learned, denied(reset, "approval-insufficient", ["credential-protected"])),
  );

  test("P7: where two are asked, two are enough", () =>
    upon(...twoWait, [grants(reset, [carl, dora], { time: iso(600) }), 600])
      .when(again(vip), at(601))
      .decides(learned, approved([carl, dora], vip, ["credential-protected"])));

  test("P7: a grant of another digest decides nothing", () =>
    upon(...waiting)
      .when(grants(reset, [carl], { digest: "0".repeat(64) }))
      .decides());

  test("P7: a grant from the very instant of expiry is too late", () =>
    upon(...waiting)
      .when(grants(reset, [carl], { time: iso(1800) }), at(1800))
      .decides(denied(reset, "approval-expired")));

  test("P7: it can be needed and given where nobody is acted on", () => {
    const text = `@id("ask") @mode("approve") @approvers("identity-approvers") permit (principal, action, resource);`;
    const strict = policyActor(optionsFor(text));
    const events = story(strict, opened(me), requests(reply), grants(reply, [carl]));
    expect(events.at(-1)).toMatchObject({
      type: "action.allowed.v1",
      data: { mode: "approved", grantedBy: [carl] },
    });
  });

  test("a refusal is a denial, in the approvals service's words", () => {
    upon(...waiting)
      .when(refuses(reset))
      .decides(denied(reset, "approval-refused"));
    expect(story(byDefault, ...waiting, refuses(reset)).at(-1)).toMatchObject({
      data: { detail: "An approver refused it." },
    });
  });

  test("an expiry is a denial", () =>
    upon(...waiting)
      .when(expires(reset))
      .decides(denied(reset, "approval-expired")));

  test("a grant after the refusal decides nothing", () =>
    upon(...waiting, refuses(reset))
      .when(grants(reset, [carl]))
      .decides());
});
