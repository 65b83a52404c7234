// The fault table: each write of the engine is lost, or applied although its answer is lost, while the process goes
// on or ends there and is started again. What must be true after the redelivery is checked whole.

import { derivedId } from "@niivo/contracts/canonical";
import { describe, expect, test, vi } from "vitest";
import { type MemoryBus, memoryBus } from "../src/memory-bus.ts";
import { memoryStore, type WriteFault } from "../src/memory-store.ts";
import { type Operation, type Store, StoreError } from "../src/store.ts";
import { inProcess, testClock } from "../src/testing/in-process.ts";
import {
  contoso,
  customer,
  definition,
  events,
  startsAt,
  stepDue,
  steps,
  ticketOf,
  timerStep,
} from "./counting.ts";

type Write = "commit" | "publish" | "mark" | "complete";
const writes: readonly Write[] = ["commit", "publish", "mark", "complete"];
const faults: readonly Exclude<WriteFault, "none">[] = ["lost", "lost-but-applied"];
const endings = ["survives", "restarts"] as const;

const input = stepDue("a", timerStep);
const [eventId, timerId] = [
  derivedId("agent", "agent", input.id, "0"),
  derivedId("agent", "agent", input.id, "1"),
];

const isMark = (operations: readonly Operation[]) =>
  operations.every(({ kind }) => kind === "upsert");

/** A process: once it is gone, nothing it still does reaches the store or the bus. */
function startProcess(bus: MemoryBus, store: Store, clock: ReturnType<typeof testClock>) {
  let isGone = false;
  const service = inProcess({
    ...definition(),
    customers: [contoso],
    subscriptions: [],
    startsAt,
    clock,
    holdMs: 40,
    bus: {
      ...bus,
      publisher: (topic) => ({
        ...bus.publisher(topic),
        publish: async (messages) => {
          if (isGone) throw new Error("the process is gone");
          await bus.publisher(topic).publish(messages);
        },
      }),
    },
    store: {
      ...store,
      commit: async (partition, operations) => {
        if (isGone) throw new StoreError("unavailable", "the process is gone");
        return store.commit(partition, operations);
      },
    },
  });
  return {
    service,
    end: () => {
      isGone = true;
      bus.crash();
    },
  };
}

async function runWith(write: Write, fault: WriteFault, ending: (typeof endings)[number]) {
  const clock = testClock(startsAt);
  let isDue = true;
  let process: ReturnType<typeof startProcess> | undefined;
  const hit = (now: Write): WriteFault => {
    if (now !== write || !isDue) return "none";
    isDue = false;
    if (ending === "restarts") queueMicrotask(() => process?.end());
    return fault;
  };
  const bus = memoryBus({
    subscriptions: [steps, events],
    now: clock.now,
    publishFault: ([first]) => (first?.envelope.id === eventId ? hit("publish") : "none"),
    completeFault: () => hit("complete"),
  });
  const store = memoryStore({
    now: clock.now,
    fault: (_, operations) => hit(isMark(operations) ? "mark" : "commit"),
  });
  process = startProcess(bus, store, clock);
  await bus.publisher("agent").publish([{ envelope: input }]);
  await bus.idle();
  if (write === "mark") await vi.waitFor(() => expect(isDue).toBe(false));
  if (ending === "restarts") process = startProcess(bus, store, clock);
  bus.expireLocks();
  await bus.idle();
  expect(isDue, "the fault was met").toBe(false);
  await process.service.drain();
  return { bus, store };
}

describe.each(endings)("the process %s", (ending) => {
  describe.each(faults)("a write is %s", (fault) => {
    test.each(writes)(
      "%s: decided once, published under the same ids, completed",
      async (write) => {
        const { bus, store } = await runWith(write, fault, ending);

        const state = await store.read(customer, `key:${ticketOf("a")}`);
        expect(state?.body).toEqual({
          sequence: 1,
          lastEventId: eventId,
          state: { steps: [timerStep] },
        });

        const stored = bus.stored("agent").filter(({ id }) => id !== input.id);
        expect(new Set(stored.map(({ id }) => id))).toEqual(new Set([eventId, timerId]));
        for (const message of stored)
          expect(message).toEqual(stored.find(({ id }) => id === message.id));

        // The timer waits for its time; it is the only message left.
        expect(bus.waiting("agent/agent")).toBe(
          bus.stored("agent").filter(({ id }) => id === timerId).length,
        );
        expect(bus.deadLetters("agent/agent")).toEqual([]);

        const documents = await store.list(customer, { prefix: "", limit: 10 });
        expect(documents.map(({ id }) => id)).toEqual([
          `inbox:agent:${input.id}`,
          `key:${ticketOf("a")}`,
        ]);
        // A mark comes after the completion. One that is lost then spares nothing any more.
        const isLost = write === "mark" && fault === "lost";
        const isCutOff = write === "complete" && fault === "lost-but-applied";
        const isMarked = !isLost && !(isCutOff && ending === "restarts");
        expect(documents[0]?.body).toMatchObject({ published: isMarked });
      },
    );
  });
});
