// The approvals actor, by what it was told, what comes and what it decides.

import { actionDigest } from "@niivo/contracts/action";
import { derivedId } from "@niivo/contracts/canonical";
import { specify } from "@niivo/host/testing/specify";
import { describe, expect, test } from "vitest";
import {
  action,
  actionId,
  ann,
  askedEvent,
  atExpiry,
  attestedInput,
  ben,
  cas,
  digest,
  dueInput,
  eve,
  expiresAt,
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
  start,
  tom,
  voteInput,
  voteOf,
} from "../test/example.ts";
import { actionOf, approvals } from "./actor.ts";
import type { RefusalCode, RejectionCode } from "./codes.ts";
import type { Event, Input } from "./state.ts";
import { english } from "./texts.ts";

const { given } = specify(approvals, start);

const about = { actionId, digest };
const rejected = (voter: string, code: RejectionCode, of: string = digest): Event => ({
  type: "vote.rejected.v1",
  data: { actionId, digest: of, voter, code, detail: english.rejections[code] },
});
const refused = (code: RefusalCode, refusedBy?: string): Event => ({
  type: "approval.refused.v1",
  data: {
    ...about,
    ...(refusedBy === undefined ? {} : { refusedBy }),
    ...{ code, detail: english.refusals[code] },
  },
});
const granted = (...grantedBy: string[]): Event => ({
  type: "approval.granted.v1",
  data: { ...about, grantedBy, via: "teams" },
});
const accepted = (voter: string, votes = 1, quorum = 2): Event => ({
  type: "vote.accepted.v1",
  data: { ...about, voter, votes, quorum },
});
const expired: Event = { type: "approval.expired.v1", data: about };
const due: Event = { type: "approval.due.v1", data: { actionId }, notBefore: expiresAt };

const waits = (voter: string, vote: "grant" | "refuse" = "grant"): Event => ({
  type: "note.vote-waits",
  data: { request: derivedId(voter), vote: voteOf(voter, { vote }) },
});
const settled = (voter: string): Event => ({
  type: "note.vote-settled",
  data: { request: derivedId(voter) },
});
const confirmed = (voter: string) => attestedInput(derivedId(voter), memberAnswer(voter));

const open = [noted, askedEvent()] as const;
const openForOne = [noted, askedEvent({ quorum: 1 })] as const;

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

describe("a vote on an open request", () => {
  test("A2: an approver's vote waits for the directory", () => {
    const input = voteInput(ann);
    const request = derivedId(actionId, "member", input.id);
    const question = { kind: "member", group, person: ann } as const;
    given(...open)
      .when(input)
      .decides(
        { type: "note.vote-waits", data: { request, vote: voteOf(ann) } },
        { type: "facts.requested.v1", data: { request, actionId, question } },
      );
  });

  const asApprover = (...ids: string[]) =>
    askedEvent({ approvers: ids.map((objectId) => ({ objectId, displayName: "" })) });

  test.each<[string, Event[], Input, RejectionCode]>([
    ["a stranger", [...open], voteInput(eve), "not-an-approver"],
    ["the requester", [...open], voteInput(rita), "is-requester"],
    ["the target", [...open], voteInput(tom), "is-target"],
    ["the requester in capitals", [...open], voteInput(rita.toUpperCase()), "is-requester"],
    ["a listed requester", [noted, asApprover(rita, ann)], voteInput(rita), "is-requester"],
    ["a listed target", [noted, asApprover(tom, ann)], voteInput(tom), "is-target"],
    [
      "someone of another tenant",
      [...open],
      voteInput(ann, { tenantId: otherTenantId }),
      "other-tenant",
    ],
    ["one whose first answer waits", [...open, waits(ann)], voteInput(ann), "already-voted"],
    ["one who has granted", [...open, accepted(ann)], voteInput(ann), "already-voted"],
    [
      "one who has granted and now refuses",
      [...open, accepted(ann)],
      voteInput(ann, { vote: "refuse" }),
      "already-voted",
    ],
    [
      "one who has granted, in capitals",
      [...open, accepted(ann)],
      voteInput(ann.toUpperCase()),
      "already-voted",
    ],
  ])("A2, A4, A5, A7: %s is recorded and does not count", (_, history, input, code) => {
    const voter = "voter" in input.data ? input.data.voter : "";
    given(...history)
      .when(input)
      .decides(rejected(voter, code));
  });

  test("A2: a vote about another digest does not count", () => {
    const other = "f".repeat(64);
    given(...open)
      .when(voteInput(ann, { digest: other }))
      .decides(rejected(ann, "other-digest", other));
  });

  test("A3, A4: at the very instant of expiry nothing is granted any more", () =>
    given(...open)
      .when(voteInput(ann), atExpiry)
      .decides(rejected(ann, "expired"), expired));

  test("A3, A4: a waiting vote is rejected when the time is over", () =>
    given(...open, waits(ann))
      .when(dueInput(), atExpiry)
      .decides(rejected(ann, "expired"), expired));

  test("A3: a confirmation that comes at expiry grants nothing", () =>
    given(...openForOne, waits(ann))
      .when(confirmed(ann), atExpiry)
      .decides(rejected(ann, "expired"), expired));

  test("the clock that rings early is set again", () =>
    given(...open)
      .when(dueInput())
      .decides(due));
});

