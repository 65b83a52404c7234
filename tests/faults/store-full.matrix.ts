// The store of every service in turn on a full disk, and on one that cannot be written. The process acknowledges
// nothing, says why at /readyz and in one line of its log, and goes on by itself when there is room again.
//
// Skipped where nothing can be mounted (it takes root on Linux).

import { readFileSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { setTimeout as delay } from "node:timers/promises";
import { type Identity, identities } from "@niivo/contracts/topology";
import { serviceFiles } from "@niivo/local/service-environment";
import { afterAll, describe, expect, test } from "vitest";
import { z } from "zod";
import { type FaultTicket, faultTickets } from "../src/fault-tickets.ts";
import { runningSystem } from "../src/running-system.ts";
import { mayMount, smallDisks } from "../src/small-disks.ts";

/** Longer than SQLite waits and the back-off's cap; shorter than any deadline of a ticket. */
const fullMs = 8000;
const noticedMs = 30_000;
const Problem = z.looseObject({ detail: z.string() });
const Line = z.looseObject({ msg: z.string().default("") });

describe.skipIf(!mayMount)("a store's disk", async () => {
  if (!mayMount) return;
  const disks = smallDisks();
  const running = await runningSystem({ approvalSecondsMax: 120 }, disks.prepare);
  afterAll(disks.unmount);
  const { system } = running;
  const tickets = faultTickets(running);
  const approver = tickets.grantAll();
  afterAll(approver.stop);
  const opened: FaultTicket[] = [];
  const open = async (story: "log" | "approved") => {
    const ticket = await tickets.open(story);
    opened.push(ticket);
    return ticket;
  };

  const ready = async (name: Identity) =>
    fetch(`http://127.0.0.1:${system.ports[name]}/readyz`, { signal: AbortSignal.timeout(5000) });
  const untilReady = async (name: Identity, status: number) => {
    const deadline = Date.now() + noticedMs;
    for (;;) {
      const answer = await ready(name);
      const text = await answer.text();
      if (answer.status === status) return text;
      if (Date.now() > deadline) throw new Error(`${name} answers ${answer.status}: ${text}`);
      await delay(50);
    }
  };
  const lines = (name: Identity, start: string) =>
    readFileSync(serviceFiles(system.dataDir).log(name), "utf8")
      .split("\n")
      .filter((line) => line.startsWith("{"))
      .map((line) => Line.parse(JSON.parse(line)).msg)
      .filter((message) => message.startsWith(start));

  /** SQLite's journal keeps the room it has had, and what fits in there can still be committed. */
  const shorten = (name: Identity) => {
    const other = new DatabaseSync(serviceFiles(system.dataDir).store(name), { timeout: 5000 });
    other.exec("PRAGMA wal_checkpoint(TRUNCATE)");
    other.close();
  };

  // The links' process writes when somebody opens a link, which these tickets do not.
  const writing = identities.filter((name) => name !== "links");

  test.each(writing)("%s: it is full for a while, and the process says so once", async (name) => {
    const told = lines(name, "the store fails").length;
    await open("log");
    await open("approved");
    shorten(name);
    disks.fill(name);
    // One that comes while it is full: whatever its process does with it, it is not lost.
    const during = open("log").catch(() => undefined);
    try {
      const { detail } = Problem.parse(JSON.parse(await untilReady(name, 503)));
      expect(detail).toContain("full");
      expect((await fetch(`http://127.0.0.1:${system.ports[name]}/healthz`)).status).toBe(200);
      await delay(fullMs);
      expect((await ready(name)).status).toBe(503);
    } finally {
      disks.free(name);
    }
    await untilReady(name, 200);
    await during;
    expect(lines(name, "the store fails").length).toBe(told + 1);
    expect(lines(name, "the store can be written again").length).toBe(told + 1);
  });

  test.each(writing)("%s: it is read-only when the process starts", async (name) => {
    await open("approved");
    await system.kill(name);
    disks.remount(name, "ro");
    const failure = await system.start(name).then(
      () => "it started",
      (error: unknown) => String(error),
    );
    await system.kill(name);
    disks.remount(name, "rw");
    await system.start(name);
    expect(failure).toMatch(/did not start.*(read-only|cannot be opened)/);
  });

  test("F1 to F4: every one of those tickets ends, nothing is done twice, nothing is missing", async () => {
    expect(opened.length).toBeGreaterThanOrEqual(writing.length);
    await Promise.all(opened.map((ticket) => tickets.ends(ticket, tickets.endsMs)));
    expect(await tickets.nothingLostOrDoubled()).toBeGreaterThan(0);
  }, 400_000);
});
