// The evidence format: one entry of a customer's chain, its bytes, its hash and how a person sees it.
// The bytes are the truth: canonicalised once, stored, hashed. Free text never stands in an entry; a
// salted commitment to the whole message does.

import { z } from "zod";
import { canonicalJson, sha256 } from "./canonical.ts";
import { Hex256, Id, ReasonCode, Timestamp, TopicName } from "./envelope.ts";
import { commitmentTo } from "./evidence/commitment.ts";
import { leafHashHex } from "./evidence/tree.ts";

export const entryBytesMax = 65_535;

/** A person in an entry: a random name whose meaning can be erased. */
export const Pseudonym = z.string().regex(/^psn:[0-9a-f]{32}$/);

export const Entry = z.strictObject({
  v: z.literal("audit-entry/1"),
  chain: Hex256,
  seq: z.int().min(0),
  /** The entry hash of entry seq−1; of entry 0 it is the chain's own id. */
  prev: Hex256,
  /** The fencing epoch of the writer that sealed it. */
  writer: z.int().min(1),
  /** The sealed message. Control entries, which audit writes of its own accord, have none. */
  event: z
    .strictObject({
      id: Id,
      source: TopicName,
      key: z.string().min(1).max(128),
      sequence: z.int().min(1),
      cause: Id.optional(),
    })
    .optional(),
  type: z.string().min(1).max(64),
  occurredAt: Timestamp,
  sealedAt: Timestamp,
  actor: z.string().min(1).max(128),
  ticket: z
    .strictObject({ id: Id, seq: z.int().min(0), prev: z.int().min(0).optional() })
    .optional(),
  action: z
    .strictObject({ id: Id, digest: Hex256.optional(), tool: z.string().max(64).optional() })
    .optional(),
  /** What a reader may see of the event in clear: codes, modes, names of credentials, digests. */
  detail: z.record(z.string().max(40), z.union([z.string().max(300), z.int(), z.boolean()])),
  outcome: ReasonCode.optional(),
  /** Set where something expected did not come in time: a cause, or messages of a publisher. */
  gap: z.strictObject({ cause: z.boolean(), missing: z.int().min(0) }).optional(),
  /** HMAC-SHA-256 under a salt kept apart, over the canonical message (evidence/commitment.ts). */
  commit: z.strictObject({ message: Hex256 }).optional(),
});
export type Entry = z.infer<typeof Entry>;

/** The bytes of an entry: RFC 8785, UTF-8. @throws RangeError above 65,535 bytes. */
export const entryBytes = (entry: Entry): Uint8Array => new TextEncoder().encode(entryText(entry));

/** The same as text, which is what is stored. @throws RangeError above `entryBytesMax`. */
export function entryText(entry: Entry): string {
  const text = canonicalJson(entry);
  if (Buffer.byteLength(text) > entryBytesMax) throw new RangeError("entry-too-large");
  return text;
}

/** `entryHash` of the UTF-8 bytes of a text that is well-formed, as canonical text is, without copying it. */
export const entryTextHash = (text: string): string => sha256(`\0${text}`);

/** SHA-256(0x00 ‖ bytes): at once the link of the chain and the RFC 6962 leaf hash. */
export const entryHash = (bytes: Uint8Array): string => leafHashHex(bytes);

/** The id of a chain: it has 256 random bits, so no two customers share one. */
export const chainId = (nonce: string): string =>
  sha256(Buffer.concat([Buffer.from("audit-chain/1"), Buffer.from(nonce, "hex")]));

/** The commitment to a message under its salt (64 hexadecimal characters, drawn for it alone). */
export const messageCommitment = (salt: string, message: unknown): string =>
  commitmentTo(salt, "message", message);

// Auditors know these names from the product page; the chain holds the message types themselves.
const shownNames: Readonly<Record<string, string>> = {
  "action.requested.v1": "agent.action",
  "action.allowed.v1": "policy.allowed",
  "action.denied.v1": "policy.denied",
};

/** An entry in one line: `approval.granted: via Teams  #a51f96  prev #3b8e1d`. */
export function entryLine(entry: Entry, hash: string): string {
  const name = shownNames[entry.type] ?? entry.type.replace(/\.v\d+$/, "");
  return `${name}${shownDetail(entry)}  #${hash.slice(0, 6)}  prev #${entry.prev.slice(0, 6)}`;
}

function shownDetail(entry: Entry): string {
  const via = entry.detail["via"] === undefined ? undefined : `via ${capital(entry.detail["via"])}`;
  const parts = [
    entry.action?.tool,
    via,
    entry.detail["mode"],
    entry.detail["credential"],
    entry.outcome,
  ].filter((part) => part !== undefined);
  return parts.length === 0 ? "" : `: ${parts.join(", ")}`;
}

const capital = (word: string | number | boolean): string =>
  String(word).replace(/^./, (first) => first.toUpperCase());
