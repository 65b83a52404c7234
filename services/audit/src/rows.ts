// The documents of one customer's chain in the store: their ids and their shapes. The ids contain only
// what every store can name; a key of a publisher is percent-encoded for that.

import {
  Hex256,
  Id,
  ReasonCode,
  Timestamp,
  TopicName,
  topicNames,
} from "@niivo/contracts/envelope";
import { Pseudonym } from "@niivo/contracts/evidence";
import { z } from "zod";
import { SealedEvent } from "./sealed-event.ts";

const seqDigits = 12;
const digits = (seq: number): string => String(seq).padStart(seqDigits, "0");

export const entryPrefix = "entry:";
export const headId = "head";
export const entryId = (seq: number): string => `${entryPrefix}${digits(seq)}`;
export const eventPrefix = (id: string): string => `event:${id}:`;
export const eventId = (name: string): string => `event:${name}`;
/** The erasable half of a commitment, encrypted (`sealed-value.ts`). */
export const valueId = (name: string): string => `value:${name}`;
/** A receipt that audit published: `{allowId, seq}`. As a cause it counts as sealed. */
export const receiptRowId = (receipt: string): string => `receipt:${receipt}`;
/** That the agent requested the action of this digest, and that people granted it. */
export const requestedId = (digest: string): string => `requested:${digest}`;
export const grantedId = (digest: string): string => `granted:${digest}`;
export const ticketId = (ticket: string): string => `ticket:${ticket}`;
/** That the erasure of this pseudonym is sealed. */
export const erasedId = (pseudonym: string): string => `erased:${pseudonym}`;
export const personId = (objectId: string): string => `person:${objectId}`;
/** That the reading of this command's id is entry `seq`. */
export const readingId = (command: string): string => `reading:${command}`;
/** One part of an erasure as it was sealed, and what the services confirmed of it. Neither names anybody. */
export const orderPrefix = "order:";
export const ordersOf = (erasure: string): string => `${orderPrefix}${erasure}:`;
export const orderId = (erasure: string, part: number): string => `${ordersOf(erasure)}${part}`;
export const confirmedPrefix = (erasure: string): string => `confirmed:${erasure}:`;
export const confirmedId = (erasure: string, part: number, source: string): string =>
  `${confirmedPrefix(erasure)}${part}:${source}`;
export const sourceId = (source: string): string => `source:${source}`;
export const parkedPrefix = (waitsFor: string): string => `parked:${waitsFor}:`;
export const parkedId = (waitsFor: string, name: string): string =>
  `${parkedPrefix(waitsFor)}${name}`;

/**
 * The name of a message here. Its id alone is not enough: ids can be foreseen, and a publisher that took
 * another's id in advance must not be able to hide the other's message (CloudEvents 1.0: id and source).
 */
export const nameOf = ({ id, source }: Pick<SealedEvent, "id" | "source">): string =>
  `${id}:${source}`;
/** All names that a message of this id may have. */
export const namesOf = (id: string): readonly string[] =>
  topicNames.map((source) => `${id}:${source}`);

/** One publisher's one counter: `policy:contoso`. */
export const sourceOf = ({ source, subject }: Pick<SealedEvent, "source" | "subject">): string =>
  `${source}:${encodeURIComponent(subject)}`;

/** What a parked message waits for: its cause, or the message before it of the same counter. */
export const forCause = (event: string): string => `cause:${event}`;
export const forSequence = (source: string, sequence: number): string =>
  `${afterPrefix(source)}${digits(sequence)}`;
export const afterPrefix = (source: string): string => `after:${source}:`;

/**
 * 256 neighbouring nodes of the tree's level 8·`level` (C2SP tlog-tiles): written when all of them are known; above
 * level 0 also before, so that a proof reads one document instead of one for each node. */
export const tileId = (level: number, index: number): string => `tile:${level}:${digits(index)}`;
export const tileHashes = 256;
/** A whole one has the root over its hashes, which saves whoever needs only that from joining them. */
export const TileRow = z.strictObject({ hashes: z.base64(), root: Hex256.optional() });

export const checkpointPrefix = "checkpoint:";
/** The newest one once more. */
export const lastCheckpointId = "checkpoint";
/** The chain's size says which checkpoint it is. */
export const checkpointId = (size: number): string => `${checkpointPrefix}${digits(size)}`;
export const CheckpointRow = z.strictObject({
  size: z.int().min(1),
  root: Hex256,
  note: z.string(),
  signedAt: Timestamp,
});
export type CheckpointRow = z.infer<typeof CheckpointRow>;

