// Questions to the rules, and their answers in a few words.

import type { Requester } from "@niivo/contracts/action";
import type { UserFacts } from "@niivo/contracts/facts";
import { type Rules, type Ruling, rulesOf } from "../src/rules.ts";
import { about, defaultText, facts, now, setOf, unverified, verified } from "./people.ts";

export const byDefault = rulesOf(setOf(defaultText));

/** A ruling in a few words: `log`, `approve by 2`, `deny: forbidden`. */
export function inWords(ruling: Ruling): string {
  switch (ruling.kind) {
    case "allow":
      return ruling.mode;
    case "approve":
      return `approve by ${ruling.quorum}`;
    case "deny":
      return `deny: ${ruling.code}`;
  }
}

export const ask = (rules: Rules, tool: string, requester: Requester, target: UserFacts): Ruling =>
  rules(
    { action: about(tool, target.displayName), requester, target, reason: "Cannot sign in." },
    now,
  );

export const ann = facts("ann");
export const annOf = (manager: ReturnType<typeof verified>) =>
  facts("ann", { manager: manager.objectId });
export const chief = facts("ann", { vip: true });
export const admin = facts("ann", { privileged: true });
export const gone = facts("ann", { enabled: false });
export const me = verified("ann");
export const bob = verified("bob");
export const mail = unverified("ann");
