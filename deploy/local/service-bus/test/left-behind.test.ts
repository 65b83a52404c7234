// What a subscription's receivers are done with is gone: for peek, from the store with the bytes that
// copies share, and after a restart.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import type { ServiceBusReceiver } from "@azure/service-bus";
import { afterEach, beforeEach, expect, test } from "vitest";
import { startBus } from "./bus.ts";

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "service-bus-left-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

const start = () =>
  startBus([{ name: "deleted" }, { name: "completed" }, { name: "work", requiresSession: true }], {
    dataDir: folder,
  });
const subscriptions = ["deleted", "completed", "work"];

async function rowsLeft(): Promise<unknown> {
  const database = new DatabaseSync(join(folder, "service-bus.sqlite"), { readOnly: true });
  const count = (table: string) =>
    database.prepare(`SELECT COUNT(*) AS count FROM ${table}`).get()?.["count"];
  const left = { messages: count("messages"), bodies: count("bodies") };
  database.close();
  return left;
}

async function completeAll(receiver: ServiceBusReceiver, count: number): Promise<void> {
  for (let done = 0; done < count; ) {
    const messages = await receiver.receiveMessages(count - done);
    for (const message of messages) await receiver.completeMessage(message);
    done += messages.length;
  }
}

test("what was received and deleted, or completed, is in no store and does not come back", async () => {
  const own = { body: "own", sessionId: "s" };
  const shared = { body: Buffer.alloc(20_000, "x"), sessionId: "s" };
  {
    await using bus = await start();
    const client = bus.client();
    await client.createSender("events").sendMessages([own, shared, own, shared]);
    const once = client.createReceiver("events", "deleted", { receiveMode: "receiveAndDelete" });
    let taken = 0;
    while (taken < 4) taken += (await once.receiveMessages(4 - taken)).length;
    await completeAll(client.createReceiver("events", "completed"), 4);
    await completeAll(await client.acceptSession("events", "work", "s"), 3);
    const peeked = subscriptions.map((name) =>
      bus.client().createReceiver("events", name).peekMessages(10),
    );
    expect((await Promise.all(peeked)).map(({ length }) => length)).toEqual([0, 0, 1]);
  }
  // The last copy keeps the bytes of all three.
  expect(await rowsLeft()).toEqual({ messages: 1, bodies: 1 });
  {
    await using bus = await start();
    const client = bus.client();
    const peeked = subscriptions.map((name) =>
      client.createReceiver("events", name).peekMessages(10),
    );
    expect((await Promise.all(peeked)).map(({ length }) => length)).toEqual([0, 0, 1]);
    await completeAll(await client.acceptSession("events", "work", "s"), 1);
  }
  expect(await rowsLeft()).toEqual({ messages: 0, bodies: 0 });
});
