// policies/default.cedar as a two-way table: who gets what, and who gets nothing.

import type { Requester } from "@niivo/contracts/action";
import type { UserFacts } from "@niivo/contracts/facts";
import { describe, expect, test } from "vitest";
import {
  admin,
  ann,
  annOf,
  ask,
  bob,
  byDefault,
  chief,
  gone,
  inWords,
  mail,
  me,
} from "../test/asking.ts";
import { action, now, unverified } from "../test/people.ts";

const licence = (requester: Requester, target: UserFacts) =>
  byDefault(
    {
      action: action("license.assign", { user: target.userPrincipalName, license: "SPE_E3" }),
      ...{ requester, target, reason: "So." },
    },
    now,
  );

describe("the default set", () => {
  test.each([
    ["notify", "Ann wants a licence", me, ann],
    ["notify", "a manager wants one for a report", bob, annOf(bob)],
    ["approve by 1", "Bob wants one for a stranger", bob, ann],
    ["deny: no-permit", "an e-mail wants one", mail, ann],
    ["deny: no-permit", "one for a disabled person", me, gone],
  ])("%s: %s", (ruling, _who, requester, target) => {
    expect(inWords(licence(requester, target))).toBe(ruling);
  });

  test.each([
    ["log", "Ann, signed in, resets her own password", "password.reset", me, ann],
    ["log", "Ann, signed in, resets her own second factor", "mfa.reset", me, ann],
    ["log", "Bob resets the password of Ann, whom he manages", "password.reset", bob, annOf(bob)],
    ["log", "Bob, signed in, looks Ann up", "user.facts", bob, ann],
    ["log", "Bob, signed in, looks a disabled person up", "user.facts", bob, gone],
    ["approve by 1", "Bob resets the password of a stranger", "password.reset", bob, ann],
    ["approve by 1", "Bob resets a stranger's second factor", "mfa.reset", bob, ann],
    ["approve by 1", "a manager resets a second factor", "mfa.reset", bob, annOf(bob)],
    ["approve by 1", "an e-mail as Ann wants Ann's password", "password.reset", mail, ann],
    ["approve by 1", "an e-mail as Ann wants Ann's factor", "mfa.reset", mail, ann],
    [
      "approve by 1",
      "an e-mail as Ann's manager wants Ann's password",
      "password.reset",
      unverified("bob"),
      annOf(bob),
    ],
    ["approve by 2", "a VIP resets her own password", "password.reset", me, chief],
    ["approve by 2", "an administrator resets her own factor", "mfa.reset", me, admin],
    ["approve by 2", "a VIP's manager wants her password", "password.reset", bob, chief],
    ["approve by 2", "an e-mail wants an administrator's factor", "mfa.reset", mail, admin],
    ["deny: forbidden", "Ann, disabled, resets her password", "password.reset", me, gone],
    ["deny: forbidden", "Ann, disabled, resets her factor", "mfa.reset", me, gone],
    [
      "deny: forbidden",
      "a disabled person's manager",
      "password.reset",
      bob,
      {
        ...gone,
        manager: bob.objectId,
      },
    ],
    ["deny: forbidden", "an e-mail about a disabled person", "password.reset", mail, gone],
    ["deny: forbidden", "a disabled VIP", "password.reset", me, { ...chief, enabled: false }],
    ["deny: forbidden", "a disabled administrator", "mfa.reset", me, { ...admin, enabled: false }],
    ["notify", "Ann, signed in, ends her sessions", "sessions.revoke", me, ann],
    ["notify", "a VIP ends her own sessions: nobody is waited for", "sessions.revoke", me, chief],
    ["notify", "an administrator ends their own sessions", "sessions.revoke", me, admin],
    ["notify", "a manager ends the sessions of a report", "sessions.revoke", bob, annOf(bob)],
    ["approve by 1", "Bob ends a stranger's sessions", "sessions.revoke", bob, ann],
    ["approve by 1", "an e-mail as Ann wants Ann signed out", "sessions.revoke", mail, ann],
    ["deny: no-permit", "an e-mail as Bob looks Ann up", "user.facts", unverified("bob"), ann],
    ["deny: no-permit", "an e-mail as Ann looks Ann up", "user.facts", mail, ann],
    ["deny: no-permit", "an e-mail as Ann looks a VIP up", "user.facts", mail, chief],
  ])("%s: %s", (ruling, _who, tool, requester, target) => {
    expect(inWords(ask(byDefault, tool, requester, target))).toBe(ruling);
  });

  test.each([
    ["log", "a reply to the requester", "ticket.reply", { text: "Done." }, me],
    ["log", "a reply to an unverified requester", "ticket.reply", { text: "Done." }, mail],
    ["log", "the model", "model.respond", { messages: [], tools: ["user.facts"] }, me],
    ["deny: unknown-tool", "a tool that does not exist", "user.delete", { user: "ann" }, me],
    ["deny: unknown-tool", "a property of every object", "constructor", {}, me],
    ["deny: facts-missing", "a reset without facts", "password.reset", { user: "ann" }, me],
    ["deny: facts-missing", "a look-up without facts", "user.facts", { user: "ann" }, me],
  ])("%s: %s", (ruling, _what, tool, args, requester) => {
    const question = { action: action(tool, args), requester, target: undefined, reason: "So." };
    expect(inWords(byDefault(question, now))).toBe(ruling);
  });

  test("names the policies that determined the answer", () => {
    expect(ask(byDefault, "password.reset", me, ann).policies).toEqual(["password-own"]);
    expect(ask(byDefault, "mfa.reset", me, gone).policies).toEqual(["credential-disabled"]);
    expect(ask(byDefault, "mfa.reset", me, chief).policies).toEqual(["credential-protected"]);
  });
});
