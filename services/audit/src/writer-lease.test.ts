import { setTimeout as delay } from "node:timers/promises";
import { memoryStore } from "@niivo/host/memory-store";
import type { Store } from "@niivo/host/store";
import { expect, test } from "vitest";
import { Fenced } from "./writer.ts";
import { acquireLease, type WriterLease } from "./writer-lease.ts";

const shortMs = 60;
const quiet = { info: () => {}, warn: () => {} };

const acquire = (store: Store, instance: string, onLost: (error: Error) => void = () => {}) =>
  acquireLease({ store, instance, log: quiet, onLost, leaseMs: shortMs });

/** Whether it is still pending after a time in which a lease runs out several times. */
const stillPending = (one: Promise<unknown>): Promise<boolean> =>
  Promise.race([one.then(() => false), delay(4 * shortMs, true)]);

test("L18: the lease has one holder, whose term stays the same however often it renews", async () => {
  const store = memoryStore();
  const one = await acquire(store, "one");
  const two = acquire(store, "two");
  expect(await stillPending(two)).toBe(true);
  expect(one.writer()).toEqual({ term: 1, instance: "one" });
  await one.release();
  expect((await two).writer()).toEqual({ term: 2, instance: "two" });
  await (await two).release();
});

test("L18: of sixteen who want it, one has it at a time, and each has a term of its own", async () => {
  const store = memoryStore();
  const holders = new Set<string>();
  const terms: number[] = [];
  await Promise.all(
    Array.from({ length: 16 }, async (_, index) => {
      const lease = await acquire(store, `process ${index}`);
      const { term, instance } = lease.writer();
      expect([...holders]).toEqual([]);
      holders.add(instance);
      terms.push(term);
      await delay(1);
      holders.delete(instance);
      await lease.release();
    }),
  );
  expect(terms).toEqual(Array.from({ length: 16 }, (_, index) => index + 1));
});

test("L19: a holder that another one replaced while it could not renew ends, and says so once", async () => {
  let isCut = false;
  const whole = memoryStore();
  const cut: Store = {
    ...whole,
    read: (partition, id) => (isCut ? new Promise(() => {}) : whole.read(partition, id)),
  };
  const lost: Error[] = [];
  const one: WriterLease = await acquire(cut, "one", (error) => lost.push(error));
  isCut = true;
  const two = await acquire(whole, "two");
  expect(() => one.writer()).toThrow("not held");
  isCut = false;
  await expect.poll(() => lost).toEqual([expect.any(Fenced)]);
  expect(() => one.writer()).toThrow(Fenced);
  expect(two.writer().term).toBe(2);
  await two.release();
});

test("a store that does not answer is waited for", async () => {
  let failures = 3;
  const store = memoryStore({ fault: () => (failures-- > 0 ? "lost" : "none") });
  const lease = await acquire(store, "one");
  expect(lease.writer().term).toBe(1);
  await lease.release();
});

test("whoever lost the answer to its own commit finds itself in it", async () => {
  let commits = 0;
  const store = memoryStore({ fault: () => (commits++ === 0 ? "lost-but-applied" : "none") });
  const lease = await acquire(store, "one");
  expect(lease.writer()).toEqual({ term: 1, instance: "one" });
  await lease.release();
});
