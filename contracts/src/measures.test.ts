// What is counted of a message, and that every type named here exists in the contracts.

import { expect, test } from "vitest";
import { isTimer, measuresOf } from "./measures.ts";
import { topics } from "./topology.ts";

test.each([
  ["action.allowed.v1", { mode: "approved" }, [{ kind: "decision", mode: "approved" }]],
  ["action.denied.v1", {}, [{ kind: "decision", mode: "deny" }]],
  ["approval.required.v1", {}, [{ kind: "decision", mode: "approve" }]],
  ["approval.asked.v1", { actionId: "a" }, [{ kind: "approval", actionId: "a", waiting: 1 }]],
  ["approval.expired.v1", { actionId: "a" }, [{ kind: "approval", actionId: "a", waiting: -1 }]],
  ["message.dead-lettered.v1", { code: "too-old" }, [{ kind: "dead-letter", code: "too-old" }]],
  [
    "action.completed.v1",
    { tool: "model.respond", costMicroChf: 5 },
    [{ kind: "cost", tool: "model.respond", microChf: 5 }],
  ],
  ["action.completed.v1", { tool: 5 }, []],
  ["ticket.opened.v1", { text: "hello" }, []],
])("%s %j", (type, data, measures) => {
  expect(measuresOf({ type, data })).toEqual(measures);
});

test("timers are commands that are named for what is due", () => {
  for (const { events, commands } of Object.values(topics)) {
    for (const type of Object.keys(events)) expect(isTimer(type)).toBe(false);
    for (const type of Object.keys(commands)) expect(isTimer(type)).toBe(type.includes(".due."));
  }
});
