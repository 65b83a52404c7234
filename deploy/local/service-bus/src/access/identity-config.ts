// The configuration of tokens of identities: who issues them and what roles and identities may do.

import { z } from "zod";
import { RightsConfig } from "./rights.ts";

const LOOPBACK_HOSTS = new Set(["127.0.0.1", "localhost", "[::1]"]);
const Text = z.string().min(1).max(1_024);

/** Rights of a role, or of one identity by its object id. */
const Grant = RightsConfig.extend({ role: Text.optional(), principal: Text.optional() }).refine(
  ({ role, principal }) => (role === undefined) !== (principal === undefined),
  "needs either `role` or `principal`",
);

export const IdentityConfig = z
  .strictObject({
    /** The `iss` of believed tokens. */
    issuers: z.array(Text).min(1).max(16),
    /** The `aud` of believed tokens; the SDK asks for one of Service Bus. */
    audiences: z.array(Text).min(1).max(16).default(["https://servicebus.azure.net"]),
    /** The issuer's public keys: a file, or an address on this machine. */
    jwksFile: Text.optional(),
    jwksUrl: Text.refine(isLoopback, "must be an http or https address on this machine").optional(),
    grants: z.array(Grant).min(1).max(1_000),
  })
  .refine(
    ({ jwksFile, jwksUrl }) => (jwksFile === undefined) !== (jwksUrl === undefined),
    "needs either `jwksFile` or `jwksUrl`",
  );
export type IdentityConfig = z.output<typeof IdentityConfig>;

function isLoopback(address: string): boolean {
  const url = URL.parse(address);
  return url !== null && /^https?:$/.test(url.protocol) && LOOPBACK_HOSTS.has(url.hostname);
}
