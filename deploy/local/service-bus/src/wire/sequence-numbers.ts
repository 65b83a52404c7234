// Sequence numbers in requests: rhea gives a long as a number, or as its bytes when it is large.

import { z } from "zod";

const NUMBERS_MAX = 1_000;

/** One sequence number. Numbers beyond 2^53 exist for no message, and become one that never does. */
export const SequenceNumber = z
  .union([z.int(), z.instanceof(Buffer)])
  .transform((value) => (typeof value === "number" ? value : Number.MAX_SAFE_INTEGER));

export const SequenceNumbers = z.array(SequenceNumber).min(1).max(NUMBERS_MAX);
