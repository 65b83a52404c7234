// For tests: one customer, one action, and receipts with real ES256 signatures.

import { generateKeyPairSync, type KeyObject, sign } from "node:crypto";
import { type Action, actionDigest } from "@niivo/contracts/action";
import { PublicKey, receiptMs } from "@niivo/contracts/audit";
import type { Customer } from "@niivo/contracts/customers";
import { attemptsMax } from "@niivo/contracts/policy";
import {
  endorsementText,
  type PinnedKey,
  type Receipt,
  receiptText,
} from "@niivo/contracts/receipt";
import type { Allow, Allowed } from "../authorization.ts";
import type { Input } from "../messages.ts";

export const now = new Date("2026-11-23T09:00:00.000Z");
export const instant = (ms: number): string => new Date(now.getTime() + ms).toISOString();

const guid = (n: number): string => `00000000-0000-4000-8000-${String(n).padStart(12, "0")}`;
export const id = guid;
export const ids = {
  ticket: guid(1),
  action: guid(2),
  allow: guid(3),
  tenant: guid(10),
  lena: guid(11),
  marco: guid(12),
  agent: guid(20),
};
export const platformVaultUrl = "https://niivo-platform.vault.azure.net";

const principal = (name: string, n: number) => ({
  name,
  clientId: guid(n),
  secret: `${name}-secret`,
});
export const customer: Customer = {
  id: "contoso",
  displayName: "Contoso AG",
  tenantId: ids.tenant,
  vaultUrl: "https://contoso-niivo.vault.azure.net",
  agents: [
    {
      name: "niivo-l1-desk",
      identity: ids.agent,
      blueprint: principal("blueprint", 21),
      executors: {
        password: principal("executor-password", 22),
        mfa: principal("executor-mfa", 23),
      },
    },
  ],
  factsReader: principal("facts", 24),
  groups: { identityApprovers: guid(30), vip: guid(31) },
  model: {
    endpoint: "https://contoso-niivo.openai.azure.com/openai/v1",
    deployment: "gpt",
    secret: "model-key",
  },
};

export const action: Action = {
  id: ids.action,
  nonce: "a".repeat(64),
  ticket: ids.ticket,
  customer: "contoso",
  agent: "niivo-l1-desk",
  tool: "password.reset",
  arguments: { user: "Lena.Frei@contoso.example" },
};
export const digest = actionDigest(action);

export const requester: Extract<Allow["requester"], { assurance: "verified" }> = {
  objectId: ids.lena,
  tenantId: ids.tenant,
  displayName: "Lena Frei",
  userPrincipalName: "lena.frei@contoso.example",
  assurance: "verified",
  signedInAt: instant(-60_000),
  multifactor: true,
};
export const unverified: Allow["requester"] = {
  assurance: "unverified",
  tenantId: ids.tenant,
  claims: "lena.frei@contoso.example",
  application: { objectId: ids.agent, name: "itsm-connector" },
};
export const target: NonNullable<Allow["target"]> = {
  objectId: ids.lena,
  tenantId: ids.tenant,
  userPrincipalName: "lena.frei@contoso.example",
  displayName: "Lena Frei",
  enabled: true,
  vip: false,
  privileged: false,
  manager: ids.marco,
};

const inside = { customer: "contoso", ticket: ids.ticket, time: now.toISOString() };

/** The same allow with other fields; the digest stays that of the unchanged action unless given. */
export const allowed = (change: Partial<Allow> = {}, outer: Partial<Allowed> = {}): Allowed => ({
  ...inside,
  type: "action.allowed.v1",
  source: "policy",
  id: ids.allow,
  data: {
    action,
    digest,
    requester,
    target,
    basis: { policySet: "b".repeat(64), policies: ["credentials"] },
    mode: "approved",
    grantedBy: [guid(40)],
    expiresAt: instant(300_000),
    attempt: attemptsMax - 2,
    ...change,
  },
  ...outer,
});

export const received = (receipt: Receipt): Input => ({
  ...inside,
  type: "receipt.issued.v1",
  source: "audit",
  id: guid(50),
  data: receipt,
});
export const command = <Type extends string, Data>(type: Type, data: Data) => ({
  ...inside,
  type,
  source: "broker" as const,
  id: guid(51),
  data,
});

const es256 = (key: KeyObject, text: string): string =>
  sign("sha256", Buffer.from(text), { key, dsaEncoding: "ieee-p1363" }).toString("base64url");
const newKey = () => {
  const { publicKey, privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  return { publicKey: PublicKey.parse(publicKey.export({ format: "jwk" })), privateKey };
};

/** A vault key, the sealing key that it endorsed, and what they sign: an audit service of the test's own. */
export function testAudit(keyId = `${platformVaultUrl}/keys/audit-sealing/${"0".repeat(32)}`) {
  const vault = newKey();
  const sealing = newKey();
  const endorsed = {
    publicKey: sealing.publicKey,
    notBefore: instant(-3_600_000),
    notAfter: instant(3_600_000),
    endorsedBy: keyId,
  };
  const pinnedKey: PinnedKey = { keyId, publicKey: vault.publicKey };
  /** A receipt for the fixture's allow, signed after the change. */
  const receipt = (
    change: Partial<Receipt> = {},
    keyChange: Partial<typeof endorsed> = {},
  ): Receipt => {
    const key = { ...endorsed, ...keyChange };
    const {
      signature: _,
      sealingKey: __,
      ...fields
    } = {
      signature: "",
      sealingKey: undefined,
      audience: "broker" as const,
      actionId: ids.action,
      digest,
      allowId: ids.allow,
      chain: "c".repeat(64),
      seq: 7,
      entryHash: "e".repeat(64),
      nonce: "f".repeat(64),
      issuedAt: instant(0),
      expiresAt: instant(receiptMs),
      ...change,
    };
    return {
      ...fields,
      sealingKey: { ...key, endorsement: es256(vault.privateKey, endorsementText(key)) },
      signature: es256(sealing.privateKey, receiptText(fields)),
    };
  };
  return { pinnedKey, receipt };
}
