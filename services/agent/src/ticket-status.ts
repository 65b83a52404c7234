// How a ticket stands, as intake keeps it and its door shows it.

import { Guid, Prose, ReasonCode, Timestamp } from "@niivo/contracts/envelope";
import { TicketReference } from "@niivo/contracts/tickets";
import { replyTextMax } from "@niivo/contracts/tools";
import { z } from "zod";

/** So many replies are kept; an agent that says more has gone astray. */
export const repliesMax = 20;

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
  /** The object id of the person who asked, or of the application that brought the ticket. */
  requester: Guid,
  /** What was said to an unverified requester, for that application to read; the newest ones. */
  replies: z.array(z.strictObject({ text: z.string().max(replyTextMax), at: Timestamp })),
  reference: TicketReference.nullable(),
  openedAt: Timestamp,
});
export type TicketStatus = z.infer<typeof TicketStatus>;
