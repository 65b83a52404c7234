// The policy actor by given, when, decides. P5 is in admission.test.ts, P7 in approval.test.ts.

import { attemptsMax } from "@niivo/contracts/policy";
import { describe, expect, test } from "vitest";
import {
  allowed,
  ann,
  asks,
  basis,
  bob,
  carl,
  decision,
  denied,
  granted,
  identityApprovers,
  learned,
  me,
  noted,
  reply,
  reset,
  timer,
  upon,
  waiting,
} from "../test/expected.ts";
import { about, defaultText, facts, otherTenantId } from "../test/people.ts";
import {
  answers,
  at,
  byDefault,
  completes,
  due,
  expires,
  grants,
  iso,
  lapses,
  opened,
  optionsFor,
  question,
  refuses,
  requests,
  type Step,
  story,
} from "../test/story.ts";
import { policyActor } from "./actor.ts";

describe("the way of an action", () => {
  test("a tool without a target is decided at once", () =>
    upon(opened(me))
      .when(requests(reply))
      .decides(noted, {
        type: "action.allowed.v1",
        data: {
          ...decision(reply, me),
          ...{ basis: basis("agent-replies"), mode: "log", expiresAt: iso(300), attempt: 1 },
        },
      }));

  test("a tool with a target waits for facts first", () =>
    upon(opened(me)).when(requests(reset)).decides(noted, asks(reset), timer(reset, 240)));

  test("the attested facts decide it, and travel with the decision", () =>
    upon(opened(me), requests(reset))
      .when(answers(reset, ann), at(2))
      .decides(learned, {
        type: "action.allowed.v1",
        data: {
          ...decision(reset, me, ann),
          ...{ basis: basis("password-own"), mode: "log", expiresAt: iso(302), attempt: 1 },
        },
      }));

  test("people are asked where the policy says so, and their silence has an end", () =>
    upon(opened(bob), requests(reset))
      .when(answers(reset, ann))
      .decides(
        learned,
        {
          type: "approval.required.v1",
          data: {
            ...decision(reset, bob, ann),
            basis: basis("password-approved"),
            terms: { ...identityApprovers, quorum: 1, expiresAt: iso(1800) },
            reason: "The person cannot sign in.",
          },
        },
        timer(reset, 1860),
      ));

  test("the configuration can shorten every approval", () => {
    const hasty = policyActor({ ...optionsFor(defaultText), approvalMsMax: 5000 });
    const events = story(hasty, ...waiting);
    expect(events.at(-2)).toMatchObject({ data: { terms: { expiresAt: iso(5) } } });
    expect(events.at(-1)).toEqual(timer(reset, 65));
  });

  test("what the policy denies is denied with its basis", () =>
    upon(opened(me), requests(reset))
      .when(answers(reset, facts("ann", { enabled: false })))
      .decides(learned, denied(reset, "forbidden", ["credential-disabled"])));

  test("an action that came before its ticket waits, and is decided with it", () =>
    upon(requests(reply), requests(reset))
      .when(opened(me), at(1))
      .decides(
        { type: "note.requester", data: { requester: me } },
        {
          type: "action.allowed.v1",
          data: {
            ...decision(reply, me),
            ...{ basis: basis("agent-replies"), mode: "log", expiresAt: iso(301), attempt: 1 },
          },
        },
        asks(reset),
        timer(reset, 241),
      ));

  test("the first word on who opened the ticket stands", () =>
    upon(opened(me)).when(opened(bob)).decides());

  test("an outcome closes the action", () =>
    upon(opened(me), requests(reply))
      .when(completes(reply))
      .decides({ type: "note.ended", data: { actionId: reply.id } }));
});

describe("P6: facts", () => {
  test("P6: nobody of that name is a denial", () =>
    upon(opened(me), requests(reset))
      .when(answers(reset, "not-found"))
      .decides(denied(reset, "target-not-found")));

  test.each(["unavailable", "group"] as const)("P6: the answer %s is a denial", (answer) =>
    upon(opened(me), requests(reset))
      .when(answers(reset, answer))
      .decides(denied(reset, "facts-unavailable")),
  );

  test("P6: facts from the future are none", () =>
    upon(opened(me), requests(reset))
      .when(answers(reset, ann, { attestedAt: iso(6) }))
      .decides(denied(reset, "facts-unavailable")));

  test("P6: facts that became too old on their way are asked for again, a few times", () => {
    const late = (nth: number, seconds: number) =>
      answers(reset, ann, { request: question(reset, nth), attestedAt: iso(seconds - 61) });
    const first = [opened(me), requests(reset)] as const;
    upon(...first)
      .when(late(1, 100), at(100))
      .decides(asks(reset, 2), timer(reset, 340));
    upon(...first, [late(1, 100), 100], [late(2, 200), 200])
      .when(late(3, 300), at(300))
      .decides(denied(reset, "facts-unavailable"));
  });

  test("P6: somebody of another tenant is not acted on", () =>
    upon(opened(me), requests(reset))
      .when(answers(reset, { ...ann, tenantId: otherTenantId }))
      .decides(learned, denied(reset, "foreign-tenant")));

  test("P6: young facts about the same person serve the next action, old ones do not", () => {
    const next = about("user.facts", "ann");
    const known = [opened(me), requests(reset), answers(reset, ann)];
    upon(...known)
      .when(requests(next), at(60))
      .decides(noted, allowed);
    upon(...known)
      .when(requests(next), at(60.001))
      .decides(noted, asks(next), timer(next, 300.001));
  });

  test("P6: facts about one person say nothing about another", () => {
    const next = about("user.facts", "dora");
    upon(opened(me), requests(reset), answers(reset, ann))
      .when(requests(next))
      .decides(noted, asks(next), timer(next, 240));
  });
});

