// From what an executor reported to what is published: the result in its tool's closed form, or a failure.

import { catalogue } from "@niivo/contracts/tools";
import type { About, Event, Outcome } from "./messages.ts";

/**
 * A result that its tool's schema refuses is a failure, `invalid-result`: an unknown field could carry
 * anything, a secret too (B7). So is a secret from a tool without secrets, and a secret that is missing.
 */
export function checkedOutcome(tool: string, outcome: Outcome): Outcome {
  const entry = catalogue[tool];
  if (outcome.kind === "unknown")
    return entry?.secretResult === true ? outcome : { kind: "unknown", detail: outcome.detail };
  if (outcome.kind === "failed") return outcome;
  const isClosed = entry?.result.safeParse(outcome.result).success ?? false;
  if (isClosed && entry?.secretResult === (outcome.secret !== undefined)) return outcome;
  const detail = "The result does not have the form that the tool's catalogue entry declares.";
  return { kind: "failed", code: "invalid-result", detail, costMicroChf: outcome.costMicroChf };
}

/** The first outcome of a started action. */
export function outcomeEvents(about: About, outcome: Outcome): readonly Event[] {
  switch (outcome.kind) {
    case "completed": {
      const { result, costMicroChf } = outcome;
      const completed: Event = {
        type: "action.completed.v1",
        data: { ...about, result, costMicroChf },
      };
      return [...secretEvents(about, outcome), ...replyEvents(about, outcome), completed];
    }
    case "failed": {
      const { code, detail, costMicroChf } = outcome;
      return [{ type: "action.failed.v1", data: { ...about, code, detail, costMicroChf } }];
    }
    case "unknown":
      return [
        ...secretEvents(about, outcome),
        { type: "action.unknown.v1", data: { ...about, detail: outcome.detail } },
      ];
  }
}

/** What comes after the outcome was settled as unknown: evidence (B6). A stored secret is a fact all the same. */
export function reconcilingEvents(about: About, outcome: Outcome): readonly Event[] {
  switch (outcome.kind) {
    case "completed":
      return [
        ...secretEvents(about, outcome),
        ...replyEvents(about, outcome),
        { type: "action.reconciled.v1", data: { ...about, outcome: "completed" } },
      ];
    case "failed":
      return [
        {
          type: "action.reconciled.v1",
          data: { ...about, outcome: "failed", code: outcome.code },
        },
      ];
    case "unknown":
      return secretEvents(about, outcome);
  }
}

const replyEvents = (
  { actionId, digest }: About,
  { reply }: Extract<Outcome, { kind: "completed" }>,
): readonly Event[] =>
  reply === undefined
    ? []
    : [{ type: "reply.recorded.v1", data: { actionId, digest, text: reply } }];

const secretEvents = (
  { actionId }: About,
  { secret }: Exclude<Outcome, { kind: "failed" }>,
): readonly Event[] =>
  secret === undefined ? [] : [{ type: "secret.stored.v1", data: { actionId, ...secret } }];
