// The workload platform of the local environment: it vouches for a service's identity with a
// signed token, as Kubernetes or a managed identity does in Azure. Entra trusts its issuer.
//
// Each service reads its own file (`AZURE_FEDERATED_TOKEN_FILE`); nobody has a client secret.

import { chmodSync, mkdirSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { SignJWT } from "jose";
import { platform } from "./seed.ts";
import type { World } from "./world.ts";

export const exchangeAudience = "api://AzureADTokenExchange";
const tokenHours = 24;
const renewEveryMs = 6 * 3_600_000;

export const workloadIssuer = (world: World): string =>
  `${world.addresses.https}/workload-identity`;

/** A signed statement that its bearer is the service named `subject`; valid for 24 hours. */
export async function issueFederatedToken(world: World, subject: string): Promise<string> {
  const { kid, privateKey } = world.keys.workload;
  const token = await new SignJWT({})
    .setProtectedHeader({ typ: "JWT", alg: "RS256", kid })
    .setIssuer(workloadIssuer(world))
    .setAudience(exchangeAudience)
    .setSubject(subject)
    .setIssuedAt()
    .setExpirationTime(`${tokenHours}h`)
    .sign(privateKey);
  world.ledger("federated-token", token);
  return token;
}

/**
 * Writes `<tokenDir>/<service>.token` (mode 0600) for every service identity and renews the files
 * every 6 hours. Returns a function that stops the renewal; the files stay.
 */
export async function keepTokenFiles(world: World, tokenDir: string): Promise<() => void> {
  mkdirSync(tokenDir, { recursive: true, mode: 0o700 });
  const writeAll = async () => {
    for (const { name, kind } of Object.values(platform.applications)) {
      if (kind !== "service") continue;
      const file = join(tokenDir, `${name}.token`);
      const unfinished = `${file}.new`;
      writeFileSync(unfinished, await issueFederatedToken(world, name), { mode: 0o600 });
      chmodSync(unfinished, 0o600);
      renameSync(unfinished, file); // A reader sees the old token or the whole new one.
    }
  };
  await writeAll();
  const timer = setInterval(() => {
    writeAll().catch((error) => console.error(`federated tokens were not renewed: ${error}`));
  }, renewEveryMs);
  timer.unref();
  return () => clearInterval(timer);
}
