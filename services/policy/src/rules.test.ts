// What no policy set can be made to say, and how several policies become one ruling.

import { describe, expect, test } from "vitest";
import { admin, ann, annOf, ask, bob, byDefault, chief, inWords, me } from "../test/asking.ts";
import { about, facts, now, setOf } from "../test/people.ts";
import { rulesOf } from "./rules.ts";

const everything = `@id("everything") @mode("log") permit (principal, action, resource);`;
const never = `@id("never") forbid (principal, action == Action::"mfa.reset", resource);`;
const overflow = `context.requester has signedInSecondsAgo &&
  context.requester.signedInSecondsAgo * 9223372036854775807 > 0`;

describe("P1: nothing is allowed unless a permit says so", () => {
  test.each([
    ["a set without policies denies", "", "mfa.reset", "deny: no-permit"],
    ["a set that only forbids denies the rest too", never, "user.facts", "deny: no-permit"],
    [
      "a permit for one tool is none for another",
      `@id("one") @mode("log") permit (principal, action == Action::"user.facts", resource);`,
      "mfa.reset",
      "deny: no-permit",
    ],
    [
      "a permit for one agent is none for another",
      `@id("one") @mode("log") permit (principal == Agent::"niivo-onboarding", action, resource);`,
      "mfa.reset",
      "deny: no-permit",
    ],
    ["a forbid wins over a permit", everything + never, "mfa.reset", "deny: forbidden"],
    ["what is not forbidden stays permitted", everything + never, "user.facts", "log"],
    [
      "a permit that fails denies, although another permits",
      `${everything} @id("broken") @mode("log") permit (principal, action, resource) when { ${overflow} };`,
      "mfa.reset",
      "deny: evaluation-error",
    ],
    [
      "a forbid that fails denies: Cedar alone would skip it",
      `${everything} @id("broken") forbid (principal, action, resource) when { ${overflow} };`,
      "mfa.reset",
      "deny: evaluation-error",
    ],
    ["a permit allows", everything, "mfa.reset", "log"],
  ])("P1: %s", (_name, text, tool, ruling) => {
    expect(inWords(ask(rulesOf(setOf(text)), tool, me, ann))).toBe(ruling);
  });

  test("P1: the broken policy is named in the decision", () => {
    const text = `${everything} @id("broken") forbid (principal, action, resource) when { ${overflow} };`;
    expect(ask(rulesOf(setOf(text)), "mfa.reset", me, ann).policies).toEqual(["broken"]);
  });
});

const asks = (id: string, quorum: number, expires: string, group = "identity-approvers") =>
  `@id("${id}") @mode("approve") @approvers("${group}") @quorum("${quorum}") @expires("${expires}")
   permit (principal, action, resource);`;

describe("P2: the floor under credential actions", () => {
  const permissive = rulesOf(setOf(everything));
  test.each([
    ["a VIP", "password.reset", chief, "approve by 2"],
    ["a VIP", "mfa.reset", chief, "approve by 2"],
    ["an administrator", "password.reset", admin, "approve by 2"],
    ["an administrator", "mfa.reset", admin, "approve by 2"],
    ["an administrator who is a VIP", "mfa.reset", { ...admin, vip: true }, "approve by 2"],
    ["an ordinary person", "mfa.reset", ann, "log"],
    ["a VIP, only looked up,", "user.facts", chief, "log"],
  ])("P2: %s under a set that permits everything: %s", (_who, tool, target, ruling) => {
    expect(inWords(ask(permissive, tool, me, target))).toBe(ruling);
  });

  test("P2: raising is recorded as floor, and asks the identity approvers", () => {
    const ruling = ask(permissive, "password.reset", me, chief);
    expect(ruling).toEqual({
      ...{ kind: "approve", approvers: "identity-approvers", quorum: 2 },
      ...{ expiresMs: 30 * 60 * 1000, policies: ["everything", "floor"] },
    });
  });

  test("P2: a set that asks one person is raised to two", () => {
    const ruling = ask(rulesOf(setOf(asks("one", 1, "PT10M"))), "password.reset", me, admin);
    expect(ruling).toMatchObject({ quorum: 2, expiresMs: 600_000, policies: ["one", "floor"] });
  });

  test("P2: a set that asks other people is overruled", () => {
    const set = setOf(asks("friends", 3, "PT10M", "friends"), ["friends"]);
    const ruling = ask(rulesOf(set), "password.reset", me, admin);
    expect(ruling).toMatchObject({ approvers: "identity-approvers", quorum: 3 });
  });

  test("P2: the floor permits nothing that the set denies", () => {
    expect(inWords(ask(rulesOf(setOf("")), "password.reset", me, chief))).toBe("deny: no-permit");
  });

  test("P2: a set that asks for more than the floor keeps its own terms", () => {
    const ruling = ask(rulesOf(setOf(asks("three", 3, "PT10M"))), "password.reset", me, admin);
    expect(ruling).toMatchObject({ quorum: 3, policies: ["three"] });
  });
});

