// The command as a process of its own, killed without warning and started again on its data.

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { ServiceBusConfig } from "../src/config.ts";
import { configOf, connect, KEY } from "./bus.ts";

const main = fileURLToPath(new URL("../src/main.ts", import.meta.url));
const children: ChildProcess[] = [];
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "service-bus-"));
});
afterEach(() => {
  for (const child of children.splice(0)) child.kill("SIGKILL");
  chmodSync(folder, 0o700);
  rmSync(folder, { recursive: true });
});

const config = (): ServiceBusConfig =>
  configOf([{ name: "plain" }, { name: "work", requiresSession: true }], {
    dataDir: join(folder, "store"),
  });

function run(input: unknown): ChildProcess {
  const file = join(folder, "config.json");
  writeFileSync(file, typeof input === "string" ? input : JSON.stringify(input));
  const child = spawn(process.execPath, [main, "--config", file]);
  children.push(child);
  return child;
}

async function start(input: ServiceBusConfig = config()) {
  const child = run(input);
  if (child.stdout === null) throw new Error("no output");
  const [line] = await once(createInterface(child.stdout), "line");
  const port = Number(/^service-bus ready on 127\.0\.0\.1:(\d+)$/.exec(line)?.[1]);
  return { child, port, client: connect(port, KEY, { maxRetries: 0 }) };
}

async function kill(child: ChildProcess): Promise<void> {
  const gone = once(child, "exit");
  child.kill("SIGKILL");
  await gone;
}

/** How the command ends when it cannot start. */
async function failure(input: unknown) {
  const child = run(input);
  let output = "";
  child.stderr?.on("data", (text) => {
    output += text;
  });
  const [code] = await once(child, "close");
  return { code, output };
}

test("D1: after a kill nothing accepted is lost and nothing settled comes back", async () => {
  const first = await start();
  const sender = first.client.createSender("events");
  const bodies = ["complete", "abandon", "dead-letter", "locked", "waiting"];
  await sender.sendMessages(bodies.map((body) => ({ body, messageId: body, sessionId: body })));
  const receiver = first.client.createReceiver("events", "plain");
  const [done, again, bad, locked] = await receiver.receiveMessages(4);
  await receiver.completeMessage(done!);
  await receiver.deadLetterMessage(bad!, {
    deadLetterReason: "bad",
    deadLetterErrorDescription: "",
  });
  expect(locked?.body).toBe("locked");
  const session = await first.client.acceptSession("events", "work", "complete");
  const [inSession] = await session.receiveMessages(1);
  await session.setSessionState({ seen: 1 });
  await session.completeMessage(inSession!);
  const unread = await first.client.acceptSession("events", "work", "abandon");
  await unread.setSessionState("gone");
  await unread.setSessionState(null);
  await receiver.abandonMessage(again!, { note: "tried" });
  await kill(first.child);

  const second = await start();
  const plain = second.client.createReceiver("events", "plain");
  const left = await plain.receiveMessages(10, { maxWaitTimeInMs: 3_000 });
  expect(left.map(({ body, deliveryCount }) => [body, deliveryCount])).toEqual([
    ["abandon", 1],
    ["locked", 0],
    ["waiting", 0],
  ]);
  expect(left[0]).toMatchObject({ messageId: "abandon", applicationProperties: { note: "tried" } });
  const dead = second.client.createReceiver("events", "plain", { subQueueType: "deadLetter" });
  expect(await dead.peekMessages(5)).toMatchObject([
    { body: "dead-letter", deadLetterReason: "bad" },
  ]);
  const resumed = await second.client.acceptSession("events", "work", "complete");
  expect(await resumed.getSessionState()).toEqual({ seen: 1 });
  expect(await resumed.peekMessages(5)).toEqual([]);
  const cleared = await second.client.acceptSession("events", "work", "abandon");
  expect(await cleared.getSessionState()).toBeNull();
  await second.client.close();
});

