// One row of the kill matrix: two tickets on their way, SIGKILL for one process the moment the bus has stored
// a given step of one of them, and the process started again. Rows follow each other before the tickets of
// earlier ones have ended, because what a dead process had locked comes again only after a minute.

import type { PartName } from "@niivo/local/up";
import type { FaultTicket, faultTickets } from "./fault-tickets.ts";
import type { RunningSystem } from "./running-system.ts";

export const parts: readonly PartName[] = [
  "service-bus",
  "tenant",
  "intake",
  "agent",
  "policy",
  "approvals",
  "broker",
  "audit",
];

/** The steps of each ticket, as the bus stores them; the receipt is not sealed, and a step all the same. */
const logSteps = [
  "ticket.submit.v1",
  "ticket.opened.v1",
  "action.requested.v1",
  "facts.requested.v1",
  "facts.attested.v1",
  "action.allowed.v1",
  "receipt.issued.v1",
  "credential.access.v1",
  "action.started.v1",
  "secret.stored.v1",
  "action.completed.v1",
  "ticket.resolved.v1",
] as const;
const approvalSteps = [
  "approval.required.v1",
  "ticket.waiting.v1",
  "approval.asked.v1",
  "vote.cast.v1",
  "approval.granted.v1",
] as const;
export const steps = {
  log: logSteps,
  approved: [...logSteps, ...approvalSteps],
} as const;
export type Story = keyof typeof steps;

export interface KillRow {
  readonly part: PartName;
  readonly story: Story;
  readonly step: string;
}

/** @param opened told of the two tickets that are on their way; both have yet to end, however the row does. */
export async function killRow(
  { system }: RunningSystem,
  tickets: ReturnType<typeof faultTickets>,
  { part, story, step }: KillRow,
  opened: (ticket: FaultTicket) => void,
): Promise<void> {
  const watched = await tickets.open(story);
  opened(watched);
  opened(await tickets.open(story === "log" ? "approved" : "log"));
  await tickets.onBus(watched, step);
  await system.kill(part);
  await system.start(part);
}
