// Chains for tests, sealed as the audit service seals them, with checkpoints of real keys: honest ones, and whatever
// somebody makes of them.

import { generateKeyPairSync, type KeyObject, sign } from "node:crypto";
import { derivedId, sha256 } from "@niivo/contracts/canonical";
import { chainId, type Entry, entryBytes, entryHash } from "@niivo/contracts/evidence";
import { bytesOf } from "@niivo/contracts/evidence/bytes";
import { checkpointText, originOf } from "@niivo/contracts/evidence/checkpoint";
import { cosignature, cosignedText, noteText } from "@niivo/contracts/evidence/note";
import { inclusionPlan, nodesOf, proofOf } from "@niivo/contracts/evidence/proof-plan";
import { parsePolicy, type SigningPolicy } from "@niivo/contracts/evidence/signing-policy";
import { tlogProofText } from "@niivo/contracts/evidence/tlog-proof";
import { emptyRange, leafHash, rootOf, withLeaf } from "@niivo/contracts/evidence/tree";
import {
  type KeyType,
  type VerifierKey,
  verifierKey,
} from "@niivo/contracts/evidence/verifier-key";

const startsAt = new Date("2026-11-23T09:00:00.000Z");
const nonce = "17".repeat(32);
export const chain = chainId(nonce);
export const origin = originOf("audit.example", chain);

export interface Signer {
  readonly key: VerifierKey;
  readonly privateKey: KeyObject;
}

export function signer(name: string, type: KeyType): Signer {
  const { publicKey, privateKey } =
    type === "ecdsa"
      ? generateKeyPairSync("ec", { namedCurve: "P-256" })
      : generateKeyPairSync("ed25519");
  const der = publicKey.export({ format: "der", type: "spki" });
  const key = verifierKey(name, type, type === "ecdsa" ? der : der.subarray(12));
  if (key === undefined) throw new Error("no key");
  return { key, privateKey };
}

export const vault = signer(origin, "ecdsa");
export const software = signer(origin, "ed25519");
export const witness = signer("witness.example/w1", "cosignature");

/** A time of the chains below, in seconds after their beginning. */
export const at = (seconds: number): string =>
  new Date(startsAt.getTime() + seconds * 1000).toISOString();
/** Some seconds after the last entry of the stories below. */
export const now = new Date(startsAt.getTime() + 60_000);

const policyText = (...lines: readonly string[]): string =>
  [`log ${vault.key.vkey}`, ...lines].join("\n");
export const policyIn = (text: string): SigningPolicy => {
  const parsed = parsePolicy(text);
  if (parsed.kind === "refused") throw new Error(parsed.reason);
  return parsed.policy;
};
export const witnessedText = policyText(`witness w1 ${witness.key.vkey}`, "quorum w1");
export const unwitnessedText = policyText("quorum none");

/** The fields of an entry that the sealer does not add. */
export type Told = Omit<Entry, "v" | "chain" | "seq" | "prev" | "writer" | "sealedAt">;

const person = (name: string): string => `psn:${sha256(name).slice(0, 32)}`;
export const people = { anna: person("anna"), boss: person("boss"), chief: person("chief") };

const control = (type: string, detail: Entry["detail"]): Told => ({
  type,
  occurredAt: at(0),
  actor: "service:audit",
  detail,
});

/** Entries as texts, linked and numbered in this order. */
export function sealed(told: readonly Told[], change: Partial<Entry> = {}): readonly string[] {
  let prev = change.chain ?? chain;
  return told.map((fields, seq) => {
    const entry: Entry = {
      v: "audit-entry/1",
      chain,
      seq,
      prev,
      writer: 1,
      sealedAt: at(seq),
      ...fields,
      ...change,
    };
    const bytes = entryBytes(entry);
    prev = entryHash(bytes);
    return Buffer.from(bytes).toString();
  });
}

/** The signed checkpoint over the first `size` entries. */
export function checkpointOf(
  entries: readonly string[],
  size: number,
  signers: readonly Signer[] = [vault, software, witness],
  change: { readonly origin?: string; readonly time?: number } = {},
): string {
  let range = emptyRange;
  for (const entry of entries.slice(0, size)) range = withLeaf(range, leafHash(bytesOf(entry)));
  const text = checkpointText({
    origin: change.origin ?? origin,
    size,
    root: rootOf(range),
    extensions: [],
  });
  return signedNote(text, signers, change.time ?? now.getTime() / 1000 - 5);
}

export function signedNote(text: string, signers: readonly Signer[], time: number): string {
  const signatures = signers.map(({ key: { name, keyId, type }, privateKey }) => {
    const message = bytesOf(type === "cosignature" ? cosignedText(text, time) : text);
    const raw = sign(type === "ecdsa" ? "sha256" : null, message, privateKey);
    return { name, keyId, signature: type === "cosignature" ? cosignature(time, raw) : raw };
  });
  return noteText({ text, signatures });
}

/** The proof of one entry under a note, with the entry's bytes in it. */
export function proofIn(
  entries: readonly string[],
  seq: number,
  note: string,
  size: number,
): string {
  const leaves = entries.slice(0, size).map((entry) => leafHash(bytesOf(entry)));
  const hashes = proofOf(inclusionPlan(seq, size), nodesOf(leaves));
  return tlogProofText({
    index: seq,
    hashes,
    checkpoint: note,
    extra: bytesOf(entries[seq] ?? ""),
  });
}