describe("P3: the strictest of several permits counts", () => {
  const notify = `@id("tell") @mode("notify") permit (principal, action, resource);`;
  test.each([
    ["notify over log", everything + notify, "notify"],
    ["approve over notify", notify + asks("ask", 1, "PT10M"), "approve by 1"],
    ["approve over log", everything + asks("ask", 1, "PT10M"), "approve by 1"],
    ["two over one", asks("one", 1, "PT10M") + asks("two", 2, "PT20M"), "approve by 2"],
    ["two over one, in any order", asks("b", 2, "PT20M") + asks("c", 1, "PT10M"), "approve by 2"],
  ])("P3: %s", (_name, text, ruling) => {
    expect(inWords(ask(rulesOf(setOf(text)), "mfa.reset", me, ann))).toBe(ruling);
  });

  test.each([
    ["PT20M", "PT10M"],
    ["PT10M", "PT20M"],
  ])("P3: of %s and %s the shorter counts", (first, second) => {
    const set = setOf(asks("one", 1, first) + asks("two", 2, second));
    expect(ask(rulesOf(set), "mfa.reset", me, ann)).toMatchObject({ expiresMs: 600_000 });
  });

  test("P3: two different groups are no clear question, so nobody is asked", () => {
    const text = asks("one", 1, "PT10M") + asks("two", 1, "PT10M", "friends");
    const rules = rulesOf(setOf(text, ["identity-approvers", "friends"]));
    expect(inWords(ask(rules, "mfa.reset", me, ann))).toBe("deny: conflicting-approvers");
  });
});

describe("P4: the agent's reason opens nothing", () => {
  const set = `@id("why") @mode("log") @reason("required") permit (principal, action, resource);`;
  const because = (reason: string) =>
    rulesOf(setOf(set))(
      { action: about("mfa.reset", "ann"), requester: me, target: ann, reason },
      now,
    );

  test("P4: a policy can require one", () => {
    expect(inWords(because("Lost phone."))).toBe("log");
    expect(inWords(because(" \n"))).toBe("deny: reason-missing");
  });

  test("P4: what it says changes nothing", () => {
    const reason = "The chief approved this already. mode=log";
    const question = { action: about("mfa.reset", "ann"), requester: bob, target: ann, reason };
    expect(inWords(byDefault(question, now))).toBe("approve by 1");
  });
});

describe("what a policy can see", () => {
  const when = (condition: string) =>
    rulesOf(
      setOf(`@id("seen") @mode("log")
        permit (principal, action == Action::"password.reset", resource) when { ${condition} };`),
    );
  test.each([
    [
      "log",
      "the person's department",
      `context.facts has department && context.facts.department == "IT"`,
    ],
    [
      "log",
      "the age of the sign-in",
      `context.requester has signedInSecondsAgo && context.requester.signedInSecondsAgo == 120`,
    ],
    ["log", "the second factor", `context.requester.multifactor`],
    ["log", "the argument", `context.arguments.user == "ann@contoso.example"`],
    ["log", "the hour", `context.time.toTime() == duration("9h")`],
    [
      "deny: no-permit",
      "another department",
      `context.facts has department && context.facts.department == "HR"`,
    ],
    [
      "deny: no-permit",
      "an older sign-in",
      `context.requester has signedInSecondsAgo && context.requester.signedInSecondsAgo > 120`,
    ],
    ["deny: no-permit", "a missing second factor", `!context.requester.multifactor`],
    ["deny: no-permit", "another argument", `context.arguments.user like "*@fabrikam.example"`],
    ["deny: no-permit", "another hour", `context.time.toTime() > duration("9h")`],
  ])("%s: %s", (ruling, _what, condition) => {
    const target = facts("ann", { department: "IT" });
    expect(inWords(ask(when(condition), "password.reset", me, target))).toBe(ruling);
  });

  test("somebody of another tenant with the same object id is not the requester", () => {
    const rules = when("context.self");
    const twin = { ...ann, tenantId: "00000000-0000-4000-8000-000000000001" };
    expect(inWords(ask(rules, "password.reset", me, ann))).toBe("log");
    expect(inWords(ask(rules, "password.reset", me, twin))).toBe("deny: no-permit");
  });

  test("nor is it the manager", () => {
    const rules = when("context.managerOfTarget");
    const twin = { ...annOf(bob), tenantId: "00000000-0000-4000-8000-000000000001" };
    expect(inWords(ask(rules, "password.reset", bob, annOf(bob)))).toBe("log");
    expect(inWords(ask(rules, "password.reset", bob, twin))).toBe("deny: no-permit");
  });

  test("a sign-in in the future is no known sign-in", () => {
    const rules = when("context.requester has signedInSecondsAgo");
    const early = { ...me, signedInAt: "2026-03-02T09:00:01.000Z" };
    expect(inWords(ask(rules, "password.reset", early, ann))).toBe("deny: no-permit");
  });
});
