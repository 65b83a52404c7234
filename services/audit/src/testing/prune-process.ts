// A process that removes what is past its retention from a store's file, for tests that kill it: it says so before each
// commit, and at its end.
//
//     node prune-process.ts FILE CUSTOMER NOW DAYS

import { writeSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { createLogger } from "@niivo/host/logger";
import { sqliteStore } from "@niivo/host/sqlite-store";
import { retentionClock } from "../retention.ts";

const pauseMs = 30;
const [file = "", customer = "", now = "", days = ""] = process.argv.slice(2);
const say = (line: string): void => {
  writeSync(process.stdout.fd, `${line}\n`);
};
const store = sqliteStore(file);
const clock = retentionClock({
  host: {
    store: {
      ...store,
      commit: async (partition, operations) => {
        // Slow enough that whoever kills it at one commit does not do so at its end.
        await delay(pauseMs);
        say("commit");
        return store.commit(partition, operations);
      },
    },
    now: () => new Date(now),
    send: async () => say("asked for more"),
    log: createLogger("audit", "warn"),
  },
  customers: [customer],
  isWriter: () => true,
  days: Number(days),
});
await clock.round();
await store.close();
say("done");
