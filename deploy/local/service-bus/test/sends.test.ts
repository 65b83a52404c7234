// Sending through the real client: batches, sizes, ids, and bytes that are not touched.

import { appendFileSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { startBus } from "./bus.ts";

test("a batch arrives whole and in order", async () => {
  await using bus = await startBus([{ name: "plain" }]);
  const client = bus.client();
  const sender = client.createSender("events");
  const batch = await sender.createMessageBatch();
  expect(batch.maxSizeInBytes).toBe(262_144);
  for (let body = 0; body < 100; body += 1) {
    expect(batch.tryAddMessage({ body, applicationProperties: { body } })).toBe(true);
  }
  await sender.sendMessages(batch);
  const received = await client.createReceiver("events", "plain").peekMessages(200);
  expect(received.map(({ body }) => body)).toEqual(Array.from({ length: 100 }, (_, at) => at));
});

test("M1: 200 KB of bytes come out as they went in, over several frames", async () => {
  await using bus = await startBus([{ name: "plain" }]);
  const client = bus.client();
  const body = Buffer.alloc(200_000, "0123456789abcdef");
  await client.createSender("events").sendMessages({ body, messageId: "big" });
  const receiver = client.createReceiver("events", "plain", { skipParsingBodyAsJson: true });
  const [message] = await receiver.receiveMessages(1);
  expect(message?.messageId).toBe("big");
  expect(body.equals(message?.body)).toBe(true);
});

test("a message above the limit is refused, and the sender stays usable", async () => {
  await using bus = await startBus([{ name: "plain" }]);
  const client = bus.client();
  const sender = client.createSender("events");
  const tooLarge = { body: Buffer.alloc(300_000) };
  await expect(sender.sendMessages(tooLarge)).rejects.toMatchObject({
    code: "MessageSizeExceeded",
  });
  await sender.sendMessages({ body: "small" });
  const bodies = (await client.createReceiver("events", "plain").peekMessages(5)).map(
    ({ body }) => body,
  );
  expect(bodies).toEqual(["small"]);
});

test("a message without an id gets one, so that its lock can be renewed", async () => {
  await using bus = await startBus([{ name: "plain" }]);
  const client = bus.client();
  await client.createSender("events").sendMessages([{ body: 1 }, { body: 2, subject: "kept" }]);
  const receiver = client.createReceiver("events", "plain");
  const [first, second] = await receiver.receiveMessages(2);
  expect(first?.messageId).toMatch(/^[0-9a-f-]{36}$/);
  expect(second?.messageId).not.toBe(first?.messageId);
  expect(second?.subject).toBe("kept");
  await receiver.completeMessage(first!);
});

test("a session id longer than 128 characters is refused", async () => {
  await using bus = await startBus([{ name: "work", requiresSession: true }]);
  const sender = bus.client().createSender("events");
  await sender.sendMessages({ body: "", sessionId: "s".repeat(128) });
  const bypass = { body: "", applicationProperties: {}, sessionId: "s" };
  Object.defineProperty(bypass, "sessionId", { value: "s".repeat(129) });
  await expect(sender.sendMessages(bypass)).rejects.toThrow();
});

test("the journal holds every accepted message as it came", async () => {
  const folder = mkdtempSync(join(tmpdir(), "service-bus-journal-"));
  try {
    const journal = join(folder, "journal.jsonl");
    appendFileSync(journal, "");
    await using bus = await startBus([{ name: "plain" }], { journal });
    await bus
      .client()
      .createSender("events")
      .sendMessages([{ body: "find me" }, { body: "too" }]);
    const lines = readFileSync(journal, "utf8").trim().split("\n");
    const entries = lines.map((line) => JSON.parse(line));
    expect(entries.map(({ topic }) => topic)).toEqual(["events", "events"]);
    expect(Buffer.from(entries[0].base64, "base64").toString("latin1")).toContain("find me");
  } finally {
    rmSync(folder, { recursive: true });
  }
});