/** Tells what one ticket's messages say, with ids, counters and links as the publishers make them. */
export function teller() {
  const counters = new Map<string, number>();
  const threads = new Map<string, { count: number; last: number }>();
  const told: Told[] = [];
  const ids = new Map<string, string>();
  return {
    told,
    control: (type: string, detail: Entry["detail"]) => {
      told.push(control(type, detail));
    },
    say: (
      source: NonNullable<Entry["event"]>["source"],
      type: string,
      { name = "one", cause, ...fields }: Partial<Told> & { name?: string; cause?: string } = {},
    ) => {
      const ticketId = derivedId("ticket", name);
      const key = source === "broker" ? derivedId("action", name) : ticketId;
      const counter = `${source}/${key}`;
      const sequence = (counters.get(counter) ?? 0) + 1;
      counters.set(counter, sequence);
      const id = derivedId(counter, String(sequence));
      ids.set(`${name}/${type}`, id);
      const thread = threads.get(ticketId);
      const causeId = cause === undefined ? undefined : ids.get(`${name}/${cause}`);
      const seq = told.length;
      told.push({
        event: { id, source, key, sequence, ...(causeId === undefined ? {} : { cause: causeId }) },
        type,
        occurredAt: at(seq),
        actor: `service:${source}`,
        detail: {},
        ticket: {
          id: ticketId,
          seq: thread?.count ?? 0,
          ...(thread === undefined ? {} : { prev: thread.last }),
        },
        ...fields,
      });
      threads.set(ticketId, { count: (thread?.count ?? 0) + 1, last: seq });
      return seq;
    },
  };
}

const actionOf = (name: string) => ({
  id: derivedId("action", name),
  digest: sha256(`action ${name}`),
  tool: "password.reset",
});

export interface StoryOptions {
  readonly name?: string;
  readonly quorum?: number;
  readonly grantedBy?: readonly string[];
  readonly voters?: readonly string[];
  readonly grantedAt?: string;
  readonly revision?: number;
  /** Of the receipt that the start used. */
  readonly nonce?: string;
  /** Types that are left out. */
  readonly without?: readonly string[];
}

/** One approved action from the ticket to its end. `teller` numbers it on after what it told before. */
export function approvedStory(tell: ReturnType<typeof teller>, options: StoryOptions = {}): void {
  const { name = "one", quorum = 1, without = [], revision, nonce: receiptNonce } = options;
  const { grantedBy = [people.boss], voters = grantedBy } = options;
  const action = actionOf(name);
  const about = { name, action };
  const policy = { policySet: "5".repeat(64), requester: people.anna, target: people.anna };
  const say = (
    ...[source, type, fields]: Parameters<ReturnType<typeof teller>["say"]>
  ): number | undefined =>
    without.includes(type) ? undefined : tell.say(source, type, { ...about, ...fields });
  tell.say("tickets", "ticket.opened.v1", { name, actor: people.anna });
  say("agent", "action.requested.v1", { actor: "agent:niivo-l1-desk", detail: { step: 1 } });
  const terms = { quorum, expiresAt: at(1800) };
  say("policy", "approval.required.v1", { detail: { mode: "approve", ...terms, ...policy } });
  say("approvals", "approval.asked.v1", { detail: { ...terms, approvers: 2 } });
  for (const voter of voters)
    say("approvals", "vote.accepted.v1", { actor: voter, detail: { votes: 1, quorum } });
  const names = grantedBy.join(" ");
  say("approvals", "approval.granted.v1", {
    detail: { via: "teams", grantedBy: names },
    ...(options.grantedAt === undefined ? {} : { occurredAt: options.grantedAt }),
  });
  const allow = say("policy", "action.allowed.v1", {
    detail: { mode: "approved", attempt: 1, grantedBy: names, ...policy },
  });
  say("broker", "credential.access.v1", { detail: { purpose: "action", credential: "executor" } });
  const receiptSeq = allow ?? 0;
  say("broker", "action.started.v1", {
    detail: {
      receiptSeq,
      // Filled in when the chain is sealed: it is the hash of another entry of it.
      receiptEntry: `entry ${receiptSeq}`,
      ...(revision === undefined ? {} : { revision }),
      ...(receiptNonce === undefined ? {} : { receiptNonce }),
    },
  });
  say("broker", "action.completed.v1", { outcome: "completed" });
  tell.say("agent", "ticket.resolved.v1", { name, outcome: "resolved" });
}

/** Seals what was told after a genesis, with the receipts of starts naming the entries that they mean. */
export function sealedStory(tell: ReturnType<typeof teller>): readonly string[] {
  const told = [...tell.told];
  for (const [seq, fields] of told.entries()) {
    const receipt = /^entry (\d+)$/.exec(String(fields.detail["receiptEntry"]));
    if (receipt === null) continue;
    const named = sealed(told.slice(0, seq))[Number(receipt[1])] ?? "";
    const receiptEntry = entryHash(bytesOf(named));
    told[seq] = { ...fields, detail: { ...fields.detail, receiptEntry } };
  }
  return sealed(told);
}

/** A teller that has begun a chain. */
export function begun(): ReturnType<typeof teller> {
  const tell = teller();
  tell.control("chain.genesis", { nonce, format: "audit-entry/1", vkey: vault.key.vkey });
  tell.control("sealing-key.announced", {
    key: "d".repeat(64),
    notBefore: at(-5),
    notAfter: at(3600),
    endorsedBy: "https://vault.example/keys/audit/1",
  });
  return tell;
}
