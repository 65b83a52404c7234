// For tests of the actor: an allow and its receipt, what is decided about them, and an action that starts.
// Receipts are really signed, by a key pair of this run.

import { effectLeaseMs } from "@niivo/contracts/broker";
import { authorizationMs } from "@niivo/contracts/policy";
import { specify } from "@niivo/host/testing/specify";
import { brokerActor } from "../actor.ts";
import type { Event } from "../messages.ts";
import {
  action,
  allowed,
  customer,
  digest,
  ids,
  instant,
  now,
  platformVaultUrl,
  requester,
  target,
  testAudit,
} from "./fixtures.ts";

export const audit = testAudit();
export const actor = brokerActor({
  customers: [customer],
  pinnedKeys: [audit.pinnedKey],
  platformVaultUrl,
});
export const broker = specify(actor, now);
export const at = (ms: number) => new Date(now.getTime() + ms);
export const receipt = audit.receipt();
export const about = { actionId: ids.action, digest, tool: "password.reset" };
export const outcome = { ...about, mode: "approved" } as const;

export const allowHeld: Event = {
  type: "note.allow-held",
  data: { id: ids.allow, allow: allowed().data },
};
export const allowWaits: Event[] = [
  allowHeld,
  {
    type: "authorization.due.v1",
    data: { actionId: ids.action },
    notBefore: instant(authorizationMs),
  },
];
export const receiptHeld: Event = { type: "note.receipt-held", data: receipt };
const access = (credential: string): Event => ({
  type: "credential.access.v1",
  data: {
    actionId: ids.action,
    purpose: "action",
    credential,
    vault: "contoso-niivo.vault.azure.net",
    principal: "executor-password",
    digest,
  },
});
const started: Event = {
  type: "action.started.v1",
  data: {
    action,
    digest,
    mode: "approved",
    requester,
    target,
    receipt: {
      chain: receipt.chain,
      seq: receipt.seq,
      entryHash: receipt.entryHash,
      nonce: receipt.nonce,
    },
  },
};
/** What a start at so many milliseconds decides. */
export const startsAfter = (ms: number): Event[] => [
  access("executor-password-secret"),
  access("secret-link-key"),
  {
    type: "credential.access.v1",
    data: {
      actionId: ids.action,
      purpose: "action",
      credential: "bot-client-secret",
      vault: "niivo-platform.vault.azure.net",
      principal: "niivo-bot",
      digest,
    },
  },
  started,
  {
    type: "lease.due.v1",
    data: { actionId: ids.action },
    notBefore: instant(ms + effectLeaseMs + 30_000),
  },
];
export const starts = startsAfter(0);
export const rejected = (code: string, of = receipt): Event => ({
  type: "receipt.rejected.v1",
  data: { actionId: of.actionId, digest: of.digest, code },
});
export const lapsed = (code: string, data = about): Event => ({
  type: "authorization.lapsed.v1",
  data: { ...data, code },
});
