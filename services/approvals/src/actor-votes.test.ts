// The approvals actor: votes on an open request, and the directory's word on a voter.

import { derivedId } from "@niivo/contracts/canonical";
import { describe, test } from "vitest";
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
  settled,
  waits,
} from "../test/decisions.ts";
import {
  actionId,
  ann,
  askedEvent,
  atExpiry,
  attestedInput,
  ben,
  dueInput,
  eve,
  group,
  groupAnswer,
  memberAnswer,
  noted,
  otherTenantId,
  rita,
  start,
  tom,
  voteInput,
  voteOf,
} from "../test/example.ts";
import type { RejectionCode } from "./codes.ts";
import type { Event, Input } from "./state.ts";

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
