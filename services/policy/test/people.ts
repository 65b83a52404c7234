// The people, the customer and the actions that policy's tests speak about.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Action, Requester } from "@niivo/contracts/action";
import { actionDigest } from "@niivo/contracts/action";
import { derivedId } from "@niivo/contracts/canonical";
import type { Customer } from "@niivo/contracts/customers";
import type { UserFacts } from "@niivo/contracts/facts";
import { groupNames } from "../src/groups.ts";
import { loadPolicySet } from "../src/policy-set.ts";

const tenantId = derivedId("tenant", "contoso");
export const otherTenantId = derivedId("tenant", "fabrikam");
export const ticket = derivedId("ticket", "1");
export const now = new Date("2026-03-02T09:00:00.000Z");

const principal = (name: string) => ({ name, clientId: derivedId("client", name), secret: name });

export const contoso: Customer = {
  id: "contoso",
  displayName: "Contoso",
  tenantId,
  vaultUrl: "https://contoso.vault.example/",
  agents: [
    {
      name: "niivo-l1-desk",
      identity: derivedId("agent", "niivo-l1-desk"),
      blueprint: principal("niivo-blueprint"),
      executors: { password: principal("desk-password"), mfa: principal("desk-mfa") },
    },
  ],
  factsReader: principal("facts"),
  groups: {
    identityApprovers: derivedId("group", "identity-approvers"),
    vip: derivedId("group", "vip"),
  },
  model: { endpoint: "https://model.example/", deployment: "m", secret: "model-api-key" },
};

const objectIdOf = (name: string): string => derivedId("person", name);

/** What the directory says of an ordinary person. */
export const facts = (name: string, more: Partial<UserFacts> = {}): UserFacts => ({
  objectId: objectIdOf(name),
  tenantId,
  userPrincipalName: `${name}@contoso.example`,
  displayName: name,
  enabled: true,
  vip: false,
  privileged: false,
  ...more,
});

/** Somebody who is signed in. */
export const verified = (name: string): Extract<Requester, { assurance: "verified" }> => ({
  objectId: objectIdOf(name),
  tenantId,
  displayName: name,
  userPrincipalName: `${name}@contoso.example`,
  assurance: "verified",
  signedInAt: "2026-03-02T08:58:00.000Z",
  multifactor: true,
});

/** Somebody who says by e-mail to be this person. */
export const unverified = (name: string): Requester => ({
  assurance: "unverified",
  tenantId,
  claims: `${name}@contoso.example`,
  application: { objectId: derivedId("application", "itsm"), name: "itsm-connector" },
});

let actions = 0;

export function action(
  tool: string,
  args: Action["arguments"] = {},
  more: Partial<Action> = {},
): Action {
  actions += 1;
  return {
    id: derivedId("action", String(actions)),
    nonce: "a".repeat(64),
    ticket,
    customer: contoso.id,
    agent: "niivo-l1-desk",
    tool,
    arguments: args,
    ...more,
  };
}

/** An action about one person. */
export const about = (tool: string, name: string): Action =>
  action(tool, { user: `${name}@contoso.example` });

export const asked = (wanted: Action) => ({
  action: wanted,
  digest: actionDigest(wanted),
  reason: "The person cannot sign in.",
  step: 1,
});

export const setOf = (text: string, groups: readonly string[] = groupNames) =>
  loadPolicySet(text, groups);

export const defaultText = readFileSync(
  join(import.meta.dirname, "../policies/default.cedar"),
  "utf8",
);
