// Verifies a chain from the store with the very judges of the offline verifier, and gives the evidence it judged by, so
// that a caller can judge again. The policy is this service's own: the key that the chain's first entry names, without
// witnesses. An auditor's policy is theirs, and the offline verifier takes it.

import { Entry } from "@niivo/contracts/evidence";
import { bytesOf } from "@niivo/contracts/evidence/bytes";
import type { SigningPolicy } from "@niivo/contracts/evidence/signing-policy";
import { parseVerifierKey } from "@niivo/contracts/evidence/verifier-key";
import type { StoreReader } from "@niivo/host/store";
import { givenCheckpoint } from "@niivo/verify/checkpoint-judge";
import { type EvidenceJudge, evidenceJudge, staleAfterMs } from "@niivo/verify/evidence-judge";
import type { Report } from "@niivo/verify/verdict";
import type { HeadRow } from "./rows.ts";
import { type Found, leafOf, readEntries, readHead } from "./stored-chain.ts";
import { keptNotes } from "./stored-checkpoints.ts";
import { sizesForKeys } from "./stored-keys.ts";

export interface Verification {
  /**
   * In one word, for a first look: `BROKEN` where bytes or conduct are wrong, `INCOMPLETE` where something is missing,
   * stale, or signed by a key it should not be.
   */
  readonly verdict: "OK" | "INCOMPLETE" | "BROKEN";
  readonly report: Report;
  readonly policy: SigningPolicy;
}

export interface VerifyOptions {
  readonly now?: Date;
  /** Told after each page. */
  readonly onProgress?: (read: number, of: number) => void;
}

const pageEntriesMax = 500;

/**
 * Recomputes the whole chain, as long as it was when the reading began.
 * @returns `undefined` where there is neither an entry nor a head row: no chain, so nothing is in order.
 */
export async function verifyStored(
  store: StoreReader,
  customer: string,
  { now = new Date(), onProgress = () => {} }: VerifyOptions = {},
): Promise<Verification | undefined> {
  const head = await readHead(store, customer);
  const [first] = await readEntries(store, customer, { from: 0, limit: 1 });
  if (head === undefined && first === undefined) return undefined;
  const policy = ownPolicy(first);
  const notes = await keptNotes(store, customer, await sizesForKeys(store, customer));
  const judge = evidenceJudge({
    policy,
    given: notes.flatMap(({ note }) => givenCheckpoint(note, false) ?? []),
    ...(head === undefined ? {} : { head }),
    hasValues: false,
    now,
    staleAfterMs,
  });
  if (head === undefined)
    judge.files.add("TRUNCATED", 0, 0, "no head row says where the chain ends");
  await readAll(store, customer, head, judge, onProgress);
  const report = judge.end();
  return { verdict: verdictOf(report), report, policy };
}

async function readAll(
  store: StoreReader,
  customer: string,
  head: HeadRow | undefined,
  judge: EvidenceJudge,
  onProgress: (read: number, of: number) => void,
): Promise<void> {
  let read = 0;
  let from = 0;
  for (;;) {
    // What was sealed since is left to the next verification; what lies beyond a head that stands still is not.
    const size = head?.size ?? Number.POSITIVE_INFINITY;
    const isAtEnd = from >= size;
    if (isAtEnd && (await readHead(store, customer))?.size !== size) return;
    const limit = isAtEnd ? pageEntriesMax : Math.min(pageEntriesMax, size - from);
    const page = await readEntries(store, customer, { from, limit });
    for (const found of page) {
      const { bytes, hash, isPruned } = found;
      if (isPruned) judge.addPruned(leafOf(found));
      else judge.add({ bytes: bytesOf(bytes), ...(hash === undefined ? {} : { hash }) });
    }
    read += page.length;
    onProgress(read, Math.max(read, head?.size ?? 0));
    const last = page.at(-1);
    if (last === undefined) return;
    from = last.place + 1;
    // Others have their turn while a long chain is read.
    await new Promise((resolve) => setImmediate(resolve));
  }
}

/** The keys that the first entry names. The judges hear of later ones as the chain tells of them. */
function ownPolicy(first: Found | undefined): SigningPolicy {
  const vkey = first === undefined ? undefined : vkeyIn(first.bytes);
  const key = vkey === undefined ? undefined : parseVerifierKey(vkey);
  return { logs: key === undefined ? [] : [key], witnesses: [], groups: [], quorum: "none" };
}

function vkeyIn(bytes: string): string | undefined {
  try {
    const vkey = Entry.safeParse(JSON.parse(bytes)).data?.detail["vkey"];
    return typeof vkey === "string" ? vkey : undefined;
  } catch {
    return undefined;
  }
}

function verdictOf({ verdicts }: Report): Verification["verdict"] {
  const isGood = (verdict: string) => verdict === "OK" || verdict === "NOT_JUDGED";
  const { integrity, conduct, completeness, freshness, keys } = verdicts;
  if (integrity !== "OK" || !isGood(conduct)) return "BROKEN";
  return [completeness, freshness, keys].every(isGood) ? "OK" : "INCOMPLETE";
}
