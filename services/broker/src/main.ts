// The broker's process: the only part that touches the world.

import { broker, effectLeaseMs } from "@niivo/contracts/broker";
import type { PinnedKey } from "@niivo/contracts/receipt";
import {
  LicenseAssign,
  MfaReset,
  ModelRespond,
  PasswordReset,
  SessionsRevoke,
  TicketReply,
  UserFactsRead,
} from "@niivo/contracts/tools";
import {
  isErasures,
  pathOf,
  retentionDays,
  type Subscription,
  subscriptions,
} from "@niivo/contracts/topology";
import { actorBinding } from "@niivo/host/actor-decider";
import type { Binding } from "@niivo/host/binding";
import { serviceCredential } from "@niivo/host/credential";
import { effectBinding } from "@niivo/host/effects";
import { readEnv } from "@niivo/host/env";
import { erasureBinding } from "@niivo/host/erasure";
import type { Host } from "@niivo/host/host";
import { startService } from "@niivo/host/service";
import { sqliteStore } from "@niivo/host/sqlite-store";
import { actionOf, brokerActor } from "./actor.ts";
import { BrokerVariables } from "./config.ts";
import { brokerEffects, type EffectInput } from "./effects.ts";
import { clientTokens } from "./entra.ts";
import { graphSessions } from "./graph-session.ts";
import { licenseAssign } from "./license-assign.ts";
import { mfaReset } from "./mfa-reset.ts";
import { modelRespond } from "./model-respond.ts";
import { passwordReset } from "./password-reset.ts";
import { fetchPinnedKey } from "./pinned-key.ts";
import { secretLinks, sweepSecrets } from "./secret-links.ts";
import { sessionsRevoke } from "./sessions-revoke.ts";
import { tellRecipient } from "./tell-recipient.ts";
import { ticketReply } from "./ticket-reply.ts";
import { userFacts } from "./user-facts.ts";
import { vaultReader } from "./vault.ts";

const exitFatal = 70; // EX_SOFTWARE of sysexits.h
const effectsPath = "broker/broker-effects";
const isEffects = (one: Subscription) => pathOf(one) === effectsPath;
const own = subscriptions.filter(({ reader }) => reader === "broker");

const environment = readEnv(BrokerVariables);
const { customers, platformVaultUrl, graphBaseUrl, entraAuthorityHost } = environment;
const identity = serviceCredential(environment);
const pinnedKeys = await pinnedKeysOrEnd();

// Without the key no receipt counts, so nothing could ever start.
async function pinnedKeysOrEnd(): Promise<readonly PinnedKey[]> {
  const { auditKeyId, auditPreviousKeyId } = environment;
  try {
    return await Promise.all(
      [auditKeyId, auditPreviousKeyId].flatMap((keyId) =>
        keyId === undefined ? [] : [fetchPinnedKey(keyId, identity)],
      ),
    );
  } catch (error) {
    // The cause is left out: it quotes requests.
    process.stderr.write(`fatal: ${error instanceof Error ? error.message : "no pinned key"}\n`);
    process.exit(exitFatal);
  }
}

// Its own file, so that the page's process needs none of the broker's. Every write is on the disk when it
// answers, so the end of the process may close it.
const secretStore = sqliteStore(environment.secretStoreFile);

function bindings({ now, log }: Host): readonly Binding[] {
  const clientToken = clientTokens(entraAuthorityHost);
  const sessions = graphSessions({ graphBaseUrl, authorityHost: entraAuthorityHost, clientToken });
  const { teamsServiceUrl: serviceUrl, botAppId, botTenantId } = environment;
  const bot = { serviceUrl, botAppId, botTenantId, clientToken };
  const links = secretLinks(secretStore);
  const effects = brokerEffects({
    customers,
    platformVaultUrl,
    readSecret: vaultReader(identity, now),
    sessions,
    executors: {
      [ModelRespond.name]: modelRespond,
      [UserFactsRead.name]: userFacts(sessions),
      [PasswordReset.name]: passwordReset(
        sessions,
        links,
        tellRecipient(bot, environment.linksUrl),
      ),
      [MfaReset.name]: mfaReset(sessions),
      [SessionsRevoke.name]: sessionsRevoke(sessions),
      [LicenseAssign.name]: licenseAssign(sessions),
      [TicketReply.name]: ticketReply(bot),
    },
    storedSecret: links.find,
    now,
    onBug: (actionId, error) => {
      const name = error instanceof Error ? error.name : typeof error;
      log.error({ actionId, error: name }, "an executor threw");
    },
  });
  return [
    actorBinding({
      actor: brokerActor({ customers, pinnedKeys, platformVaultUrl }),
      subscriptions: own.filter((one) => !isEffects(one) && !isErasures(one)),
      key: actionOf,
      keptDays: retentionDays.broker,
    }),
    erasureBinding({ subscriptions: own.filter(isErasures), sweep: sweepSecrets(secretStore) }),
    effectBinding<EffectInput>({
      subscriptions: own.filter(isEffects),
      leaseMs: effectLeaseMs,
      ...effects,
    }),
  ];
}

await startService({ name: "broker", contract: broker, environment, bindings });
