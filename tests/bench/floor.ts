// The physical limit on this machine: what one action's durable writes cost by themselves. One process does
// the node:sqlite commits (the host's own store), then the sends to the same bus (the real SDK), one after the other
// and nothing else: no reading, deciding, sealing, signing or calling anybody.

import { randomUUID } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import type { ServiceBusClient } from "@azure/service-bus";
import { type Spread, spreadOf } from "./action-times.ts";

/** Of one action that is only logged and needs no facts: an estimate from the path of its messages. */
export const writesPerAction = { commits: 14, sends: 8 } as const;
const bodyBytes = 1500;

export interface Floor {
  readonly alone: Spread;
  readonly perSecond: number;
}

/** @param topic one whose subscriptions want none of the messages: they are stored and thrown away. */
export async function measureFloor(
  bus: ServiceBusClient,
  topic: string,
  rounds: number,
): Promise<Floor> {
  const folder = mkdtempSync(join(tmpdir(), "niivo-floor-"));
  const database = new DatabaseSync(join(folder, "floor.sqlite"));
  const sender = bus.createSender(topic);
  try {
    database.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;");
    database.exec("CREATE TABLE documents (id TEXT PRIMARY KEY, body TEXT NOT NULL) STRICT");
    const insert = database.prepare("INSERT INTO documents VALUES (?, ?)");
    const body = "x".repeat(bodyBytes);
    const oneAction = async () => {
      for (let commit = 0; commit < writesPerAction.commits; commit += 1) {
        database.exec("BEGIN IMMEDIATE");
        insert.run(randomUUID(), body);
        database.exec("COMMIT");
      }
      for (let send = 0; send < writesPerAction.sends; send += 1) {
        const sessionId = randomUUID();
        await sender.sendMessages({
          body,
          sessionId,
          applicationProperties: { type: "bench.none" },
        });
      }
    };
    await oneAction();
    const times: number[] = [];
    for (let round = 0; round < rounds; round += 1) {
      const from = performance.now();
      await oneAction();
      times.push(performance.now() - from);
    }
    const from = performance.now();
    await Promise.all(Array.from({ length: rounds }, oneAction));
    return {
      alone: spreadOf(times),
      perSecond: (rounds / (performance.now() - from)) * 1000,
    };
  } finally {
    await sender.close();
    database.close();
    rmSync(folder, { recursive: true, force: true });
  }
}
