// P5: what is decided at all. The policy actor by given, when, decides.

import { actionDigest } from "@niivo/contracts/action";
import { derivedId } from "@niivo/contracts/canonical";
import { describe, expect, test } from "vitest";
import { allowed, ann, denied, learned, me, noted, reply, reset, upon } from "../test/expected.ts";
import { action, now, otherTenantId } from "../test/people.ts";
import {
  answers,
  byDefault,
  completes,
  escalated,
  opened,
  requests,
  resolved,
} from "../test/story.ts";
import { denialsMax } from "./admission.ts";
import { actionsMax } from "./ticket-state.ts";

describe("P5: what is not decided at all", () => {
  const wrong = action("ticket.reply", { text: "x" }, { customer: "fabrikam" });
  const stray = action("ticket.reply", { text: "x" }, { ticket: derivedId("ticket", "2") });
  const stranger = action("ticket.reply", { text: "x" }, { agent: "niivo-intruder" });
  const unknown = action("user.delete", {});
  const long = action("ticket.reply", { text: "x".repeat(4001) });
  test.each([
    ["another customer's", "foreign-customer", wrong],
    ["another ticket's", "wrong-ticket", stray],
    ["a stranger's", "unknown-agent", stranger],
    ["one of a tool that does not exist", "unknown-tool", unknown],
    ["one without its argument", "invalid-arguments", action("password.reset", {})],
    [
      "one with an argument too many",
      "invalid-arguments",
      action("mfa.reset", { user: "ann", force: true }),
    ],
    ["one with a path for a person", "invalid-arguments", action("mfa.reset", { user: "../ann" })],
    ["one with a text over the limit", "invalid-arguments", long],
    ["one over 128 KB", "too-large", action("ticket.reply", { text: "x".repeat(131_073) })],
  ])("P5: %s action is denied: %s", (_whose, code, bad) =>
    upon(opened(me)).when(requests(bad)).decides(denied(bad, code)),
  );

  test("P5: a digest of something else is denied, under the digest computed here", () =>
    upon(opened(me))
      .when(requests(reply, { digest: actionDigest(reset) }))
      .decides(denied(reply, "digest-mismatch")));

  test("P5: a false digest does not close the open action it names", () => {
    const twin = { ...reset, arguments: { user: "dora@contoso.example" } };
    upon(opened(me), requests(reset), requests(twin, { digest: actionDigest(reset) }))
      .when(answers(reset, ann))
      .decides(learned, allowed);
  });

  test("P5: a message of a customer that is not configured is denied", () =>
    upon(opened(me))
      .when({ ...requests(reply), customer: "nobody" })
      .decides(denied(reply, "unknown-customer")));

  test("P5: a message without a ticket is denied", () =>
    upon()
      .when({ ...requests(reply), ticket: undefined })
      .decides(denied(reply, "wrong-ticket")));

  test("P5: a requester of another tenant is denied", () =>
    upon(opened({ ...me, tenantId: otherTenantId }))
      .when(requests(reply))
      .decides(noted, denied(reply, "foreign-requester")));

  test("P5: the field that is wrong is named, its value is not", () => {
    const [refusal] = byDefault.decide(
      requests(action("mfa.reset", { user: "s e c r e t" })),
      byDefault.initialState,
      now,
    );
    expect(refusal).toMatchObject({ data: { detail: expect.stringContaining("arguments/user") } });
    expect(JSON.stringify(refusal)).not.toContain("s e c r e t");
  });

  test("an identical request of an open action is answered once", () =>
    upon(opened(me), requests(reset)).when(requests(reset)).decides());

  test("another action under an id in use is denied, and the first is not touched", () => {
    const twin = { ...reset, arguments: { user: "dora@contoso.example" } };
    upon(opened(me), requests(reset)).when(requests(twin)).decides(denied(twin, "repeated-action"));
    upon(opened(me), requests(reset), requests(twin))
      .when(answers(reset, ann))
      .decides(learned, allowed);
  });

  test.each([
    ["completed", reply, [opened(me), requests(reply), completes(reply)]],
    ["denied", reset, [opened(me), requests(reset), answers(reset, "not-found")]],
    ["refused", unknown, [opened(me), requests(unknown)]],
  ])("an action that was %s is not asked for again", (_how, same, steps) =>
    upon(...steps)
      .when(requests(same))
      .decides(denied(same, "repeated-action")),
  );

  test.each([
    ["resolved", resolved],
    ["escalated", escalated],
  ])("after the ticket was %s nothing is decided for it", (_how, end) =>
    upon(opened(me), end).when(requests(reply)).decides(denied(reply, "ticket-closed")),
  );

  test(`after ${denialsMax} denials the ticket is suspended`, () => {
    const bad = Array.from({ length: denialsMax }, () => requests(action("user.delete", {})));
    upon(opened(me), ...bad)
      .when(requests(reply))
      .decides(denied(reply, "ticket-suspended"));
    upon(opened(me), ...bad.slice(1))
      .when(requests(reply))
      .decides(noted, allowed);
  });

  test(`a ticket has at most ${actionsMax} actions`, () => {
    const many = Array.from({ length: actionsMax }, () =>
      requests(action("ticket.reply", { text: "x" })),
    );
    upon(opened(me), ...many)
      .when(requests(reply))
      .decides(denied(reply, "too-many-actions"));
  });

  test("the open actions of a ticket together are bounded", () => {
    const large = () =>
      action("model.respond", {
        messages: Array.from({ length: 8 }, () => ({ role: "user", content: "x".repeat(16_000) })),
        tools: [],
      });
    const fifth = large();
    const four = Array.from({ length: 4 }, () => requests(large()));
    upon(opened(me), ...four)
      .when(requests(fifth))
      .decides(denied(fifth, "too-large"));
    const ends = four.slice(0, 1).map(({ data }) => completes(data.action));
    upon(opened(me), ...four, ...ends)
      .when(requests(fifth))
      .decides(noted, allowed);
  });
});
