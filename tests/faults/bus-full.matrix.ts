// The local Service Bus on a full disk of its own (tmpfs), through Microsoft's client: nothing is acknowledged that is
// not kept, /healthz says so, and it goes on by itself when there is room again.
//
// Skipped where nothing can be mounted (it takes root on Linux).

import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, statfsSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ServiceBusClient } from "@azure/service-bus";
import { startServiceBus } from "@niivo/service-bus/server";
import { afterEach, expect, test } from "vitest";
import { mayMount } from "../src/small-disks.ts";

let folder: string | undefined;
afterEach(() => {
  if (folder === undefined) return;
  execFileSync("umount", ["--lazy", folder]);
  rmSync(folder, { recursive: true });
});

test.skipIf(!mayMount)(
  "D3: a full disk refuses sends, keeps what was acknowledged, and recovers",
  async () => {
    folder = mkdtempSync(join(tmpdir(), "bus-full-"));
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=24m", "niivo-test", folder]);
    const key = { name: "root", key: "a key of the test", manage: ["*"] };
    const topics = [{ name: "events", subscriptions: [{ name: "all" }] }];
    const bus = await startServiceBus(
      { port: 0, dataDir: folder, topics, keys: [key] },
      { log: () => undefined },
    );
    const healthz = async () => (await fetch(`http://127.0.0.1:${bus.port}/healthz`)).status;
    const client = new ServiceBusClient(
      `Endpoint=sb://127.0.0.1:${bus.port};SharedAccessKeyName=root;SharedAccessKey=${key.key};` +
        "UseDevelopmentEmulator=true;",
      { retryOptions: { maxRetries: 0, timeoutInMs: 10_000 } },
    );
    const acknowledged: number[] = [];
    const sender = client.createSender("events");
    const send = async (number: number) => {
      await sender.sendMessages({ body: { number, filling: "x".repeat(60_000) } });
      acknowledged.push(number);
    };
    expect(await healthz()).toBe(200);
    const filler = join(folder, "filler");
    const { bavail, bsize } = statfsSync(folder);
    writeFileSync(filler, Buffer.alloc(Math.max(0, bavail * bsize - 2_000_000)));
    let refused: unknown;
    for (let number = 0; refused === undefined && number < 1_000; number += 1) {
      await send(number).catch((error: unknown) => {
        refused = error;
      });
    }
    expect(refused).toMatchObject({ code: "ServiceBusy" });
    expect(await healthz()).toBe(503);
    expect(acknowledged.length).toBeGreaterThan(0);

    rmSync(filler);
    await expect.poll(healthz, { timeout: 10_000 }).toBe(200);
    await send(1_000);
    const receiver = client.createReceiver("events", "all", { receiveMode: "receiveAndDelete" });
    const received: number[] = [];
    while (received.length < acknowledged.length) {
      const messages = await receiver.receiveMessages(100, { maxWaitTimeInMs: 5_000 });
      if (messages.length === 0) break;
      received.push(...messages.map(({ body }) => body.number));
    }
    expect(received).toEqual(acknowledged);
    await client.close();
    await bus.close();
  },
);
