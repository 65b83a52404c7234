// kill -9 of each process in turn, each at a step that is hard for it. The whole matrix, every process at every
// step, is `npm run test:faults`.

import { afterAll, expect, test } from "vitest";
import { type FaultTicket, faultTickets } from "../src/fault-tickets.ts";
import { type KillRow, killRow } from "../src/kill-row.ts";
import { runningSystem } from "../src/running-system.ts";

const running = await runningSystem({ approvalSecondsMax: 120 });
const tickets = faultTickets(running);
const approver = tickets.grantAll();
afterAll(approver.stop);
const opened: FaultTicket[] = [];

const rows: readonly KillRow[] = [
  { part: "service-bus", story: "approved", step: "action.allowed.v1" },
  { part: "tenant", story: "log", step: "action.started.v1" },
  { part: "intake", story: "log", step: "ticket.submit.v1" },
  { part: "agent", story: "log", step: "action.completed.v1" },
  { part: "policy", story: "approved", step: "approval.granted.v1" },
  { part: "approvals", story: "approved", step: "vote.cast.v1" },
  { part: "broker", story: "log", step: "credential.access.v1" },
  { part: "audit", story: "approved", step: "approval.asked.v1" },
];

test.each(rows)("$part is killed at $step of a ticket ($story)", async (row) => {
  const before = opened.length;
  await killRow(running, tickets, row, (ticket) => opened.push(ticket));
  expect(opened).toHaveLength(before + 2);
});

test("F1 to F4: every one of those tickets ends, nothing is done twice, nothing is missing", async () => {
  expect(opened).toHaveLength(2 * rows.length);
  await Promise.all(opened.map((ticket) => tickets.ends(ticket, tickets.endsMs)));
  expect(await tickets.nothingLostOrDoubled()).toBeGreaterThan(rows.length);
}, 300_000);
