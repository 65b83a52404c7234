// Does the story hold? Not whether the bytes are right, but whether what they tell was allowed. It does not rely on
// marks that the sealer set: whether an allow is borne out is found anew from the entries before it.
//
// Invariants:
//   V8.  Every start has an earlier allow of its digest that the agent requested and, where people had to grant it,
//        people granted; its receipt names that allow, is used once, and an action starts once.
//   V9.  Every credential taken for an action has an earlier allow of that digest.
//   V10. Those who granted are enough, voted, in time, and are not requester, target or claimant.
//   V11. Every start has an outcome, once the time for it is over.
//   V12. No start carries an older kill revision than the broker had confirmed before.

import type { Entry } from "@niivo/contracts/evidence";
import {
  type Heard,
  hear,
  isBorneOut,
  peopleIn,
  receiptWithheld,
} from "@niivo/contracts/evidence/authority";
import type { FindingCode, Findings } from "./verdict.ts";

export interface Conduct {
  readonly add: (entry: Entry, hash: string) => void;
  /** Entries that nobody can read any more: a story may have begun among them. */
  readonly passOver: () => void;
  /** @returns how many starts still wait for their outcome, within the time for it. */
  readonly end: () => number;
}

/** An outcome comes within a lease and its repetitions; only what is older is missing. */
export const outcomeMaxMs = 15 * 60 * 1000;
/** Stories that ended are kept for so many more, to name a second start as one; after that it lacks its allow. */
const endedKept = 2000;

interface Story {
  /** Hashes of the entries of allows with force, by their number. */
  readonly allows: Map<number, string>;
  withheld: boolean;
  /** What had to be granted, as it was asked. */
  asked: { readonly quorum: number; readonly expiresAt: string } | undefined;
  readonly voters: Set<string>;
  /** Requester, target and claimant. */
  readonly excluded: Set<string>;
  granted: { readonly people: readonly string[]; readonly at: string } | undefined;
  start: { readonly seq: number; readonly sealedAt: string } | undefined;
  /** Of the receipts that its starts used. */
  readonly nonces: string[];
  /** The broker's number of an outcome that was sealed before its start. */
  outcomeBefore: number | undefined;
  isEnded: boolean;
}

const outcomes: ReadonlySet<string> = new Set([
  "action.completed.v1",
  "action.failed.v1",
  "action.unknown.v1",
  "action.reconciled.v1",
]);

interface Telling {
  readonly found: Findings;
  isWhole: boolean;
  readonly heard: Heard;
  /** By digest. */
  readonly stories: Map<string, Story>;
  readonly ended: string[];
  /** Numbers of allows whose receipt was used, and the nonces of those receipts. */
  readonly used: Set<number | string>;
  /** The highest kill revision that the broker confirmed, with its own time. */
  confirmed: { readonly revision: number; readonly at: string } | undefined;
  lastSealedAt: string;
}

/** @param isWhole whether the reading began with the first entry: else a story may have begun before. */
export function conduct(found: Findings, isWhole: boolean): Conduct {
  const telling: Telling = {
    found,
    isWhole,
    heard: { requested: new Map(), granted: new Map() },
    stories: new Map(),
    ended: [],
    used: new Set(),
    confirmed: undefined,
    lastSealedAt: "",
  };
  return {
    add: (entry, hash) => add(telling, entry, hash),
    passOver: () => {
      telling.isWhole = false;
    },
    end: () => end(telling),
  };
}

function add(telling: Telling, entry: Entry, hash: string): void {
  telling.lastSealedAt = entry.sealedAt;
  if (entry.type === "enforcement.confirmed.v1") confirm(telling, entry);
  const digest = entry.action?.digest;
  if (digest === undefined && isActionAccess(entry))
    telling.found.add("ACCESS_WITHOUT_ALLOW", entry.seq, entry.seq, "it names no action's digest");
  if (digest === undefined || entry.event === undefined) return;
  const story = telling.stories.get(digest);
  if (story === undefined && !isBeginning(entry, telling.isWhole)) return;
  hear(telling.heard, entry, entry.seq);
  const told = story ?? newStory();
  if (story === undefined) telling.stories.set(digest, told);
  tell(telling, told, entry, hash, digest);
}

// A story whose beginning is not here is not judged: its allow may stand before the first entry read. Where every
// entry is read, whatever needs an allow begins one.
const isBeginning = ({ type }: Entry, isWhole: boolean): boolean =>
  type === "action.requested.v1" || (isWhole && consequential.has(type));

const consequential: ReadonlySet<string> = new Set([
  "approval.granted.v1",
  "action.allowed.v1",
  "credential.access.v1",
  "action.started.v1",
]);

const newStory = (): Story => ({
  allows: new Map(),
  withheld: false,
  asked: undefined,
  voters: new Set(),
  excluded: new Set(),
  granted: undefined,
  start: undefined,
  nonces: [],
  outcomeBefore: undefined,
  isEnded: false,
});

function tell(telling: Telling, story: Story, entry: Entry, hash: string, digest: string): void {
  const { type, detail, event, seq } = entry;
  for (const role of ["requester", "target", "claimant"]) {
    const person = detail[role];
    if (event?.source === "policy" && typeof person === "string") story.excluded.add(person);
  }
  if (type === "approval.required.v1" || type === "approval.asked.v1") ask(story, entry);
  else if (type === "vote.accepted.v1" && event?.source === "approvals")
    story.voters.add(entry.actor);
  else if (type === "approval.granted.v1" && event?.source === "approvals")
    story.granted = { people: peopleIn(detail), at: entry.occurredAt };
  else if (type === "action.allowed.v1") allow(telling, story, entry, hash);
  else if (type === "credential.access.v1") access(telling, story, entry);
  else if (type === "action.started.v1") start(telling, story, entry);
  else if (outcomes.has(type)) finish(story, entry);
  if (story.isEnded || type === "action.denied.v1") forget(telling, digest);
  if (type !== "action.started.v1") return;
  telling.used.add(Number(detail["receiptSeq"] ?? seq));
  if (typeof detail["receiptNonce"] === "string") {
    telling.used.add(detail["receiptNonce"]);
    story.nonces.push(detail["receiptNonce"]);
  }
}

