// Whatever is lost and whenever the process ends, the outcome is that of a run without faults.

import * as fc from "fast-check";
import { expect, test } from "vitest";
import { memoryBus } from "../src/memory-bus.ts";
import { memoryStore, type WriteFault } from "../src/memory-store.ts";
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
} from "./counting.ts";

const Fault = fc.constantFrom<WriteFault>("none", "none", "lost", "lost-but-applied");
const inputs = ["a", "b"].flatMap((name) => [1, 2, 3].map((step) => stepDue(name, step)));
/** Fewer than the deliveries after which the bus itself sets a message aside. */
const restartsMax = 6;

test("H1, H3, H4: every input decides once under random faults and restarts", async () => {
  const property = fc.asyncProperty(
    fc.array(Fault, { maxLength: 12 }),
    fc.array(fc.boolean(), { maxLength: restartsMax }),
    async (faults, restarts) => {
      const clock = testClock(startsAt);
      let writes = 0;
      let isStarted = false;
      const next = (): WriteFault => (isStarted ? (faults[writes++] ?? "none") : "none");
      const bus = memoryBus({
        subscriptions: [steps, events],
        now: clock.now,
        publishFault: next,
        completeFault: next,
      });
      const store = memoryStore({ now: clock.now, fault: next });
      await bus.publisher("agent").publish(inputs.map((envelope) => ({ envelope })));
      isStarted = true;
      const start = () =>
        inProcess({
          ...definition(),
          ...{ customers: [contoso], subscriptions: [], startsAt, clock, bus, store, holdMs: 5 },
        });
      let service = start();
      for (const isRestart of [...restarts, false, false]) {
        const working = bus.idle();
        if (isRestart) bus.crash();
        await working;
        if (isRestart) {
          await service.drain();
          service = start();
        }
        bus.expireLocks();
      }
      await bus.idle();
      await service.drain();

      expect(bus.waiting("agent/agent")).toBe(0);
      expect(bus.deadLetters("agent/agent")).toEqual([]);
      for (const name of ["a", "b"]) {
        const document = await store.read(customer, `key:${ticketOf(name)}`);
        expect(document?.body).toMatchObject({ sequence: 3 });
        const told = bus
          .stored("agent")
          .filter(({ type, ticket }) => type === "ticket.waiting.v1" && ticket === ticketOf(name));
        expect(new Set(told.map(({ sequence }) => sequence))).toEqual(new Set([1, 2, 3]));
        expect(new Set(told.map((event) => JSON.stringify(event))).size).toBe(3);
      }
    },
  );
  await fc.assert(property, { numRuns: 60 });
});
