// What a policy set may be, and everything for which it is refused.

import { sha256 } from "@niivo/contracts/canonical";
import { describe, expect, test } from "vitest";
import { defaultText, setOf } from "../test/people.ts";
import { PolicySetError, policiesMax } from "./policy-set.ts";

const permit = "permit (principal, action, resource);";
const policy = (annotations: string, body = permit) => `${annotations} ${body}`;
const approve = (more: string) => policy(`@id("p") @mode("approve") ${more}`);

function refusal(text: string): PolicySetError {
  try {
    setOf(text);
  } catch (error) {
    if (error instanceof PolicySetError) return error;
    throw error;
  }
  throw new Error("the set was accepted");
}

describe("accepted", () => {
  test.each([
    ["nothing at all", "", 0],
    ["the default set", defaultText, 17],
    ["a log", policy(`@id("p") @mode("log")`), 1],
    ["a notice with a required reason", policy(`@id("p") @mode("notify") @reason("required")`), 1],
    [
      "an approval in full",
      approve(`@approvers("identity-approvers") @quorum("5") @expires("PT1H")`),
      1,
    ],
    ["a forbid", policy(`@id("p")`, "forbid (principal, action, resource);"), 1],
  ])("%s", (_name, text, count) => {
    expect(setOf(text).policies).toHaveLength(count);
  });

  test("S3: the digest is that of the text, to the last space", () => {
    expect(setOf(defaultText).digest).toBe(sha256(defaultText));
    expect(setOf(`${defaultText} `).digest).not.toBe(setOf(defaultText).digest);
  });

  test("an approval without numbers asks one person for half an hour", () => {
    expect(setOf(approve(`@approvers("identity-approvers")`)).policies[0]).toMatchObject({
      terms: { quorum: 1, expiresMs: 30 * 60 * 1000 },
    });
  });
});

describe("S1: refused", () => {
  test.each([
    ["no Cedar", "allow everything", "syntax"],
    ["a policy cut short", `@id("p") @mode("log") permit (principal, action, resource)`, "syntax"],
    [
      "a template",
      `@id("p") @mode("log") permit (principal == ?principal, action, resource);`,
      "template",
    ],
    ["no @id", policy(`@mode("log")`), "annotation: @id"],
    ["an @id with spaces", policy(`@id("my policy") @mode("log")`), "annotation: @id"],
    ["the floor's name", policy(`@id("floor") @mode("log")`), "annotation: @id: is reserved"],
    ["one @id twice", policy(`@id("p") @mode("log")`).repeat(2), "annotation: two policies"],
    ["a permit without @mode", policy(`@id("p")`), "annotation: @mode"],
    ["an unknown mode", policy(`@id("p") @mode("silent")`), "annotation: @mode"],
    ["an unknown annotation", policy(`@id("p") @mode("log") @note("x")`), "annotation: note"],
    [
      "a misspelt annotation",
      approve(`@approvers("identity-approvers") @qourum("2")`),
      "annotation: qourum",
    ],
    ["an approval by nobody", approve(""), "annotation: @approvers"],
    ["an approval by an unknown group", approve(`@approvers("friends")`), "annotation: @approvers"],
    [
      "a quorum of none",
      approve(`@approvers("identity-approvers") @quorum("0")`),
      "annotation: @quorum",
    ],
    [
      "a quorum of six",
      approve(`@approvers("identity-approvers") @quorum("6")`),
      "annotation: @quorum",
    ],
    [
      "a quorum in words",
      approve(`@approvers("identity-approvers") @quorum("two")`),
      "annotation: @quorum",
    ],
    [
      "an unreadable time",
      approve(`@approvers("identity-approvers") @expires("30m")`),
      "annotation: @expires",
    ],
    [
      "no time at all",
      approve(`@approvers("identity-approvers") @expires("PT")`),
      "annotation: @expires",
    ],
    [
      "a time under a minute",
      approve(`@approvers("identity-approvers") @expires("PT59S")`),
      "annotation: under a minute",
    ],
    [
      "a time over a day",
      approve(`@approvers("identity-approvers") @expires("PT25H")`),
      "annotation: over a day",
    ],
    [
      "approvers of a log",
      policy(`@id("p") @mode("log") @approvers("identity-approvers")`),
      "annotation: approvers",
    ],
    ["a quorum of a notice", policy(`@id("p") @mode("notify") @quorum("2")`), "annotation: quorum"],
    [
      "a mode of a forbid",
      policy(`@id("p") @mode("log")`, "forbid (principal, action, resource);"),
      "annotation: mode",
    ],
    [
      "a reason that is optional",
      policy(`@id("p") @mode("log") @reason("optional")`),
      "annotation: @reason",
    ],
    [
      "an unknown tool",
      policy(
        `@id("p") @mode("log")`,
        `permit (principal, action == Action::"user.delete", resource);`,
      ),
      "schema",
    ],
    [
      "an unknown attribute",
      policy(
        `@id("p") @mode("log")`,
        `permit (principal, action == Action::"mfa.reset", resource) when { context.facts.ceo };`,
      ),
      "schema",
    ],
    [
      "facts of a tool that has none",
      policy(
        `@id("p") @mode("log")`,
        `permit (principal, action == Action::"ticket.reply", resource) when { context.facts.vip };`,
      ),
      "schema",
    ],
    [
      "an optional attribute without a look whether it is there",
      policy(
        `@id("p") @mode("log")`,
        `permit (principal, action == Action::"mfa.reset", resource) when { context.facts.department == "IT" };`,
      ),
      "schema",
    ],
    [
      "a comparison of text with a number",
      policy(
        `@id("p")`,
        `forbid (principal, action, resource) when { context.requester.assurance > 1 };`,
      ),
      "schema",
    ],
    [
      "a forbid that can never apply",
      policy(
        `@id("p")`,
        `forbid (principal, action == Action::"ticket.reply", resource is Person);`,
      ),
      "schema",
    ],
    [
      "too many policies",
      Array.from({ length: policiesMax + 1 }, (_, n) => policy(`@id("p${n}") @mode("log")`)).join(
        "\n",
      ),
      "too-many-policies",
    ],
    ["a text that is too large", `//${" ".repeat(256 * 1024)}`, "too-large"],
  ])("S1: %s", (_name, text, why) => {
    const { code, problems } = refusal(text);
    const [expectedCode, expectedProblem = ""] = why.split(/: (.*)/);
    expect(code).toBe(expectedCode);
    expect(problems).not.toEqual([]);
    expect(problems.join()).toContain(expectedProblem);
  });

  test("S1: one bad policy refuses the good ones with it", () => {
    expect(refusal(`${policy(`@id("good") @mode("log")`)} ${policy(`@id("bad")`)}`).code).toBe(
      "annotation",
    );
  });

  test("the problem names the policy and the annotation", () => {
    const text = policy(`@id("reset-all") @mode("approve") @approvers("friends")`);
    expect(refusal(text).problems).toEqual(["reset-all: @approvers: is not a known group"]);
  });
});
