// The store of every service in turn: held by somebody else for longer than SQLite waits, and read-only or gone
// when the service starts. Tickets that were on their way end well.

import { renameSync, rmSync } from "node:fs";
import { mkdir, rmdir } from "node:fs/promises";
import { DatabaseSync } from "node:sqlite";
import { identities } from "@niivo/contracts/topology";
import { serviceFiles } from "@niivo/local/service-environment";
import { afterAll, expect, test, vi } from "vitest";
import { type FaultTicket, faultTickets } from "../src/fault-tickets.ts";
import { runningSystem } from "../src/running-system.ts";

const running = await runningSystem({ approvalSecondsMax: 120 });
const { system } = running;
const tickets = faultTickets(running);
const approver = tickets.grantAll();
afterAll(approver.stop);
const opened: FaultTicket[] = [];
const storeOf = serviceFiles(system.dataDir).store;

/** Longer than the store's own wait, shorter than any deadline of a ticket. */
const heldMs = 3000;
/** Longer than the longest back-off. */
const readyAgain = { timeout: 10_000, interval: 50 };

test.each(identities)("%s: its store is locked by another process for a while", async (name) => {
  const both = [await tickets.open("log"), await tickets.open("approved")];
  opened.push(...both);
  const other = new DatabaseSync(storeOf(name), { timeout: 10_000 });
  other.exec("BEGIN IMMEDIATE");
  await new Promise((resolve) => setTimeout(resolve, heldMs));
  other.exec("ROLLBACK");
  other.close();
  const asked = (path: string) => fetch(`http://127.0.0.1:${system.ports[name]}${path}`);
  expect((await asked("/healthz")).status).toBe(200);
  await vi.waitFor(async () => expect((await asked("/readyz")).status).toBe(200), readyAgain);
});

test("a service whose store cannot be written does not start, and goes on when it can be", async () => {
  const ticket = await tickets.open("log");
  opened.push(ticket);
  await tickets.onBus(ticket, "action.requested.v1");
  await system.kill("agent");
  const store = storeOf("agent");
  // A folder in its place is what no process can write, whatever its rights: a root user ignores chmod.
  for (const end of ["-wal", "-shm", ""]) renameIfThere(`${store}${end}`, `${store}.away${end}`);
  await mkdir(store);
  await expect(system.start("agent")).rejects.toThrow(/agent did not start/);
  await system.kill("agent");
  await rmdir(store);
  for (const end of ["-wal", "-shm", ""]) {
    rmSync(`${store}${end}`, { force: true });
    renameIfThere(`${store}.away${end}`, `${store}${end}`);
  }
  await system.start("agent");
});

test("F1 to F4: every one of those tickets ends, nothing is done twice, nothing is missing", async () => {
  await Promise.all(opened.map((ticket) => tickets.ends(ticket, tickets.endsMs)));
  expect(await tickets.nothingLostOrDoubled()).toBeGreaterThan(0);
}, 300_000);

function renameIfThere(from: string, to: string): void {
  try {
    renameSync(from, to);
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "ENOENT")) throw error;
  }
}
