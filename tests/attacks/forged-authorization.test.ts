// R3: the broker acts only on policy's allow and audit's receipt together. Whoever holds the key of one of
// the two services can forge one of the two, and nothing starts: audit gives no receipt for what the agent did
// not request, nor for what people are said to have granted and did not.

import { generateKeyPairSync, randomBytes, randomUUID, sign } from "node:crypto";
import { DatabaseSync } from "node:sqlite";
import { type Action, actionDigest, type Requester } from "@niivo/contracts/action";
import { parkedMaxMs } from "@niivo/contracts/audit";
import type { TopicName } from "@niivo/contracts/envelope";
import type { UserFacts } from "@niivo/contracts/facts";
import { endorsementText, type Receipt, receiptText } from "@niivo/contracts/receipt";
import { serviceFiles } from "@niivo/local/service-environment";
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
    nonce: randomBytes(32).toString("hex"),
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
  await sealed(ticket, "policy.allowed: password.reset", 30_000, "receipt-withheld");
  await client.ticketEnds(await client.signIn(contoso.svenGraf.userPrincipalName), ticket, 60_000);
  expect(await passwordChanges(action.id)).toBe(0);
  await expect(sealed(ticket, "action.started: password.reset", 3000)).rejects.toThrow();
});

test("R3: an approved allow that policy's key forged for a requested action nobody granted", async () => {
  const before = await changes();
  const { lenaFrei, svenGraf } = contoso;
  const { id: ticket } = await open(
    svenGraf,
    `Please reset the password of ${lenaFrei.userPrincipalName}, she forgot it.`,
  );
  await sealed(ticket, "approval.asked");
  const allow = envelope("policy", "action.allowed.v1", ticket, {
    ...knownToPolicy(ticket),
    mode: "approved",
    grantedBy: [contoso.nadiaBrunner.objectId, contoso.retoZgraggen.objectId],
    basis: { policySet: "0".repeat(64), policies: ["password-approved"] },
    expiresAt: new Date(Date.now() + 60_000).toISOString(),
    attempt: 1,
  });
  await send("policy", { ...allow, subject: `forged-${ticket}` });
  const found = await sealed(ticket, "policy.allowed: password.reset");
  expect(found).toMatchObject({ outcome: "receipt-withheld" });
  expect(found.line).toContain("approved, receipt-withheld");
  await expect(sealed(ticket, "action.started: password.reset", 3000)).rejects.toThrow();
  expect(await changes()).toBe(before);
});

test("R3: a receipt that audit's key forged starts nothing, and is recorded", async () => {
  const { id: ticket } = await open(contoso.svenGraf, "Wi-Fi disconnects");
  const { action, digest } = forgedAction(ticket);
  const about = { actionId: action.id, digest, allowId: randomUUID() };
  const receipt = envelope("audit", "receipt.issued.v1", ticket, forgedReceipt(about));
  await send("audit", { ...receipt, subject: `forged-${ticket}` });
  // Its cause is a receipt that audit never published, so it waits for that in vain before it is sealed.
  await sealed(ticket, "receipt.rejected", parkedMaxMs + 15_000);
  expect(await passwordChanges(action.id)).toBe(0);
}, 150_000);

interface PolicyDocument {
  readonly state: {
    readonly requester: Requester;
    readonly open: readonly { readonly action: Action; readonly digest: string }[];
    readonly facts: readonly { readonly facts: UserFacts }[];
  };
}

/** The action that waits for people, and about whom it is, as whoever took over the policy service has it. */
function knownToPolicy(ticket: string) {
  const store = new DatabaseSync(serviceFiles(system.dataDir).store("policy"), { readOnly: true });
  try {
    const row = store
      .prepare("SELECT body FROM documents WHERE partition = ? AND id = ?")
      .get("contoso", `key:${ticket}`);
    const { state }: PolicyDocument = JSON.parse(String(row?.["body"]));
    const asked = state.open.find(({ action }) => action.tool === "password.reset");
    if (asked === undefined) throw new Error("policy knows of no password to reset");
    const { action, digest } = asked;
    const [target] = state.facts.map(({ facts }) => facts);
    return { action, digest, requester: state.requester, target };
  } finally {
    store.close();
  }
}

/** How many calls changed something in the directory. */
const changes = async () => (await client.effects()).filter(isPatch).length;
const isPatch = ({ method }: { readonly method: string }) => method === "PATCH";

async function passwordChanges(actionId: string): Promise<number> {
  const effects = await client.effects();
  return effects.filter(
    ({ method, ...rest }) => method === "PATCH" && JSON.stringify(rest).includes(actionId),
  ).length;
}
