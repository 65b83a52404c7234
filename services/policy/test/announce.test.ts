// The announcement of the policy set, while the bus is away for a moment.

import { BusUnavailable } from "@niivo/host/bus-unavailable";
import type { OutgoingCommand } from "@niivo/host/host";
import { createLogger } from "@niivo/host/logger";
import { expect, test } from "vitest";
import { announcePolicySet } from "../src/service.ts";
import { contoso, defaultText, now, setOf } from "./people.ts";

const options = { customers: [contoso], policySet: setOf(defaultText) };

function hostWhoseSends(...failures: readonly Error[]) {
  const left = [...failures];
  const tried: OutgoingCommand[] = [];
  const send = async (command: OutgoingCommand) => {
    tried.push(command);
    const failure = left.shift();
    if (failure !== undefined) throw failure;
  };
  return { tried, host: { send, now: () => now, log: createLogger("policy", "error") } };
}

test("P11: a bus that is away delays the announcement, which comes under its first id", async () => {
  const { tried, host } = hostWhoseSends(new BusUnavailable("away"), new BusUnavailable("away"));
  await announcePolicySet(host, options);
  expect(tried).toHaveLength(3);
  expect(new Set(tried.map(({ id }) => id)).size).toBe(1);
});

test("a command of the wrong form is a bug, and is not tried again", async () => {
  const { tried, host } = hostWhoseSends(new TypeError("schema"));
  await expect(announcePolicySet(host, options)).rejects.toThrow("schema");
  expect(tried).toHaveLength(1);
});
