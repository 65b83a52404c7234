// What a verification answers: a verdict for each thing that can be wrong, and every finding with its range. There
// is no one boolean, because "the bytes are right" and "nothing is missing" are different statements.
//
// Invariants:
//   V1. An empty or unknown chain is never in order: it cannot be verified.
//   V2. Every finding is reported, not the first alone.

/** What each code says something about. */
export const aspectOf = {
  /** The bytes of an entry, or a link, or a root, are not what they were. */
  ALTERED: "integrity",
  REORDERED: "integrity",
  /** Entries are missing in the middle or at the beginning. */
  GAP: "integrity",
  DUPLICATE: "integrity",
  /** Two statements of the same signer contradict each other. */
  FORK: "integrity",
  /** A signed checkpoint attests entries that are not here. */
  TRUNCATED: "completeness",
  /** A publisher's message, or a cause, never came. */
  INGRESS_GAP: "completeness",
  /** A publisher used one number or one id twice. */
  INGRESS_CONFLICT: "completeness",
  /** Bytes or values are missing that nobody erased or pruned. */
  WITHHELD: "completeness",
  STALE: "freshness",
  /** No checkpoint with the witnesses that the policy asks for covers these entries. */
  UNANCHORED: "anchoring",
  /** A checkpoint without the signature of a key that the policy, or the chain under it, names. */
  KEY_UNKNOWN: "keys",
  /** A checkpoint signed by a key outside its validity. */
  KEY_EPOCH: "keys",
  /** Values that were erased, with a sealed order. In order. */
  ERASED: "privacy",
  /** Entries whose bytes were removed at the end of their retention, as sealed. In order. */
  PRUNED: "privacy",
  /** An action was started without an earlier allow that was entitled to a receipt. */
  UNAUTHORIZED: "conduct",
  STARTED_TWICE: "conduct",
  /** A credential was taken for an action that no earlier allow covers. */
  ACCESS_WITHOUT_ALLOW: "conduct",
  /** Fewer people granted than had to, or their votes are not there. */
  APPROVAL_SHORT: "conduct",
  /** The requester, the target or the agent granted. */
  APPROVER_EXCLUDED: "conduct",
  APPROVAL_LATE: "conduct",
  /** One receipt was used for two starts. */
  RECEIPT_REUSED: "conduct",
  OUTCOME_MISSING: "conduct",
  /** Started under an older kill revision than was confirmed before. */
  STARTED_AFTER_KILL: "conduct",
} as const;

export type FindingCode = keyof typeof aspectOf;
export type Aspect = (typeof aspectOf)[FindingCode];

export const aspects = [
  "integrity",
  "completeness",
  "freshness",
  "anchoring",
  "keys",
  "privacy",
  "conduct",
] as const satisfies readonly Aspect[];

export interface Finding {
  readonly code: FindingCode;
  /** Sequence numbers, both included. */
  readonly from: number;
  readonly to: number;
  readonly detail: string;
}

/** `NOT_JUDGED`: it rests on something that is broken, or on entries that are not here. */
export type AspectVerdict = "OK" | FindingCode | "NOT_JUDGED";

export type Mode = "full" | "incremental" | "ticket" | "entry";

export interface Report {
  readonly mode: Mode;
  readonly chain: string | undefined;
  /** How many entries were read. */
  readonly entries: number;
  readonly head: { readonly seq: number; readonly hash: string } | undefined;
  /** The root over all entries, where it could be recomputed. */
  readonly root: string | undefined;
  readonly verdicts: Readonly<Record<Aspect, AspectVerdict>>;
  /** By place, at most `findingsMax`. */
  readonly findings: readonly Finding[];
  readonly findingsCount: number;
  /** Up to which size a checkpoint is signed as the policy asks, and up to which it is witnessed. */
  readonly signedSize: number;
  readonly witnessedSize: number;
  /** Entries after the last accepted checkpoint: nobody but their writer vouches for them. */
  readonly unattested: number;
  readonly truncated: { readonly attested: number; readonly found: number } | undefined;
  readonly erased: number;
  /** Starts whose outcome may still come. */
  readonly pending: number;
  /** The notes it was judged by; at a fork the two that contradict each other are in `contradiction`. */
  readonly checkpoints: readonly string[];
  readonly contradiction: readonly [string, string] | undefined;
  readonly notProven: readonly string[];
  readonly exitCode: ExitCode;
}

/**
 * 0 in order · 10 in order, the newest entries unattested · 20 incomplete, stale, or against the rules · 30 forked ·
 * 40 altered · 50 cannot be verified. The highest that applies, but 50 only where nothing else was found.
 */
export const exitCodes = {
  ok: 0,
  unattested: 10,
  incomplete: 20,
  fork: 30,
  altered: 40,
  unverifiable: 50,
} as const;
export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

export const findingsMax = 1000;

/** Collects findings; neighbours of one kind become one range. */
export interface Findings {
  readonly add: (code: FindingCode, from: number, to: number, detail: string) => void;
  readonly all: () => readonly Finding[];
  readonly count: () => number;
  readonly has: (aspect: Aspect) => boolean;
}

export function findings(): Findings {
  const list: { code: FindingCode; from: number; to: number; detail: string }[] = [];
  const seen = new Set<Aspect>();
  let count = 0;
  return {
    add: (code, from, to, detail) => {
      seen.add(aspectOf[code]);
      const last = list.at(-1);
      if (
        last?.code === code &&
        last.detail === detail &&
        from <= last.to + 1 &&
        from >= last.from
      ) {
        last.to = Math.max(last.to, to);
        return;
      }
      count += 1;
      if (list.length < findingsMax) list.push({ code, from, to, detail });
    },
    all: () => list.toSorted((one, other) => one.from - other.from || one.to - other.to),
    count: () => count,
    has: (aspect) => seen.has(aspect),
  };
}

// The worst first.
const ranked: readonly FindingCode[] = [
  "FORK",
  "ALTERED",
  "GAP",
  "REORDERED",
  "DUPLICATE",
  "TRUNCATED",
  "WITHHELD",
  "INGRESS_CONFLICT",
  "INGRESS_GAP",
  "KEY_UNKNOWN",
  "KEY_EPOCH",
];

/** The verdict on one aspect: its worst finding. */
export function verdictOf(found: Findings, aspect: Aspect): AspectVerdict {
  const codes = new Set(
    found
      .all()
      .map(({ code }) => code)
      .filter((code) => aspectOf[code] === aspect),
  );
  return ranked.find((code) => codes.has(code)) ?? [...codes][0] ?? "OK";
}

/** @param isVerifiable whether there were entries, and a checkpoint that the policy accepts. */
export function exitCodeOf(
  verdicts: Report["verdicts"],
  unattested: number,
  isVerifiable: boolean,
): ExitCode {
  const { integrity, completeness, freshness, anchoring, keys, conduct } = verdicts;
  if (integrity === "FORK") return exitCodes.fork;
  if (integrity !== "OK" && integrity !== "NOT_JUDGED") return exitCodes.altered;
  if (!isVerifiable || integrity === "NOT_JUDGED") return exitCodes.unverifiable; // V1
  const isWhole = [completeness, freshness, keys, conduct].every(
    (verdict) => verdict === "OK" || verdict === "NOT_JUDGED",
  );
  if (!isWhole) return exitCodes.incomplete;
  return unattested > 0 || anchoring !== "OK" ? exitCodes.unattested : exitCodes.ok;
}