test("T3: scheduled messages survive a restart, also when they fell due meanwhile", async () => {
  const first = await start();
  const sender = first.client.createSender("events");
  const soon = new Date(Date.now() + 300);
  const later = new Date(Date.now() + 1_200);
  await sender.scheduleMessages({ body: "soon" }, soon);
  await sender.sendMessages({ body: "later", scheduledEnqueueTimeUtc: later });
  const [cancelled] = await sender.scheduleMessages({ body: "cancelled" }, later);
  await sender.cancelScheduledMessages(cancelled!);
  await kill(first.child);

  const second = await start();
  const receiver = second.client.createReceiver("events", "plain");
  const [due] = await receiver.receiveMessages(1, { maxWaitTimeInMs: 3_000 });
  expect(due?.body).toBe("soon");
  const [last] = await receiver.receiveMessages(1, { maxWaitTimeInMs: 3_000 });
  expect(last?.body).toBe("later");
  expect(Date.now()).toBeGreaterThanOrEqual(later.getTime());
  expect(last?.sequenceNumber?.toNumber()).toBeGreaterThan(due?.sequenceNumber?.toNumber() ?? 0);
  expect(await receiver.peekMessages(5)).toHaveLength(2);
  await second.client.close();
});

test("D1, T2: senders and a subscriber carry on over a kill, and every accepted message arrives", async () => {
  const first = await start();
  const client = connect(first.port, KEY, { maxRetries: 1 });
  const accepted = new Set<string>();
  const received = new Set<string>();
  const receiver = client.createReceiver("events", "plain");
  const processMessage = async ({ messageId }: { messageId?: unknown }) => {
    received.add(String(messageId));
  };
  receiver.subscribe({ processMessage, processError: async () => {} }, { maxConcurrentCalls: 50 });
  const sender = client.createSender("events");
  let isSending = true;
  const send = async (name: string) => {
    for (let count = 0; isSending; count += 1) {
      const messageId = `${name}-${count}`;
      const isAccepted = await sender.sendMessages({ body: "", messageId }).then(
        () => true,
        () => false,
      );
      if (isAccepted) accepted.add(messageId);
      else await setTimeout(20); // The server is away.
    }
  };
  const senders = ["a", "b", "c", "d", "e"].map(send);
  await expect.poll(() => accepted.size).toBeGreaterThan(100);
  await kill(first.child);
  const before = accepted.size;
  const second = await start({ ...config(), port: first.port });
  await expect.poll(() => accepted.size, { timeout: 10_000 }).toBeGreaterThan(before + 100);
  isSending = false;
  await Promise.all(senders);
  const missing = () => [...accepted].filter((messageId) => !received.has(messageId));
  await expect.poll(missing, { timeout: 10_000 }).toEqual([]);
  await Promise.all([client.close(), first.client.close(), second.client.close()]);
});

test("SIGTERM ends the command cleanly, and a key may come from a file", async () => {
  const keyFile = join(folder, "key");
  writeFileSync(keyFile, `${KEY.key}\n`);
  const { keys, ...rest } = config();
  const { key: _, ...key } = keys![0]!;
  const { child, client } = await start({ ...rest, keys: [{ ...key, keyFile }] });
  await client.createSender("events").sendMessages({ body: "" });
  const ended = once(child, "exit");
  child.kill("SIGTERM");
  expect(await ended).toEqual([0, null]);
  await client.close();
});

test("D4: a taken port, a folder in use or a folder that cannot be written ends the command", async () => {
  const { port, client } = await start();
  const taken = await failure({ ...config(), dataDir: join(folder, "another"), port });
  expect(taken.code).toBe(1);
  expect(taken.output).toMatch(/^service-bus: the port is taken \(.*\)\n$/);
  const inUse = await failure(config());
  expect(inUse.code).toBe(1);
  expect(inUse.output).toMatch(/^service-bus: the data folder .* cannot be used: .*locked\n$/);
  const file = join(folder, "config.json", "below-a-file");
  const unwritable = await failure({ ...config(), dataDir: file });
  expect(unwritable.code).toBe(1);
  expect(unwritable.output).toMatch(/^service-bus: the data folder .* cannot be used: .*\n$/);
  await client.close();
});

test("a wrong configuration ends the command with every problem and no secret", async () => {
  const broken = {
    ...config(),
    port: "5672",
    keys: [{ ...KEY, key: "top-secret", send: ["nowhere"], listen: ["events/plain"], extra: 1 }],
  };
  const { code, output } = await failure(broken);
  expect(code).toBe(2);
  expect(output).toMatch(/^service-bus: the configuration .*: port: .*; keys\.0: .*\n$/);
  expect(output).not.toContain("top-secret");
  const unknown = await failure({ ...config(), keys: [{ ...KEY, send: ["nowhere"], listen: [] }] });
  expect(unknown.output).toContain('keys.0.send.0: there is no entity "nowhere"');
  const text = await failure('{"keys": [{"key": "top-secret"');
  expect(text.output).toMatch(/^service-bus: the configuration .*: line 1: not JSON \(.*\)\n$/);
});
