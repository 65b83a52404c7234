// What an unbroken chain says about authorization: was every started action allowed before by an allow that was
// entitled to a receipt (L16), does its receipt name that allow, and was it started only once? Pure.
//
// It does not rely on the mark that the sealer set: whether an allow is borne out is found anew from the entries
// before it.

import type { Entry } from "@niivo/contracts/evidence";
import { type Heard, hear, isBorneOut, receiptWithheld } from "@niivo/contracts/evidence/authority";
import type { Break } from "./break.ts";

interface ActionStory {
  /** The hash of an allow's entry, by its sequence number, with its digest; none of those without force. */
  readonly allows: Map<number, { readonly hash: string; readonly digest: string | undefined }>;
  /** Digests of allows without force: marked as withheld, or not borne out by what stands before them. */
  readonly withheld: Set<string | undefined>;
  starts: number;
}

/** Takes the entries in their order, with their recomputed hashes, and gives the breaks each one is. */
export function authorizationJudge(): (entry: Entry, hash: string) => readonly Break[] {
  const actions = new Map<string, ActionStory>();
  const heard: Heard = { requested: new Map(), granted: new Map() };
  return (entry, hash) => {
    const { action, type, seq, outcome } = entry;
    if (action === undefined) return [];
    hear(heard, entry, seq);
    if (type !== "action.allowed.v1" && type !== "action.started.v1") return [];
    const story = actions.get(action.id) ?? { allows: new Map(), withheld: new Set(), starts: 0 };
    actions.set(action.id, story);
    if (type === "action.started.v1") return startBreaks(story, entry);
    if (outcome === receiptWithheld || !isBorneOut(heard, entry)) story.withheld.add(action.digest);
    else story.allows.set(seq, { hash, digest: action.digest });
    return [];
  };
}

function startBreaks(story: ActionStory, { action, seq, detail }: Entry): readonly Break[] {
  story.starts += 1;
  const twice: readonly Break[] =
    story.starts > 1
      ? [{ seq, code: "STARTED_TWICE", detail: `action ${action?.id} had been started` }]
      : [];
  const problem = startProblem(story, action?.digest, detail);
  if (problem === undefined) return twice;
  return [...twice, { seq, code: "UNAUTHORIZED", detail: problem }];
}

function startProblem(
  { allows, withheld }: ActionStory,
  digest: string | undefined,
  detail: Entry["detail"],
): string | undefined {
  const isAllowed = [...allows.values()].some((allow) => allow.digest === digest);
  if (digest === undefined || !isAllowed)
    return withheld.has(digest)
      ? "its allow was not requested, or not granted, and was entitled to no receipt"
      : "no earlier allow has its digest";
  const named = allows.get(Number(detail["receiptSeq"]));
  return named?.digest === digest && named.hash === detail["receiptEntry"]
    ? undefined
    : "its receipt names no allow of its digest";
}