// V11. A start may come late, after a gap mark, and then finds its outcome here already.
function finish(story: Story, { event }: Entry): void {
  if (story.start !== undefined) story.isEnded = true;
  else if (event?.source === "broker") story.outcomeBefore = event.sequence;
}

function ask(story: Story, { detail }: Entry): void {
  const { quorum, expiresAt } = detail;
  if (typeof quorum !== "number" || typeof expiresAt !== "string") return;
  story.asked = { quorum: Math.max(quorum, story.asked?.quorum ?? 1), expiresAt };
}

// V8, V10. An allow that is not borne out has no force; one that people had to grant shows who they were.
function allow({ found, heard }: Telling, story: Story, entry: Entry, hash: string): void {
  const { seq, detail, outcome } = entry;
  if (outcome === receiptWithheld || !isBorneOut(heard, entry)) {
    story.withheld = true;
    return;
  }
  story.allows.set(seq, hash);
  const people = peopleIn(detail);
  const { asked, granted, voters, excluded } = story;
  const report = (code: FindingCode, why: string): void => found.add(code, seq, seq, why);
  if (asked === undefined && people.length === 0) return;
  if (people.length === 0) {
    report("APPROVAL_SHORT", "people were asked, and it was allowed without a grant");
    return;
  }
  const quorum = asked?.quorum ?? 1;
  if (new Set(people).size < quorum)
    report("APPROVAL_SHORT", `${new Set(people).size} of ${quorum} people granted`);
  // The last vote is the grant itself: only those before it are entries of their own.
  if (asked !== undefined && people.filter((one) => !voters.has(one)).length > 1)
    report("APPROVAL_SHORT", "somebody is named who has not voted");
  if (people.some((one) => excluded.has(one)))
    report("APPROVER_EXCLUDED", "the requester, the target or the claimant granted");
  if (asked !== undefined && granted !== undefined && granted.at >= asked.expiresAt)
    report("APPROVAL_LATE", "granted when the time for it was over");
}

const isActionAccess = ({ type, detail }: Entry): boolean =>
  type === "credential.access.v1" && detail["purpose"] === "action";

function access({ found }: Telling, { allows }: Story, entry: Entry): void {
  const { seq } = entry;
  if (isActionAccess(entry) && allows.size === 0)
    found.add("ACCESS_WITHOUT_ALLOW", seq, seq, "no earlier allow has its digest"); // V9
}

// V8, V12.
function start(telling: Telling, story: Story, entry: Entry): void {
  const { found, used, confirmed } = telling;
  const { seq, detail, sealedAt, occurredAt, action, event } = entry;
  if (story.start !== undefined)
    found.add("STARTED_TWICE", seq, seq, `action ${action?.id} had been started`);
  story.start ??= { seq, sealedAt };
  // It came late: the broker's own numbers say that it was said before the outcome.
  if ((story.outcomeBefore ?? 0) > (event?.sequence ?? 0)) story.isEnded = true;
  const named = Number(detail["receiptSeq"]);
  if (story.allows.size === 0)
    found.add(
      "UNAUTHORIZED",
      seq,
      seq,
      story.withheld
        ? "its allow was not requested, or not granted, and was entitled to no receipt"
        : "no earlier allow has its digest",
    );
  else if (!story.allows.has(named) || story.allows.get(named) !== detail["receiptEntry"])
    found.add("UNAUTHORIZED", seq, seq, "its receipt names no allow of its digest");
  else if (used.has(named) || used.has(String(detail["receiptNonce"])))
    found.add("RECEIPT_REUSED", seq, seq, "its receipt was used before");
  const revision = detail["revision"];
  if (confirmed === undefined || typeof revision !== "number") return;
  if (occurredAt > confirmed.at && revision < confirmed.revision)
    found.add("STARTED_AFTER_KILL", seq, seq, `revision ${confirmed.revision} was confirmed`);
}

function confirm(telling: Telling, { event, detail, occurredAt }: Entry): void {
  const revision = detail["revision"];
  if (event?.source !== "broker" || typeof revision !== "number") return;
  if (revision > (telling.confirmed?.revision ?? -1))
    telling.confirmed = { revision, at: occurredAt };
}

// What ended needs no more room than it takes to recognise it.
function forget(telling: Telling, digest: string): void {
  const { ended, stories, heard, used } = telling;
  ended.push(digest);
  if (ended.length <= 2 * endedKept) return;
  for (const old of ended.splice(0, endedKept)) {
    const { allows, nonces } = stories.get(old) ?? {};
    for (const one of [...(allows?.keys() ?? []), ...(nonces ?? [])]) used.delete(one);
    stories.delete(old);
    heard.requested.delete(old);
    heard.granted.delete(old);
  }
}

function end({ found, stories, lastSealedAt }: Telling): number {
  let pending = 0;
  for (const { start: begun, isEnded } of stories.values()) {
    if (begun === undefined || isEnded) continue;
    const ageMs = Date.parse(lastSealedAt) - Date.parse(begun.sealedAt);
    if (ageMs <= outcomeMaxMs) pending += 1;
    else found.add("OUTCOME_MISSING", begun.seq, begun.seq, "no outcome was sealed"); // V11
  }
  return pending;
}
