// Erasure by person: audit orders it, and every service says what it deleted. A service that says nothing is a
// result too: the order names who was asked, the chain who answered.

import { z } from "zod";
import { event, Guid, Id } from "./envelope.ts";

/** So many tickets fit into one message with room to spare; an order of more has several parts. */
export const erasureTicketsMax = 2000;

const part = {
  erasure: Id,
  /** Counts from 1. */
  part: z.int().min(1),
};

/**
 * Everything that was kept about this person, and about these tickets, is to be deleted: state, letters set aside,
 * secret links. All of them have ended. Copies on the bus end with their time to live.
 */
export const ErasureOrdered = event("erasure.ordered.v1", {
  ...part,
  parts: z.int().min(1),
  person: Guid,
  tickets: z.array(Id).max(erasureTicketsMax),
});

const count = z.int().min(0);

/** One service deleted what it had; zeros where it had nothing. */
export const ErasureConfirmed = event("erasure.confirmed.v1", {
  ...part,
  /** States of actors that were emptied; their counters stay. */
  states: count,
  /** Other documents that were deleted. */
  documents: count,
  /** Messages that had been set aside on the service's subscriptions. */
  deadLetters: count,
});
