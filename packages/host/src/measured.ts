// Turns what was published into metrics. A message that is published again after a crash counts again.

import type { Envelope } from "@niivo/contracts/envelope";
import { measuresOf } from "@niivo/contracts/measures";
import { count, move } from "./metrics.ts";
import { attribute } from "./telemetry-names.ts";

/** Approvals that this process asked for and whose end it has not published yet; more are not followed. */
const followedMax = 10_000;
const waiting = new Set<string>();

export function measurePublished(envelope: Envelope): void {
  for (const measure of measuresOf(envelope)) {
    switch (measure.kind) {
      case "decision":
        count("decisions", 1, { [attribute.mode]: measure.mode });
        break;
      case "approval":
        follow(measure.actionId, measure.waiting);
        break;
      case "dead-letter":
        count("deadLetters", 1, { [attribute.code]: measure.code });
        break;
      case "cost":
        count("cost", measure.microChf, { [attribute.genAiTool]: measure.tool });
        break;
    }
  }
}

/** What was asked before this process started is not among its own, so the level never falls below zero. */
function follow(actionId: string, by: 1 | -1): void {
  if (by === 1 && (waiting.size >= followedMax || waiting.has(actionId))) return;
  if (by === -1 && !waiting.delete(actionId)) return;
  if (by === 1) waiting.add(actionId);
  move("approvalsWaiting", by);
}
