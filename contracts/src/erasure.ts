// Erasure by person: audit orders it, and every service says what it deleted. A service that says nothing is a
// result too: the order names who was asked, the chain who answered.

import { z } from "zod";
import { command, event, Guid, Id, ReasonCode } from "./envelope.ts";
import { Erasure } from "./evidence/control.ts";
import { Pseudonym } from "./evidence.ts";

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

/** One text in an entry's detail, and so many of them are sealed for one part. */
export const erasureRangesCharactersMax = 300;
export const erasureRangesMax = 40;

/**
 * Command: seal that the values of these entries are erased, then order it. Planned when the chain had `size` entries;
 * the turn adds to the first part what was sealed since.
 */
export const ErasureRequest = command("erasure.request.v1", {
  ...part,
  parts: z.int().min(1),
  person: Guid,
  pseudonym: Pseudonym,
  /** Who orders it. */
  by: Guid,
  ground: ReasonCode,
  size: z.int().min(1),
  tickets: z.array(Id).max(erasureTicketsMax),
  entries: z.array(Erasure.shape.entries.max(erasureRangesCharactersMax)).max(erasureRangesMax),
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
