// An erasure that is too large for one message, in several.

import {
  erasureRangesCharactersMax,
  erasureRangesMax,
  erasureTicketsMax,
} from "@niivo/contracts/erasure";
import { rangesTexts } from "@niivo/contracts/evidence/control";
import type { ErasePlan } from "./erase-plan.ts";

/** As many parts as its tickets and its entries need. */
export function partsOf({ tickets, entries }: Pick<ErasePlan, "tickets" | "entries">) {
  const texts = rangesTexts(entries, erasureRangesCharactersMax);
  const parts = Math.max(
    1,
    Math.ceil(tickets.length / erasureTicketsMax),
    Math.ceil(texts.length / erasureRangesMax),
  );
  return Array.from({ length: parts }, (_, index) => ({
    part: index + 1,
    parts,
    tickets: tickets.slice(index * erasureTicketsMax, (index + 1) * erasureTicketsMax),
    entries: texts.slice(index * erasureRangesMax, (index + 1) * erasureRangesMax),
  }));
}
