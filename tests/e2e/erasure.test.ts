// A person is erased: every service deletes what it has and says so, nothing of the person is left in any store, and
// what comes later about an erased ticket is refused.

import { randomUUID } from "node:crypto";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TopicName } from "@niivo/contracts/envelope";
import { type Identity, identities } from "@niivo/contracts/topology";
import { endpointsOf } from "@niivo/local/client";
import { fileSinks } from "@niivo/local/leaks";
import { untar } from "@niivo/local/untar";
import { witnessName } from "@niivo/local/witness";
import { beforeAll, expect, test } from "vitest";
import { z } from "zod";
import { verifyAsStranger } from "../src/offline-verifiers.ts";
import { contoso, runningSystem } from "../src/running-system.ts";

const { system, bus, client, auditor, open, sealed } = await runningSystem();
const person = contoso.ursinaCaduff;
/** The texts that must be nowhere: what the person wrote, and how the directory knows them. */
const planted = "blue-heron-7731";
const canaries = [planted, person.userPrincipalName, person.objectId];
/** Of somebody else; its letter stays. */
const otherTicket = randomUUID();
const waitMs = 60_000;

async function send(
  identity: TopicName & Identity,
  ticket: string | undefined,
  type: string,
  data: unknown,
) {
  const sender = bus(identity).createSender(identity);
  const id = randomUUID();
  const body = {
    ...{ specversion: "1.0", id, source: identity, type, subject: ticket ?? "contoso" },
    ...{ time: new Date().toISOString(), customer: "contoso", correlationid: ticket ?? id },
    ...(ticket === undefined ? {} : { ticket }),
    ...(type.endsWith(".due.v1") ? {} : { sequence: 1 }),
    data,
  };
  await sender.sendMessages({ body, messageId: id, applicationProperties: { type } });
  await sender.close();
}

/** Entries of the chain of contoso that have all of these texts, once there are `count` of them. */
async function entriesWith(count: number, ...texts: string[]): Promise<readonly string[]> {
  const deadline = Date.now() + waitMs;
  const reader = await auditor();
  for (;;) {
    const all = await client.entries(reader, "contoso", 0, 1000);
    const found = all.split("\n").filter((line) => texts.every((text) => line.includes(text)));
    if (found.length >= count) return found;
    if (Date.now() > deadline) throw new Error(`${found.length} of ${count}: ${texts.join(", ")}`);
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

/** In which files of the stores which of the texts stand, in whatever form. */
function found(names: readonly string[]): readonly string[] {
  return fileSinks("store", join(system.dataDir, "stores"))
    .filter(({ name }) => names.some((one) => name.startsWith(`store: ${one}`)))
    .flatMap(({ name, bytes }) => {
      const text = bytes.toString("latin1").toLowerCase();
      return canaries.flatMap((one) =>
        text.includes(one.toLowerCase()) ? [`${name}: ${one}`] : [],
      );
    });
}

const erasures = `${endpointsOf(system.ports).audit}/v1/customers/contoso/erasures`;
const headers = async () => ({
  authorization: `Bearer ${await auditor()}`,
  "content-type": "application/json",
});

async function ordered(): Promise<{ readonly erasure: string }> {
  const body = JSON.stringify({ person: person.objectId, ground: "request-of-the-person" });
  const response = await fetch(erasures, { method: "POST", headers: await headers(), body });
  expect(response.status).toBe(202);
  return z.object({ erasure: z.uuid() }).parse(await response.json());
}

async function status(erasure: string): Promise<unknown> {
  return (await fetch(`${erasures}/${erasure}`, { headers: await headers() })).json();
}

/** Resolves when the newest checkpoint covers the whole chain and has the witness's cosignature. */
async function witnessed(reader: string): Promise<void> {
  for (const deadline = Date.now() + waitMs; Date.now() < deadline; ) {
    const { entries } = await client.verifyAttested(reader, "contoso", waitMs);
    const { size, anchors } = await client.checkpoint(reader, "contoso");
    if (size === entries && anchors[witnessName]?.size === size) return;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  throw new Error("the witness never saw the whole chain");
}

const others = identities.filter((identity) => identity !== "audit");
let ticket = "";
let token = "";
beforeAll(async () => {
  ({ id: ticket, token } = await open(person, `I forgot my password, it was ${planted}, help`));
  for (const { userPrincipalName } of [contoso.nadiaBrunner, contoso.retoZgraggen]) {
    const card = await client.openCard(userPrincipalName, waitMs);
    await client.press(userPrincipalName, card.id, "grant");
  }
  await client.ticketEnds(token, ticket, waitMs);
  await sealed(ticket, "ticket.resolved");
  await send("agent", otherTicket, "action.requested.v1", {});
  await send("agent", ticket, "action.requested.v1", { planted });
  await entriesWith(4, "message.dead-lettered", "invalid-schema"); // Policy's and audit's, of both.
});

test("every service deletes what it has of the person, and confirms it", async () => {
  const stores = join(system.dataDir, "stores");
  expect(found(others)).not.toEqual([]);
  expect(readFileSync(join(stores, "secrets.sqlite-wal")).includes(ticket)).toBe(true);
  const { erasure } = await ordered();
  const confirmed = await entriesWith(identities.length, "erasure.confirmed", erasure);
  expect(confirmed).toHaveLength(identities.length);
  expect(found([...identities, "secrets"])).toEqual([]);
  expect(await status(erasure)).toMatchObject({ tickets: 1, unconfirmed: [] });
  const secrets = readdirSync(stores).filter((name) => name.startsWith("secrets"));
  for (const name of secrets)
    expect(readFileSync(join(stores, name)).includes(ticket), name).toBe(false);
  const receiver = bus("policy").createReceiver("agent", "policy", { subQueueType: "deadLetter" });
  const [left, ...more] = await receiver.peekMessages(10);
  expect(left?.body).toMatchObject({ ticket: otherTicket });
  expect(more).toEqual([]);
});

test("the ticket is not there any more for who opened it", async () => {
  await expect(client.ticket(token, ticket)).rejects.toMatchObject({ status: 404 });
});

test("what comes later about the ticket is refused, told of, and kept nowhere", async () => {
  await send("agent", ticket, "step.due.v1", { step: 1 });
  await entriesWith(1, "message.dead-lettered", "erased", "step.due.v1");
  expect(found([...others, "secrets"])).toEqual([]);
});

test("a stranger's verifiers find the chain whole, and say what was erased", async () => {
  const folder = mkdtempSync(join(tmpdir(), "niivo-erased-"));
  try {
    const reader = await auditor();
    await witnessed(reader);
    const { vkey = "" } = (await client.keys(reader, "contoso")) ?? {};
    const bundle = join(folder, "bundle");
    untar(await client.bundle(reader, "contoso"), bundle);
    const policy = join(folder, "policy.txt");
    const parties = [
      `log ${vkey}`,
      `witness ${witnessName} ${system.witnessKey}`,
      `quorum ${witnessName}`,
    ];
    writeFileSync(policy, parties.map((line) => `${line}\n`).join(""));
    const answers = verifyAsStranger(bundle, policy);
    for (const { by, code, text } of answers) expect(code, `${by}: ${text}`).toBe(0);
    expect(answers[0]?.text).toContain("ERASED");
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