/** That this entry names or retires a key that signs checkpoints: whoever proves a part of the chain needs it. */
export const keyEntryPrefix = "key-entry:";
export const keyEntryId = (seq: number): string => `${keyEntryPrefix}${digits(seq)}`;
export const KeyEntryRow = z.strictObject({ seq: z.int().min(1) });

/** What witnesses added to the checkpoint of this size: signature lines, by the witness's name. */
export const cosignedId = (size: number): string => `cosigned:${digits(size)}`;
export const CosignedRow = z.record(z.string(), z.string());

/** How far each anchor got: the last size it took, and what became of the last one it was asked to take. */
export const anchorsId = "anchors";
export const AnchorsRow = z.record(
  z.string(),
  z.strictObject({ size: z.int().min(0), outcome: z.string(), at: Timestamp }),
);
export type AnchorsRow = z.infer<typeof AnchorsRow>;

/** The canonical text of an entry, and its hash. */
export const EntryRow = z.strictObject({ bytes: z.string(), hash: Hex256 });

/** What is left of an entry at the end of its retention. */
export const PrunedRow = z.strictObject({ pruned: z.literal(true), hash: Hex256 });
/** Up to which entry removal is sealed, and up to which it is done: `{to}` each. */
export const prunedId = "pruned";
export const prunedDoneId = "pruned-done";
export const PrunedToRow = z.strictObject({ to: z.int().min(1) });

/** The end of the chain, as a reader of the evidence sees it. */
export const HeadRow = z.strictObject({
  chain: Hex256,
  size: z.int().min(1),
  headHash: Hex256,
  /** Of the tree over all entries. */
  root: Hex256.optional(),
  sealedAt: Timestamp,
  /** The keys of the vault that the chain has named and not retired: the one in force, then replaced ones. */
  vkeys: z.array(z.string()).optional(),
});
export type HeadRow = z.infer<typeof HeadRow>;

/** A message that was met: recognises a repeat, and the same id with another content. */
export const EventRow = z.discriminatedUnion("status", [
  z.strictObject({ status: z.literal("sealed"), digest: Hex256, seq: z.int().min(0) }),
  z.strictObject({ status: z.literal("parked"), digest: Hex256, waitsFor: z.string() }),
]);
export type EventRow = z.infer<typeof EventRow>;

/** An action is about one person, and a ticket about few. Whoever comes later is named in single values. */
export const ticketPeopleMax = 20;

export const SourceRow = z.strictObject({ last: z.int().min(0) });
export const TicketRow = z.strictObject({
  count: z.int().min(1),
  last: z.int().min(0),
  /** Whom it is about: requester, target, claimant, recipient. */
  people: z.array(Pseudonym).max(ticketPeopleMax).optional(),
});
export type TicketRow = z.infer<typeof TicketRow>;
export const RequestRow = z.strictObject({ seq: z.int().min(0) });
export type RequestRow = z.infer<typeof RequestRow>;
/** By pseudonym: who granted stays as erasable as everywhere in the chain. */
export const GrantRow = z.strictObject({ seq: z.int().min(0), people: z.array(Pseudonym) });
export type GrantRow = z.infer<typeof GrantRow>;
export const ReadingRow = z.strictObject({ seq: z.int().min(0) });
export const PersonRow = z.strictObject({ pseudonym: Pseudonym });
export const ParkedRow = z.strictObject({
  waitsFor: z.string(),
  since: Timestamp,
  digest: Hex256,
  event: SealedEvent,
});
export type ParkedRow = z.infer<typeof ParkedRow>;

export const OrderRow = z.strictObject({
  erasure: Id,
  part: z.int().min(1),
  parts: z.int().min(1),
  ground: ReasonCode,
  orderedAt: Timestamp,
  tickets: z.int().min(0),
  /** The entries whose values go, as ranges, and the entry that says so of them. */
  sealed: z.array(
    z.strictObject({ seq: z.int().min(0), entries: z.string(), count: z.int().min(0) }),
  ),
});
export type OrderRow = z.infer<typeof OrderRow>;

const count = z.int().min(0);
export const ConfirmedRow = z.strictObject({
  source: TopicName,
  part: z.int().min(1),
  seq: count,
  states: count,
  documents: count,
  deadLetters: count,
});
export type ConfirmedRow = z.infer<typeof ConfirmedRow>;