describe("P8: every wait has an end", () => {
  test.each([
    ["for the ticket", "requester-unknown", [requests(reply)], reply, 240],
    ["for facts", "facts-unavailable", [opened(me), requests(reset)], reset, 240],
    ["for people", "approval-expired", waiting, reset, 1860],
    ["for facts after people", "facts-unavailable", granted, reset, 840],
  ] as const)("P8: the wait %s ends as %s", (_what, code, steps, wanted, seconds) => {
    upon(...steps)
      .when(due(wanted), at(seconds))
      .decides(denied(wanted, code));
    upon(...steps)
      .when(due(wanted), at(seconds - 0.001))
      .decides(timer(wanted, seconds));
  });

  test("P8: what comes after the end decides nothing", () =>
    upon(opened(me), requests(reset), [due(reset), 240])
      .when(answers(reset, ann), at(241))
      .decides());

  test("P8: a timer of an earlier wait does not end what is allowed by now", () =>
    upon(opened(me), requests(reset), answers(reset, ann)).when(due(reset), at(30)).decides());
});

describe("P9: what belongs to nothing", () => {
  test.each([
    ["facts", answers(reset, ann)],
    ["a grant", grants(reset, [carl])],
    ["a refusal", refuses(reset)],
    ["an expiry", expires(reset)],
    ["a lapse", lapses(reset)],
    ["an outcome", completes(reset)],
    ["a timer", due(reset)],
  ])("P9: %s about an unknown action decides nothing", (_what, input) =>
    upon(opened(me)).when(input).decides(),
  );

  test.each([
    ["facts of another question", answers(reset, ann, { request: question(reset, 2) })],
    ["a grant nobody asked for", grants(reset, [carl])],
    ["a refusal nobody asked for", refuses(reset)],
    ["an expiry of no approval", expires(reset)],
    ["a lapse of no authorization", lapses(reset)],
  ])("P9: %s decides nothing", (_what, input) =>
    upon(opened(me), requests(reset)).when(input).decides(),
  );

  test.each([
    ["a refusal", refuses(reset, "0".repeat(64))],
    ["an expiry", expires(reset, "0".repeat(64))],
    ["a lapse", lapses(reset, "0".repeat(64))],
  ])("P9: %s of another digest decides nothing", (_what, input) =>
    upon(...waiting)
      .when(input)
      .decides(),
  );
});

describe("P10: a lapsed authorization", () => {
  const lapsedTimes = (times: number): Step[] => Array.from({ length: times }, () => lapses(reply));

  test("P10: is decided again, as the next attempt", () =>
    upon(opened(me), requests(reply))
      .when(lapses(reply), at(300))
      .decides({
        type: "action.allowed.v1",
        data: {
          ...decision(reply, me),
          ...{ basis: basis("agent-replies"), mode: "log", expiresAt: iso(600), attempt: 2 },
        },
      }));

  test(`P10: after ${attemptsMax} attempts it is denied`, () =>
    upon(opened(me), requests(reply), ...lapsedTimes(attemptsMax - 1))
      .when(lapses(reply))
      .decides(denied(reply, "authorization-lapsed")));

  test("P10: old facts are read again first", () =>
    upon(opened(me), requests(reset), answers(reset, ann))
      .when(lapses(reset), at(300))
      .decides(asks(reset, 2), timer(reset, 540)));

  test("P10: people who granted it are not asked twice", () => {
    const fresh = { request: question(reset, 2), attestedAt: iso(601) };
    const allowed: readonly Step[] = [...granted, [answers(reset, ann, fresh), 601]];
    const third = { request: question(reset, 3), attestedAt: iso(902) };
    const events = story(
      byDefault,
      ...allowed,
      [lapses(reset), 901],
      [answers(reset, ann, third), 902],
    );
    expect(events.at(-1)).toMatchObject({
      type: "action.allowed.v1",
      data: { mode: "approved", grantedBy: [carl], attempt: 2 },
    });
  });

  test("P10: the second decision may be a denial", () => {
    const second = { request: question(reset, 2), attestedAt: iso(301) };
    upon(opened(me), requests(reset), answers(reset, ann), [lapses(reset), 300])
      .when(answers(reset, facts("ann", { enabled: false }), second), at(301))
      .decides(learned, denied(reset, "forbidden", ["credential-disabled"]));
  });
});
