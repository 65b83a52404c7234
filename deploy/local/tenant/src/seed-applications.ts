// The applications that every customer consents to, with exactly the permissions of each.

import type { Application } from "./seed-types.ts";

const reads = ["User.Read.All", "GroupMember.Read.All"];
const agentRoles = [...reads, "User.RevokeSessions.All", "LicenseAssignment.ReadWrite.All"];
const mfaRoles = [
  "UserAuthMethod-Phone.ReadWrite.All",
  "UserAuthMethod-MicrosoftAuthApp.ReadWrite.All",
  "UserAuthMethod-Passkey.ReadWrite.All",
  "UserAuthMethod-SoftwareOATH.ReadWrite.All",
  "UserAuthenticationMethod.Read.All",
  "User.Read.All",
];

/** Names of the secrets in a customer's vault. */
export const customerSecrets = [
  "blueprint-client-secret",
  "executor-niivo-l1-desk-password",
  "executor-niivo-l1-desk-mfa",
  "facts-client-secret",
  "model-api-key",
  "secret-link-key",
] as const;

/** The applications of one customer; `family` is the first block of its fixed ids. */
export function customerApplications(family: string) {
  const clientId = (n: number) => `${family}-0003-4000-8000-00000000000${n}`;
  const objectId = (n: number) => `${family}-0004-4000-8000-00000000000${n}`;
  const none = { blueprint: null, graphRoles: [], apiRoles: [], secretName: null };
  const agent = (name: string, n: number): Application => ({
    ...none,
    name,
    kind: "agent",
    clientId: clientId(n),
    objectId: clientId(n),
    blueprint: clientId(1),
    graphRoles: agentRoles,
  });
  const secretApplication = (
    name: string,
    n: number,
    secretName: string | null,
    graphRoles: readonly string[],
  ): Application => ({
    ...none,
    name,
    kind: "application",
    clientId: clientId(n),
    objectId: objectId(n),
    graphRoles,
    secretName,
  });
  const blueprint: Application = {
    ...none,
    name: "niivo-blueprint",
    kind: "blueprint",
    clientId: clientId(1),
    objectId: objectId(1),
    secretName: "blueprint-client-secret",
  };
  const factsRoles = [...reads, "RoleManagement.Read.Directory"];
  const password = ["User-PasswordProfile.ReadWrite.All"];
  const itsm = secretApplication("itsm-connector", 7, null, []);
  return {
    blueprint,
    l1Desk: agent("niivo-l1-desk", 2),
    onboarding: agent("niivo-onboarding", 3),
    l1DeskPassword: secretApplication(
      "niivo-l1-desk-password",
      4,
      "executor-niivo-l1-desk-password",
      password,
    ),
    l1DeskMfa: secretApplication("niivo-l1-desk-mfa", 5, "executor-niivo-l1-desk-mfa", mfaRoles),
    facts: secretApplication("niivo-facts", 6, "facts-client-secret", factsRoles),
    /** The customer's own ticket system, which posts to the unverified intake. */
    itsmConnector: { ...itsm, apiRoles: ["Tickets.Inbound"] } satisfies Application,
  };
}
