// What is read from the store while messages arrive is delivered once.

import { expect, test } from "vitest";
import { createQueue, inserter, policyOf } from "../src/entities/create-queue.ts";
import { describeQueue } from "../src/entities/descriptions.ts";
import { feed } from "../src/entities/feed.ts";
import { openStore } from "../src/store/store.ts";
import { createLockTokens } from "../src/wire/lock-token.ts";
import { incoming } from "./rule-messages.ts";

test("Q1: a message that a page of the store brought as it became durable has one receiver", async () => {
  const store = openStore({
    dataDir: undefined,
    journalFile: undefined,
    onFailure: (error) => {
      throw error;
    },
  });
  const policy = policyOf(describeQueue({ name: "q" }), false);
  const tokens = createLockTokens();
  const queue = createQueue(4, "q", policy, undefined, { store, tokens, clock: Date.now });
  const insert = inserter(queue);
  const send = (body: string) => {
    const message = incoming({ body });
    insert(
      { message, hops: 0, enqueuedSequence: undefined, source: null, body: null },
      undefined,
      "",
    );
  };
  const durable = () => new Promise<void>((resolve) => store.afterCommit(resolve));
  send("first");
  await durable();
  // A write is under way, so the page is read after it; meanwhile the second message arrives.
  store.putSessionState(4, "other", Buffer.from("state"), 0);
  const locked: (number | undefined)[] = [];
  const consumer = {
    mode: "peekLock" as const,
    reserved: 0,
    room: () => 10 - locked.length,
    deliver: (_: Buffer, lock: { readonly entry: { readonly sequence: number } } | undefined) =>
      void locked.push(lock?.entry.sequence),
  };
  const source = feed(queue, consumer, undefined);
  source.pump();
  send("second");
  await durable();
  await durable();
  expect(locked).toHaveLength(2);
  expect(new Set(locked).size).toBe(2);
  source.stop();
  queue.alarm.stop();
  store.close();
});
