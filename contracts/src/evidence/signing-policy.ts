// Who must have signed a checkpoint, as a file that the auditor owns (c2sp.org/tlog-policy): lines `log`, `witness`,
// `group` and one `quorum`.
//
// Invariants:
//   Q1. A checkpoint is accepted only with the signature of a listed log whose name is the checkpoint's origin, and
//       cosignatures that fulfil the quorum. Each key counts once.
//   Q2. A file with anything that is not understood is no policy.

import type { VerifiedSignature } from "./note.ts";
import { isSameKey, parseVerifierKey, type VerifierKey } from "./verifier-key.ts";

export interface SigningPolicy {
  readonly logs: readonly VerifierKey[];
  readonly witnesses: readonly { readonly name: string; readonly key: VerifierKey }[];
  readonly groups: readonly Group[];
  /** The name of a witness or a group, or `none`. */
  readonly quorum: string;
}

interface Group {
  readonly name: string;
  readonly threshold: number;
  readonly members: readonly string[];
}

export const policyCharactersMax = 65_536;
const linesMax = 1000;
/** Reserved: it requires no witness. */
const nobody = "none";

export type ParsedPolicy =
  | { readonly kind: "policy"; readonly policy: SigningPolicy }
  | { readonly kind: "refused"; readonly line: number; readonly reason: string };

interface Draft {
  readonly logs: VerifierKey[];
  readonly witnesses: { readonly name: string; readonly key: VerifierKey }[];
  readonly groups: Group[];
  readonly names: Set<string>;
  /** Names that a group has taken already: each may count in one way only. */
  readonly taken: Set<string>;
  quorum: string | undefined;
}

/** Reads a policy file (Q2). */
export function parsePolicy(text: string): ParsedPolicy {
  const draft: Draft = {
    logs: [],
    witnesses: [],
    groups: [],
    names: new Set(),
    taken: new Set(),
    quorum: undefined,
  };
  const lines = text.split("\n");
  if (text.length > policyCharactersMax || lines.length > linesMax)
    return { kind: "refused", line: linesMax, reason: "the policy is too long" };
  for (const [index, line] of lines.entries()) {
    const problem = /[^\t\x20-\x7e\x80-\u{10ffff}]/u.test(line)
      ? "a control character"
      : readLine(
          draft,
          line.split(/[ \t]+/).filter((word) => word !== ""),
        );
    if (problem !== undefined) return { kind: "refused", line: index + 1, reason: problem };
  }
  const { logs, witnesses, groups, quorum } = draft;
  if (quorum === undefined)
    return { kind: "refused", line: lines.length, reason: "there is no quorum line" };
  return { kind: "policy", policy: { logs, witnesses, groups, quorum } };
}

// Adds one line to the draft. Returns what is wrong with it, if anything is.
function readLine(draft: Draft, words: readonly string[]): string | undefined {
  const [keyword = "#", ...rest] = words;
  if (keyword.startsWith("#")) return undefined;
  switch (keyword) {
    case "log":
      return readLog(draft, rest);
    case "witness":
      return readWitness(draft, rest);
    case "group":
      return readGroup(draft, rest);
    case "quorum": {
      const [name, ...more] = rest;
      if (name === undefined || more.length > 0) return "a quorum line has one name";
      if (draft.quorum !== undefined) return "a second quorum";
      if (name !== nobody && !draft.names.has(name)) return `nothing is named ${name}`;
      draft.quorum = name;
      return undefined;
    }
  }
  return `unknown line: ${keyword}`;
}

function readLog({ logs }: Draft, [vkey, ...more]: readonly string[]): string | undefined {
  const key = vkey === undefined ? undefined : parseVerifierKey(vkey);
  if (key === undefined || key.type === "cosignature" || more.length > 1) return "not a log's key";
  if (logs.some((log) => isSameKey(log, key))) return "the same log twice";
  logs.push(key);
  return undefined;
}

function readWitness(draft: Draft, [name, vkey, ...more]: readonly string[]): string | undefined {
  const key = vkey === undefined ? undefined : parseVerifierKey(vkey);
  if (key?.type !== "cosignature" || more.length > 1) return "not a witness's key";
  if (draft.witnesses.some((witness) => isSameKey(witness.key, key))) return "a witness twice";
  const problem = takeName(draft, name);
  if (problem === undefined && name !== undefined) draft.witnesses.push({ name, key });
  return problem;
}

function readGroup(draft: Draft, words: readonly string[]): string | undefined {
  const [name, count, ...members] = words;
  const threshold = thresholdOf(count, members.length);
  if (threshold === undefined) return "a group says all, any, or how many of its members";
  for (const member of members) {
    if (!draft.names.has(member)) return `nothing is named ${member}`;
    if (draft.taken.has(member)) return `${member} is a member already`;
    draft.taken.add(member);
  }
  const problem = takeName(draft, name);
  if (problem === undefined && name !== undefined) draft.groups.push({ name, threshold, members });
  return problem;
}

function takeName({ names }: Draft, name: string | undefined): string | undefined {
  if (name === undefined || name === nobody) return "not a name";
  if (names.has(name)) return `${name} is named twice`;
  names.add(name);
  return undefined;
}

function thresholdOf(count: string | undefined, members: number): number | undefined {
  if (members === 0) return undefined;
  if (count === "all") return members;
  if (count === "any") return 1;
  const threshold = /^[1-9][0-9]{0,3}$/.test(count ?? "") ? Number(count) : 0;
  return threshold >= 1 && threshold <= members ? threshold : undefined;
}

/** All keys that the policy knows, for the signatures of a note. */
export const policyKeys = ({ logs, witnesses }: SigningPolicy): readonly VerifierKey[] => [
  ...logs,
  ...witnesses.map(({ key }) => key),
];

export interface PolicyAnswer {
  /** Signed by a log of this origin. */
  readonly isSigned: boolean;
  /** Cosigned as the quorum asks. With `quorum none` it always is. */
  readonly isWitnessed: boolean;
  /** The time of the oldest cosignature that counts, in seconds. */
  readonly witnessedAt: number | undefined;
}

/** Judges the verified signatures of a checkpoint of this origin (Q1). */
export function judgeSignatures(
  policy: SigningPolicy,
  origin: string,
  by: readonly VerifiedSignature[],
): PolicyAnswer {
  const isSigned = by.some(
    ({ key }) => key.name === origin && policy.logs.some(({ vkey }) => vkey === key.vkey),
  );
  const counted = by.filter(({ key }) => policy.witnesses.some((one) => one.key.vkey === key.vkey));
  const witnessed = new Set(
    policy.witnesses
      .filter(({ key }) => counted.some((one) => one.key.vkey === key.vkey))
      .map(({ name }) => name),
  );
  // A group only has members of earlier lines, so one pass in order suffices.
  for (const { name, threshold, members } of policy.groups)
    if (members.filter((member) => witnessed.has(member)).length >= threshold) witnessed.add(name);
  const times = counted.flatMap(({ time }) => (time === undefined ? [] : [time]));
  return {
    isSigned,
    isWitnessed: policy.quorum === nobody || witnessed.has(policy.quorum),
    witnessedAt: times.length === 0 ? undefined : Math.min(...times),
  };
}
