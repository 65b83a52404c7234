// The `audit` topic. Published by the audit service alone: receipts, each a signed statement that an
// allow is an entry of the customer's chain, and checkpoints, each a signed statement of a whole chain.

import { z } from "zod";
import {
  command,
  event,
  Guid,
  Hex256,
  Id,
  MessageDeadLettered,
  ReasonCode,
  Timestamp,
  type TopicContract,
} from "./envelope.ts";
import { ErasureConfirmed, ErasureOrdered, ErasureRequest } from "./erasure.ts";
import { retentionDaysMin } from "./evidence/control.ts";

/** A receipt is good for this long after it was issued. */
export const receiptMs = 60 * 1000;
/** A sealing key is valid for this long after it was made, and replaced when half of it is over. */
export const sealingKeyMs = 12 * 60 * 60 * 1000;
/**
 * What arrives before its cause waits this long, then is sealed with a gap mark. Only time counts in which one process
 * received without a break: after a take-over, or when the bus could not be heard, it begins anew. A process that is killed leaves
 * messages locked, and they come again only when their lock (`lockMs` in topology.ts) has run out: the limit
 * leaves room for two such locks in a row, or every crash of audit would put gaps into an honest chain.
 */
export const parkedMaxMs = 65 * 1000;

/**
 * A chain that grows has its next checkpoint this long after the last one; with the time that the bus and the vault
 * take, an entry stands under a signature after ten seconds at most.
 */
export const checkpointMs = 7 * 1000;
/** A chain in which nothing happens gets an entry that says so, and with it a checkpoint: within ten minutes. */
export const heartbeatMs = 9 * 60 * 1000;
/** There are fewer kinds of findings, and all their names together fit into an entry's detail. */
const verifyCodesMax = 40;
/** A signed note of three signatures has some hundred bytes. */
export const noteCharactersMax = 8000;

/** A public P-256 key (RFC 7517, RFC 7518 section 6.2). */
export const PublicKey = z.strictObject({
  kty: z.literal("EC"),
  crv: z.literal("P-256"),
  x: z.string().regex(/^[A-Za-z0-9_-]{43}$/),
  y: z.string().regex(/^[A-Za-z0-9_-]{43}$/),
});
/** An ES256 signature: r and s, 64 bytes, base64url (RFC 7518 section 3.4). */
export const Signature = z.string().regex(/^[A-Za-z0-9_-]{86}$/);

/**
 * A short-lived sealing key and the vault key's signature over it. It travels with every receipt, so a
 * reader needs to trust one thing only: the vault key it has pinned.
 */
export const SealingKey = z.strictObject({
  publicKey: PublicKey,
  notBefore: Timestamp,
  notAfter: Timestamp,
  /** The vault key's versioned identifier. */
  endorsedBy: z.string().min(1).max(500),
  /** By the vault key, over the digest of the four fields above. */
  endorsement: Signature,
});
export type SealingKey = z.infer<typeof SealingKey>;

/** `action.allowed` of this digest is entry `seq` of `chain`. For the broker, once, until `expiresAt`. */
export const ReceiptIssued = event("receipt.issued.v1", {
  audience: z.literal("broker"),
  actionId: Id,
  digest: Hex256,
  /** The id of the `action.allowed` event that was sealed. */
  allowId: Id,
  chain: Hex256,
  seq: z.int().min(0),
  entryHash: Hex256,
  /** 256 random bits of this receipt alone, drawn when it was signed: which receipt was used is told apart by it. */
  nonce: Hex256,
  issuedAt: Timestamp,
  expiresAt: Timestamp,
  sealingKey: SealingKey,
  /** By the sealing key, over the digest of all the fields above but `sealingKey`. */
  signature: Signature,
});

/** The chain had this size and root. Not sealed: it follows from the chain, and sealing it would call for the next. */
export const CheckpointSigned = event("checkpoint.signed.v1", {
  chain: Hex256,
  size: z.int().min(1),
  root: Hex256,
  /** A C2SP signed note: the checkpoint and its signatures. */
  note: z.string().min(1).max(noteCharactersMax),
  signedAt: Timestamp,
});

