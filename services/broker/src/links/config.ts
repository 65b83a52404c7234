// The configuration of the secret links' process: addresses and ids, no secret.

import { HostVariables } from "@niivo/host/env";
import { isLoopback } from "@niivo/host/local";
import { z } from "zod";
import { addressProblems, vaultAddresses } from "../outbound.ts";

export const LinksVariables = HostVariables.extend({
  /** The file of one-time secrets, shared with the broker. */
  secretStoreFile: z.string().min(1).max(1000),
  /** The page's own origin, as browsers see it. */
  linksUrl: z.url({ protocol: /^https?$/ }),
}).superRefine(({ entraAuthorityHost, customers, linksUrl }, context) => {
  const problems = addressProblems([
    [["entraAuthorityHost"], "entra", entraAuthorityHost],
    ...vaultAddresses(customers),
  ]);
  for (const { path, message } of problems)
    context.addIssue({ code: "custom", path: [...path], message });
  const { protocol, origin } = new URL(linksUrl);
  if (origin !== linksUrl || (protocol !== "https:" && !isLoopback(linksUrl)))
    context.addIssue({ code: "custom", path: ["linksUrl"], message: "is not an https origin" });
});