describe("the directory's word on a voter", () => {
  const late = new Date(start.getTime() + 61_000);
  const gone = memberAnswer(ann, { enabled: true, member: false });
  const disabled = memberAnswer(ann, { enabled: false, member: true });
  const otherGroup = { ...memberAnswer(ann), group: otherTenantId } as const;

  test.each([
    ["is disabled", disabled, start, "approver-disabled"],
    ["has left the group", gone, start, "not-in-group"],
    ["is not known", { kind: "not-found" }, start, "not-in-group"],
    ["cannot be looked up", { kind: "unavailable" }, start, "facts-unavailable"],
    ["is somebody else", memberAnswer(ben), start, "facts-unavailable"],
    ["is in another group", otherGroup, start, "facts-unavailable"],
    ["is answered with a group", groupAnswer(ann), start, "facts-unavailable"],
    ["was confirmed too long ago", memberAnswer(ann), late, "facts-outdated"],
  ] as const)("A2, A4: a vote does not count of a person who %s", (_, answer, at, code) =>
    given(...openForOne, waits(ann))
      .when(attestedInput(derivedId(ann), answer), at)
      .decides(settled(ann), rejected(ann, code)),
  );

  test("A2: whoever was rejected for the directory's sake may answer again", () => {
    const input = voteInput(ann);
    const request = derivedId(actionId, "member", input.id);
    const question = { kind: "member", group, person: ann } as const;
    given(...open, waits(ann), settled(ann), rejected(ann, "facts-unavailable"))
      .when(input)
      .decides(
        { type: "note.vote-waits", data: { request, vote: voteOf(ann) } },
        { type: "facts.requested.v1", data: { request, actionId, question } },
      );
  });

  test("a confirmation nobody waits for changes nothing", () =>
    given(...openForOne)
      .when(confirmed(ann))
      .decides());

  test("the first of two grants counts and asks for more", () =>
    given(...open, waits(ann))
      .when(confirmed(ann))
      .decides(settled(ann), accepted(ann)));

  test("A7: the second person's grant reaches the quorum", () =>
    given(...open, accepted(ann), waits(ben))
      .when(confirmed(ben))
      .decides(settled(ben), granted(ann, ben)));

  test("A4: votes that still wait when it closes are rejected then", () =>
    given(...openForOne, waits(ann), waits(ben))
      .when(confirmed(ben))
      .decides(settled(ben), rejected(ann, "closed"), granted(ben)));

  test("one approver's refusal refuses, whoever granted before", () =>
    given(...open, accepted(ann), waits(ben, "refuse"))
      .when(confirmed(ben))
      .decides(settled(ben), refused("refused-by-approver", ben)));
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