/** Timer: the chain has entries that no checkpoint covers. */
export const CheckpointDue = command("checkpoint.due.v1", {});

/** Timer: nothing was sealed for a while. */
export const HeartbeatDue = command("heartbeat.due.v1", {});

/** Command: the bytes of these entries are older than the retention, and may go once that is an entry. */
export const RetentionDue = command("retention.due.v1", {
  from: z.int().min(1),
  to: z.int().min(1),
  days: z.int().min(retentionDaysMin),
});

/** What each place that keeps checkpoints outside this service did with one. */
export const CheckpointAnchored = command("checkpoint.anchored.v1", {
  size: z.int().min(1),
  anchors: z
    .array(
      z.strictObject({
        anchor: z.string().regex(/^[a-z][a-z0-9-]{0,39}$/),
        outcome: z.union([z.literal("anchored"), ReasonCode]),
        /** Signature lines that a witness added, each with its line feed. */
        cosignatures: z.string().max(noteCharactersMax).optional(),
        at: Timestamp,
      }),
    )
    .max(8),
});

/** Timer: what is parked in this customer's chain should have found its cause by now. */
export const ParkedDue = command("parked.due.v1", { eventId: Id });

/** Command: there shall be a chain for this customer. Sent at every start; only the first makes one. */
export const ChainOpen = command("chain.open.v1", {});

/** Who reads or verifies stands in the chain; one entry is for so long, however often they ask. */
export const accessWindowMs = 5 * 60 * 1000;

/** Which chain is spoken of: that of the envelope's customer, or the platform's, which every customer may read. */
const ChainOf = z.enum(["own", "platform"]);

/** Command: somebody asks for what was sealed, about the envelope's ticket where it names one. */
export const AccessRecord = command("access.record.v1", {
  reader: Guid,
  what: z.enum(["trail", "entries", "export", "proofs"]),
  of: ChainOf,
  /** Whether the answer holds messages too, and not only entries. */
  values: z.boolean(),
  /** Until when the same reader may read the same without another entry. */
  until: Timestamp,
});

/** Command: a chain was recomputed, and this is what came out. */
export const VerifyRecord = command("verify.record.v1", {
  /** Who began the run. */
  reader: Guid,
  of: ChainOf,
  mode: z.literal("full"),
  /** `failed`: the run ended before its verdict. */
  verdict: z.enum(["ok", "incomplete", "broken", "failed"]),
  /** How many entries were read. */
  size: z.int().min(0),
  /** What was found, in rising order. */
  codes: z.array(z.string().regex(/^[A-Z][A-Z_]{0,39}$/)).max(verifyCodesMax),
  /** SHA-256 of the built offline verifier that shares its judges with this run; `unbuilt` where there is none. */
  verifier: z.union([Hex256, z.literal("unbuilt")]),
  /** Until when the same caller's runs with the same result are told by this entry. */
  until: Timestamp,
});

export const audit = {
  topic: "audit",
  events: {
    [ReceiptIssued.shape.type.value]: ReceiptIssued,
    [CheckpointSigned.shape.type.value]: CheckpointSigned,
    [ErasureOrdered.shape.type.value]: ErasureOrdered,
    [ErasureConfirmed.shape.type.value]: ErasureConfirmed,
    [MessageDeadLettered.shape.type.value]: MessageDeadLettered,
  },
  commands: {
    [ParkedDue.shape.type.value]: ParkedDue,
    [ChainOpen.shape.type.value]: ChainOpen,
    [AccessRecord.shape.type.value]: AccessRecord,
    [VerifyRecord.shape.type.value]: VerifyRecord,
    [ErasureRequest.shape.type.value]: ErasureRequest,
    [CheckpointDue.shape.type.value]: CheckpointDue,
    [HeartbeatDue.shape.type.value]: HeartbeatDue,
    [RetentionDue.shape.type.value]: RetentionDue,
    [CheckpointAnchored.shape.type.value]: CheckpointAnchored,
  },
} as const satisfies TopicContract;
