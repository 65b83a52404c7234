// The bus is killed under load, again and again on the same data, at moments nobody chose.

import type { ServiceBusClient } from "@azure/service-bus";
import { expect, test } from "vitest";
import { configOf, connect, KEY } from "../test/bus.ts";
import { createBusFolder } from "./bus-process.ts";
import { createLedger, type Found } from "./ledger.ts";
import { startLoad } from "./load.ts";
import { withSeed } from "./random.ts";

const rounds = 8;
const shortestMs = 200;
const spanMs = 1_000;
const once = { maxRetries: 0, timeoutInMs: 2_000 };

test("K1 to K3: no acknowledged send or settlement is lost or undone by kill -9 under load", () =>
  withSeed(async (random) => {
    await using folder = createBusFolder(
      // Abandoned messages must not become dead letters on their own: only the load says what is dead.
      configOf([{ name: "plain", maxDeliveryCount: 2_000 }]),
    );
    const ledger = createLedger();
    for (let round = 0; round < rounds; round += 1) {
      const bus = await folder.start();
      const client = connect(bus.port, KEY, once);
      const load = startLoad(client, ledger, random, round);
      await new Promise((resolve) => setTimeout(resolve, shortestMs + random.below(spanMs)));
      await bus.kill();
      load.stop();
      void client.close().catch(() => undefined);
      expect(load.failure()).toBeUndefined();
    }
    const { sent, completed, dead, deferred } = ledger.counts();
    // Without these the rounds would have shown nothing.
    expect(sent).toBeGreaterThan(1_000);
    expect(completed).toBeGreaterThan(500);
    expect(dead).toBeGreaterThan(10);
    expect(deferred).toBeGreaterThan(10);
    const last = await folder.start();
    const client = connect(last.port, KEY, once);
    expect(ledger.problems(await everything(client))).toEqual([]);
    await client.close();
  }));

test("K4: a session state is the last one acknowledged or one asked for after it, whatever is killed", () =>
  withSeed(async (random) => {
    await using folder = createBusFolder(configOf([{ name: "work", requiresSession: true }]));
    let [asked, acknowledged] = [0, 0];
    for (let round = 0; round < 4; round += 1) {
      const bus = await folder.start();
      const client = connect(bus.port, KEY, once);
      const session = await client.acceptSession("events", "work", "one");
      const kept = Number(await session.getSessionState());
      expect(kept).toBeGreaterThanOrEqual(acknowledged);
      expect(kept).toBeLessThanOrEqual(asked);
      const writing = (async () => {
        for (;;) {
          asked += 1;
          const state = asked;
          await session.setSessionState(state);
          acknowledged = state;
        }
      })().catch(() => undefined);
      await new Promise((resolve) => setTimeout(resolve, 100 + random.below(200)));
      await bus.kill();
      void client.close().catch(() => undefined);
      void writing;
    }
    expect(acknowledged).toBeGreaterThan(20);
  }));

async function everything(client: ServiceBusClient): Promise<Found> {
  const page = 500;
  const receiver = client.createReceiver("events", "plain");
  const [waiting, deferred]: [string[], string[]] = [[], []];
  for (;;) {
    const seen = await receiver.peekMessages(page);
    if (seen.length === 0) break;
    for (const { state, body } of seen) (state === "deferred" ? deferred : waiting).push(body);
  }
  const letters = client.createReceiver("events", "plain", { subQueueType: "deadLetter" });
  const dead: string[] = [];
  for (;;) {
    const seen = await letters.peekMessages(page);
    if (seen.length === 0) break;
    for (const { body } of seen) dead.push(body);
  }
  return { waiting, deferred, dead };
}
