// What a policy sees, and what it does not.

import { catalogue } from "@niivo/contracts/tools";
import { expect, test } from "vitest";
import { about, facts, now, verified } from "../test/people.ts";
import { cedarRequests } from "./cedar-request.ts";

test("no policy sees the language of anybody", () => {
  const tool = catalogue["password.reset"];
  if (tool === undefined) throw new TypeError("the catalogue has no password.reset");
  const question = {
    action: about(tool.name, "ann"),
    requester: verified("bob"),
    target: facts("ann"),
    reason: "Cannot sign in.",
  };
  const spoken = {
    ...question,
    requester: { ...question.requester, language: "de" as const },
    target: { ...question.target, language: "fr" as const },
  };
  const seen = cedarRequests();
  expect(seen(tool, spoken, now)).toEqual(seen(tool, question, now));
});
