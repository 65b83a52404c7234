// The approvals actor, by what it was told, what comes and what it decides: asking, cards, before and after.

import { actionDigest } from "@niivo/contracts/action";
import { derivedId } from "@niivo/contracts/canonical";
import { describe, expect, test } from "vitest";
import {
  accepted,
  confirmed,
  due,
  expired,
  given,
  granted,
  open,
  openForOne,
  refused,
  rejected,
} from "../test/decisions.ts";
import {
  action,
  actionId,
  ann,
  askedEvent,
  atExpiry,
  attestedInput,
  ben,
  cas,
  dueInput,
  failedInput,
  group,
  groupAnswer,
  groupRequest,
  memberAnswer,
  noted,
  otherTenantId,
  postedInput,
  required,
  requiredInput,
  rita,
  tom,
  voteInput,
} from "../test/example.ts";
import { actionOf } from "./actor.ts";
import type { Event } from "./state.ts";

describe("asking", () => {
  test("a requirement asks the directory for the group and sets the clock", () => {
    const input = requiredInput();
    const request = derivedId(actionId, "group");
    given()
      .when(input)
      .decides(
        { type: "note.required", data: { required, request } },
        {
          type: "facts.requested.v1",
          data: { request, actionId, question: { kind: "group", group } },
        },
        due,
      );
  });

  test("A6: an action that its digest does not name is refused before anybody is asked", () => {
    const tampered = { ...action, arguments: { user: "ceo@contoso.example" } };
    given()
      .when(requiredInput({ action: tampered }))
      .decides(refused("digest-mismatch"));
  });

  test("an action of another customer is refused", () => {
    const foreign = { ...action, customer: "fabrikam" };
    const named = actionDigest(foreign);
    const refusal = refused("other-customer");
    given()
      .when(requiredInput({ action: foreign, digest: named }))
      .decides({ ...refusal, data: { ...refusal.data, digest: named } } as Event);
  });

  test("a target in another tenant is refused", () => {
    const target = required.target && { ...required.target, tenantId: otherTenantId };
    given().when(requiredInput({ target })).decides(refused("other-customer"));
  });

  test("A3: what comes at its expiry is never asked", () =>
    given().when(requiredInput(), atExpiry).decides(expired));

  test("the members of the group are asked", () =>
    given(noted)
      .when(attestedInput(groupRequest, groupAnswer(ann, ben, cas)))
      .decides(askedEvent()));

  test("A5: requester and target are not asked, in whatever case the directory writes their ids", () =>
    given(noted)
      .when(
        attestedInput(groupRequest, groupAnswer(rita.toUpperCase(), ann, tom, ben, rita, cas, tom)),
      )
      .decides(askedEvent()));

  test("A7: one person listed twice is one approver", () =>
    given(noted)
      .when(attestedInput(groupRequest, groupAnswer(ann, ann.toUpperCase(), rita, tom)))
      .decides(refused("not-enough-approvers")));

  test.each([
    ["an empty group", groupAnswer(), "not-enough-approvers"],
    ["only requester and target", groupAnswer(rita, tom), "not-enough-approvers"],
    ["fewer people than the quorum", groupAnswer(ann), "not-enough-approvers"],
    ["no such group", { kind: "not-found" }, "approvers-unavailable"],
    ["a directory that is away", { kind: "unavailable" }, "approvers-unavailable"],
    ["an answer about a person", memberAnswer(ann), "approvers-unavailable"],
    [
      "another group",
      { ...groupAnswer(ann, ben, cas), group: otherTenantId },
      "approvers-unavailable",
    ],
  ] as const)("A7: %s means nobody, not anybody", (_, answer, code) =>
    given(noted).when(attestedInput(groupRequest, answer)).decides(refused(code)),
  );

  test("an answer to a question that was not asked changes nothing", () =>
    given(noted)
      .when(attestedInput(derivedId("x"), groupAnswer(ann, ben, cas)))
      .decides());

  test("A6: an action too large to show whole is refused", () => {
    const large = { ...action, arguments: { text: "x".repeat(30_000) } };
    const data = { ...required, action: large, digest: actionDigest(large) };
    const { type, data: refusal } = refused("too-large-to-show");
    given({ type: "note.required", data: { required: data, request: groupRequest } })
      .when(attestedInput(groupRequest, groupAnswer(ann, ben, cas)))
      .decides({ type, data: { ...refusal, digest: data.digest } } as Event);
  });

  test("A3: an answer about the group that comes too late asks nobody", () =>
    given(noted)
      .when(attestedInput(groupRequest, groupAnswer(ann, ben, cas)), atExpiry)
      .decides(expired));

  test("A3: the clock ends a request whose approvers were never found", () =>
    given(noted).when(dueInput(), atExpiry).decides(expired));
});

describe("cards", () => {
  const failed = (approver: string): Event => ({
    type: "note.card-failed",
    data: { approver, code: "teams-refused" },
  });

  test("a posted card is remembered", () =>
    given(...open)
      .when(postedInput(ann))
      .decides({
        type: "note.card-posted",
        data: { approver: ann, conversationId: "a:1", activityId: "1" },
      }));

  test("a card that fails is remembered while enough people are left", () =>
    given(...open)
      .when(failedInput(ann))
      .decides(failed(ann)));

  test("one person's card failing twice is one person", () =>
    given(...open, failed(ann))
      .when(failedInput(ann.toUpperCase()))
      .decides(failed(ann.toUpperCase())));

  test("A7: fewer reachable people than the quorum means no", () =>
    given(...open, failed(ann))
      .when(failedInput(ben))
      .decides(failed(ben), refused("too-few-reached")));

  test("A7: nobody reachable means no", () =>
    given(...openForOne, failed(ann), failed(ben))
      .when(failedInput(cas))
      .decides(failed(cas), refused("nobody-reached")));
});

describe("before and after", () => {
  test("A4: a vote nobody asked for is recorded", () => {
    given().when(voteInput(ann)).decides(rejected(ann, "unknown-approval"));
    given(noted).when(voteInput(ann)).decides(rejected(ann, "unknown-approval"));
  });

  test("what concerns an unknown approval otherwise decides nothing", () => {
    for (const input of [dueInput(), postedInput(ann), failedInput(ann), confirmed(ann)])
      given().when(input).decides();
  });

  test.each([
    ["granted", granted(ann, ben)],
    ["refused", refused("refused-by-approver", ann)],
    ["expired", expired],
  ] as const)("A1, A4: once %s it stays so, and later votes are recorded", (_, end) => {
    const history = [...open, accepted(ann), end] as const;
    for (const input of [requiredInput(), dueInput(), failedInput(cas), confirmed(ben)])
      given(...history)
        .when(input, atExpiry)
        .decides();
    given(...history)
      .when(voteInput(ben))
      .decides(rejected(ben, "closed"));
  });

  test("a repeated requirement does not ask again", () => {
    given(noted).when(requiredInput()).decides();
    given(...open)
      .when(requiredInput())
      .decides();
  });

  test("every input belongs to its action", () => {
    for (const input of [requiredInput(), voteInput(ann), dueInput(), confirmed(ann)])
      expect(actionOf(input)).toBe(actionId);
  });
});
