// The whole kill matrix: every process, at every step of a ticket whose actions are logged and of one that
// people approve. Not in `npm test`: see `kill-each.test.ts` for the rows that are.

import { afterAll, describe, expect, test } from "vitest";
import { type FaultTicket, faultTickets } from "../src/fault-tickets.ts";
import { type KillRow, killRow, parts, type Story, steps } from "../src/kill-row.ts";
import { runningSystem } from "../src/running-system.ts";

const running = await runningSystem({ approvalSecondsMax: 300 });
const tickets = faultTickets(running);
const approver = tickets.grantAll();
afterAll(approver.stop);

const stories: readonly Story[] = ["log", "approved"];

describe.each(parts)("%s", (part) => {
  const opened: FaultTicket[] = [];
  const rows = stories.flatMap((story) =>
    steps[story].map((step): KillRow => ({ part, story, step })),
  );

  test.each(rows)("is killed at $step of a ticket ($story)", async (row) => {
    const before = opened.length;
    await killRow(running, tickets, row, (ticket) => opened.push(ticket));
    expect(opened).toHaveLength(before + 2);
  });

  test("F1 to F4: every ticket ends, nothing is done twice, nothing is missing", async () => {
    expect(opened).toHaveLength(2 * rows.length);
    await Promise.all(opened.map((ticket) => tickets.ends(ticket, tickets.endsMs)));
    expect(await tickets.nothingLostOrDoubled()).toBeGreaterThan(0);
  }, 400_000);
});
