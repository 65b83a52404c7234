// The approvals process: it asks people in Teams, takes what they write to the bot, and is the only identity that
// can say what they answered.

import { approvals as contract } from "@niivo/contracts/approvals";
import {
  isErasures,
  pathOf,
  retentionDays,
  type Subscription,
  subscriptions,
} from "@niivo/contracts/topology";
import { actorBinding } from "@niivo/host/actor-decider";
import { serviceCredential } from "@niivo/host/credential";
import { effectBinding } from "@niivo/host/effects";
import { readEnv } from "@niivo/host/env";
import { erasureBinding } from "@niivo/host/erasure";
import type { Host } from "@niivo/host/host";
import { startService } from "@niivo/host/service";
import { botToken } from "./bot-token.ts";
import { channelKeys } from "./channel-keys.ts";
import { channelTokens } from "./channel-token.ts";
import { ApprovalsVariables } from "./config.ts";
import { type DeskInput, desk, deskKey } from "./desk.ts";
import { sweepDocuments } from "./documents-sweep.ts";
import { approvalEffects, type Effect } from "./effects.ts";
import { approvalsHttp } from "./http.ts";
import { noticeLost } from "./notices.ts";
import { botbuilderTeams } from "./teams.ts";

/** Long enough to try Teams again for half a minute, and below the four minutes a lease may last. */
const effectLeaseMs = 3 * 60 * 1000;

const environment = readEnv(ApprovalsVariables);
const { botAppId: appId, botTenantId: tenantId, teamsServiceUrl: serviceUrl } = environment;

const own = subscriptions.filter(({ reader }) => reader === "approvals");
const isEffects = (one: Subscription) => pathOf(one) === "approvals/approvals-effects";

const teams = ({ now }: Host) => {
  const { platformVaultUrl: vaultUrl, entraAuthorityHost: authorityHost } = environment;
  const credential = serviceCredential(environment);
  const token = botToken({ vaultUrl, credential, authorityHost, tenantId, appId, now });
  return botbuilderTeams({ appId, serviceUrl, token });
};

await startService({
  name: "approvals",
  contract,
  environment,
  bindings: (host) => {
    const tenants = new Map(environment.customers.map((one) => [one.id, one.tenantId]));
    const perform = approvalEffects({ host, teams: teams(host), tenants });
    return [
      actorBinding({
        actor: desk,
        subscriptions: own.filter((one) => !isEffects(one) && !isErasures(one)),
        key: (input: DeskInput) => deskKey(input),
        keptDays: retentionDays.approvals,
      }),
      erasureBinding({ subscriptions: own.filter(isErasures), sweep: sweepDocuments }),
      effectBinding<Effect>({
        subscriptions: own.filter(isEffects),
        leaseMs: effectLeaseMs,
        // Cards are remembered, so a repeat changes them; a sentence said twice does no harm.
        repeatSafe: () => true,
        perform,
        // A card nobody could change any more; votes on it are still judged by the actor alone.
        interrupted: (effect) =>
          effect.type === "notice.post.v1" ? noticeLost(effect) : undefined,
      }),
    ];
  },
  http: (host) => {
    const { now } = host;
    const keys = channelKeys(environment.botMetadataUrl, now);
    const tokens = channelTokens({ appId, keys, serviceUrls: [serviceUrl], now });
    const customers = new Map(
      environment.customers.map((one) => [one.tenantId.toLowerCase(), one.id]),
    );
    return approvalsHttp({ environment, host, bot: { tokens, customers } });
  },
});
