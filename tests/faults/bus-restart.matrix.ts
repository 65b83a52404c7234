// The bus restarts again and again under load. Tickets wait for seconds and not for the minutes that the library
// waits for answers that went down with a connection, and no process hangs or is lost by it.

import { afterAll, expect, test } from "vitest";
import { type FaultTicket, faultTickets } from "../src/fault-tickets.ts";
import { runningSystem } from "../src/running-system.ts";

const running = await runningSystem({ approvalSecondsMax: 120 });
const { system } = running;
const tickets = faultTickets(running);
const approver = tickets.grantAll();
afterAll(approver.stop);
const opened: FaultTicket[] = [];

const restarts = 15;
const ticketsEach = 4;
/** Most take about five seconds on two cores. */
const recoveredMs = 30_000;

test.each(Array.from({ length: restarts }, (_, index) => index + 1))(
  "restart %i: the tickets on their way end, and so does one that comes after",
  async () => {
    const before = await Promise.all(
      Array.from({ length: ticketsEach }, (_, index) =>
        tickets.open(index % 2 === 0 ? "log" : "approved"),
      ),
    );
    await Promise.all(before.map((ticket) => tickets.onBus(ticket, "action.requested.v1")));
    await system.kill("service-bus");
    await system.start("service-bus");
    const all = [...before, await tickets.open("log")];
    opened.push(...all);
    await Promise.all(all.map((ticket) => tickets.ends(ticket, recoveredMs)));
  },
);

test("F2, F4: nothing is done twice, nothing is missing", async () => {
  expect(opened).toHaveLength(restarts * (ticketsEach + 1));
  expect(await tickets.nothingLostOrDoubled()).toBeGreaterThan(0);
});
