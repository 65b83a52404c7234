// The process of the one-time secret links: shows a secret to its one reader, once. It has no executor's
// rights: of a customer's vault it may read the link key alone, and of the broker's data the sealed secrets.

import { readFileSync } from "node:fs";
import { ManagedIdentityCredential } from "@azure/identity";
import { links } from "@niivo/contracts/links";
import { isErasures, retentionDays, subscriptions } from "@niivo/contracts/topology";
import { actorBinding } from "@niivo/host/actor-decider";
import { serviceCredential } from "@niivo/host/credential";
import { readEnv } from "@niivo/host/env";
import { erasureBinding } from "@niivo/host/erasure";
import { startService } from "@niivo/host/service";
import { sqliteStore } from "@niivo/host/sqlite-store";
import type { Secret } from "../ports.ts";
import { vaultReader } from "../vault.ts";
import { linksActor, secretOf } from "./actor.ts";
import { browserSessions, sweepSessions } from "./browser-sessions.ts";
import { LinksVariables } from "./config.ts";
import { callbackPath, linksHttp } from "./http.ts";
import { entraSignIn } from "./sign-in.ts";

const exchangeScope = "api://AzureADTokenExchange/.default";

const own = subscriptions.filter(({ reader }) => reader === "links");
const environment = readEnv(LinksVariables);
const { customers, linksUrl, entraAuthorityHost, azureClientId } = environment;

/** The workload identity's token: a file where the platform writes one, else the managed identity's. */
async function assertion(): Promise<Secret> {
  const file = environment.azureFederatedTokenFile;
  if (file !== undefined) {
    const token = readFileSync(file, "utf8").trim();
    return () => token;
  }
  const identity = new ManagedIdentityCredential({ clientId: azureClientId });
  const { token } = await identity.getToken(exchangeScope);
  return () => token;
}

await startService({
  name: "links",
  contract: links,
  environment,
  bindings: () => [
    actorBinding({
      actor: linksActor(customers),
      subscriptions: own.filter((one) => !isErasures(one)),
      key: secretOf,
      keptDays: retentionDays.links,
    }),
    erasureBinding({ subscriptions: own.filter(isErasures), sweep: sweepSessions }),
  ],
  http: (host) =>
    linksHttp({
      host,
      customers,
      linksUrl,
      entraAuthorityHost,
      secrets: sqliteStore(environment.secretStoreFile),
      readSecret: vaultReader(serviceCredential(environment), host.now),
      browsers: browserSessions(host.store, host.now),
      signIn: entraSignIn({
        authorityHost: entraAuthorityHost,
        clientId: azureClientId,
        redirectUri: `${linksUrl}${callbackPath}`,
        assertion,
      }),
    }),
});
