// R3: the broker acts only on policy's allow and audit's receipt together. Whoever holds the key of one of
// the two services can forge one of the two, and nothing starts.

import { generateKeyPairSync, randomBytes, randomUUID, sign } from "node:crypto";
import { actionDigest } from "@niivo/contracts/action";
import type { TopicName } from "@niivo/contracts/envelope";
import { endorsementText, type Receipt, receiptText } from "@niivo/contracts/receipt";
import { customers } from "@niivo/tenant/seed";
import { expect, test } from "vitest";
import { contoso, runningSystem } from "../src/running-system.ts";

const { bus, client, sealed, open, system } = await runningSystem();
const now = () => new Date().toISOString();

async function send(topic: "policy" | "audit", message: ReturnType<typeof envelope>) {
  const sender = bus(topic).createSender(topic);
  await sender.sendMessages({
    body: message,
    messageId: message.id,
    sessionId: message.ticket,
    applicationProperties: { type: message.type, mode: "log" },
  });
  await sender.close();
}

function envelope(source: TopicName, type: string, ticket: string, content: object) {
  return {
    specversion: "1.0",
    id: randomUUID(),
    source,
    type,
    subject: ticket,
    time: now(),
    customer: "contoso",
    ticket,
    correlationid: ticket,
    sequence: 1,
    data: content,
  };
}

function forgedAction(ticket: string) {
  const action = {
    id: randomUUID(),
    nonce: randomBytes(32).toString("hex"),
    ticket,
    customer: "contoso",
    agent: "niivo-l1-desk",
    tool: "password.reset",
    arguments: { user: contoso.ursinaCaduff.userPrincipalName },
  };
  return { action, digest: actionDigest(action) };
}

function forgedReceipt(about: { actionId: string; digest: string; allowId: string }): Receipt {
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const es256 = (text: string) =>
    sign("sha256", Buffer.from(text), { key: privateKey, dsaEncoding: "ieee-p1363" }).toString(
      "base64url",
    );
  const { x = "", y = "" } = publicKey.export({ format: "jwk" });
  const key = {
    publicKey: { kty: "EC" as const, crv: "P-256" as const, x, y },
    notBefore: new Date(Date.now() - 60_000).toISOString(),
    notAfter: new Date(Date.now() + 600_000).toISOString(),
    endorsedBy: system.addresses.auditKeyId,
  };
  const receipt = {
    audience: "broker" as const,
    ...about,
    chain: randomBytes(32).toString("hex"),
    seq: 7,
    entryHash: randomBytes(32).toString("hex"),
    issuedAt: now(),
    expiresAt: new Date(Date.now() + 30_000).toISOString(),
  };
  return {
    ...receipt,
    sealingKey: { ...key, endorsement: es256(endorsementText(key)) },
    signature: es256(receiptText(receipt)),
  };
}

const requester = {
  objectId: contoso.lenaFrei.objectId,
  tenantId: customers.contoso.tenantId,
  displayName: "Lena Frei",
  userPrincipalName: contoso.lenaFrei.userPrincipalName,
  assurance: "verified",
  multifactor: true,
};

test("R3: an allow that policy's key forged gets no receipt, and starts nothing", async () => {
  const { id: ticket } = await open(contoso.svenGraf, "Wi-Fi disconnects");
  const { action, digest } = forgedAction(ticket);
  const allow = envelope("policy", "action.allowed.v1", ticket, {
    action,
    digest,
    requester,
    mode: "log",
    basis: { policySet: digest, policies: [] },
    expiresAt: new Date(Date.now() + 60_000).toISOString(),
    attempt: 1,
  });
  await send("policy", { ...allow, subject: `forged-${ticket}` });
  await sealed(ticket, "policy.allowed: password.reset");
  await client.ticketEnds(await client.signIn(contoso.svenGraf.userPrincipalName), ticket, 60_000);
  expect(await passwordChanges(action.id)).toBe(0);
  await expect(sealed(ticket, "action.started: password.reset", 3000)).rejects.toThrow();
});

test("R3: a receipt that audit's key forged starts nothing, and is recorded", async () => {
  const { id: ticket } = await open(contoso.svenGraf, "Wi-Fi disconnects");
  const { action, digest } = forgedAction(ticket);
  const about = { actionId: action.id, digest, allowId: randomUUID() };
  const receipt = envelope("audit", "receipt.issued.v1", ticket, forgedReceipt(about));
  await send("audit", { ...receipt, subject: `forged-${ticket}` });
  await sealed(ticket, "receipt.rejected");
  expect(await passwordChanges(action.id)).toBe(0);
});

async function passwordChanges(actionId: string): Promise<number> {
  const effects = await client.effects();
  return effects.filter(
    ({ method, ...rest }) => method === "PATCH" && JSON.stringify(rest).includes(actionId),
  ).length;
}
