// NIIVO's own platform tenant: no people, the product's API, its bot and its service identities.

import type { Application } from "./seed-types.ts";

const family = "a11f0000";
const clientId = (n: number) => `${family}-0003-4000-8000-${String(n).padStart(12, "0")}`;
const objectId = (n: number) => `${family}-0004-4000-8000-${String(n).padStart(12, "0")}`;

const application = (
  name: string,
  n: number,
  kind: "application" | "service",
  secretName: string | null = null,
): Application => ({
  name,
  kind,
  clientId: clientId(n),
  objectId: objectId(n),
  blueprint: null,
  graphRoles: [],
  apiRoles: [],
  secretName,
});

export const niivo = {
  id: "niivo",
  displayName: "NIIVO",
  tenantId: `${family}-0000-4000-8000-000000000000`,
  applications: {
    /** The audience `api://niivo`. It has no credential: nobody signs in as it. */
    api: application("niivo-api", 1, "application"),
    bot: application("niivo-bot", 2, "application", "bot-client-secret"),
    broker: application("niivo-broker", 3, "service"),
    audit: application("niivo-audit", 4, "service"),
    approvals: application("niivo-approvals", 5, "service"),
    agent: application("niivo-agent", 6, "service"),
    policy: application("niivo-policy", 7, "service"),
    intake: application("niivo-intake", 8, "service"),
    secretLinks: application("niivo-secret-links", 9, "service"),
    /** Who rotates secrets: may set and list them in every vault, and read none. */
    deployer: application("niivo-deployer", 10, "service"),
  },
  secrets: ["bot-client-secret"],
  keys: ["audit-sealing", "audit-values"],
} as const;
