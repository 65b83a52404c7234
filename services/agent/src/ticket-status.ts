// How a ticket stands, as intake keeps it and its door shows it.

import { Guid, Prose, ReasonCode, Timestamp } from "@niivo/contracts/envelope";
import { z } from "zod";

const change = {
  status: z.enum(["open", "waiting", "resolved", "escalated"]),
  /** What came of it, for a person to read; only of a closed ticket. */
  summary: Prose.nullable(),
  /** Why a person took over. */
  code: ReasonCode.nullable(),
  updatedAt: Timestamp,
};
const StatusChange = z.strictObject(change);
export type StatusChange = z.infer<typeof StatusChange>;

export const TicketStatus = z.strictObject({
  ...change,
  /** The object id of the person who asked. */
  requester: Guid,
  openedAt: Timestamp,
});
export type TicketStatus = z.infer<typeof TicketStatus>;
