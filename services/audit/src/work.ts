// The turn under way: what is known, what was decided so far, and how one message becomes an entry. Pure:
// `log.ts` decides the order, and only its functions see this mutable state.

import { checkpointMs, heartbeatMs } from "@niivo/contracts/audit";
import { keyedDigest } from "@niivo/contracts/canonical";
import type { ErasureRequest } from "@niivo/contracts/erasure";
import type { Entry } from "@niivo/contracts/evidence";
import { type Heard, hear, isBorneOut, receiptWithheld } from "@niivo/contracts/evidence/authority";
import type { controlTypes } from "@niivo/contracts/evidence/control";
import type { z } from "zod";
import {
  append,
  commitment,
  control,
  type EntryFields,
  genesis,
  type Head,
  type Sealed,
  withAnnounced,
} from "./chain.ts";
import { tell } from "./entry.ts";
import { subjectsIn } from "./erase-plan.ts";
import {
  type EventRow,
  type GrantRow,
  nameOf,
  type OrderRow,
  type ParkedRow,
  type RequestRow,
  sourceOf,
  type TicketRow,
  ticketPeopleMax,
} from "./rows.ts";
import type { SealedEvent } from "./sealed-event.ts";
import { Fenced, type Writer } from "./writer.ts";

/** What the store knows about the messages of a turn. What is in none of these is not known. */
export interface Known {
  /** By name, as are the parked ones. */
  readonly events: ReadonlyMap<string, EventRow>;
  /** Ids of receipts that audit published: as causes they count as sealed. */
  readonly receipts: ReadonlySet<string>;
  /** By digest: what the agent requested, and what people granted. */
  readonly requested: ReadonlyMap<string, RequestRow>;
  readonly granted: ReadonlyMap<string, GrantRow>;
  /** The last sequence of a counter. */
  readonly sources: ReadonlyMap<string, number>;
  readonly tickets: ReadonlyMap<string, TicketRow>;
  /** Pseudonyms by object id in lower case: written differently, an id is still the same person. */
  readonly persons: ReadonlyMap<string, string>;
  readonly parked: ReadonlyMap<string, ParkedRow>;
}

/** An input of a turn: a message to seal, the timer of a parked one, or the wish for a chain. */
export type Arrival =
  | { readonly kind: "event"; readonly event: SealedEvent }
  | { readonly kind: "due"; readonly eventId: string; readonly ticket: string | undefined }
  | { readonly kind: "open" }
  /** Nothing may have happened for a while. */
  | { readonly kind: "heartbeat" }
  | Retention
  | Access
  | Erase;

/** Somebody orders an erasure (`seal-erasure.ts`). */
export interface Erase {
  readonly kind: "erase";
  readonly order: z.infer<typeof ErasureRequest>["data"];
  /** Entries to erase that were sealed since it was planned. */
  readonly since: readonly number[];
}

/** Somebody reads or verifies (`access.ts`). */
export interface Access {
  readonly kind: "access";
  /** Of the command that says so. */
  readonly id: string;
  readonly reader: string;
  readonly type: typeof controlTypes.access | typeof controlTypes.verified;
  readonly detail: Entry["detail"];
  readonly outcome?: string;
}

/** The bytes of these entries are older than the retention (`retention.ts`). */
export interface Retention {
  readonly kind: "retention";
  readonly from: number;
  readonly to: number;
  readonly days: number;
}

export interface SealTurn {
  readonly customer: string;
  /** Absent where there is no chain yet; then one of the arrivals opens it (L17). */
  readonly head: Head | undefined;
  readonly known: Known;
  readonly arrivals: readonly Arrival[];
  readonly now: Date;
  /** 256 random bits, drawn for this turn and stored nowhere: nonce, salts and pseudonyms come of it. */
  readonly seed: string;
  /** The process that seals, and the term of its lease. */
  readonly writer: Writer;
  /** For how long the process has received without a break, by a clock that nobody sets. */
  readonly receivingMs: number;
  readonly sealingKey: AnnouncedKey;
  readonly notes: NoteNames;
  /** The size of the newest checkpoint; 0 where there is none, or where it does not matter. */
  readonly signedSize: number;
}

/** A sealing key as the chain announces it. */
interface AnnouncedKey {
  readonly digest: string;
  readonly notBefore: string;
  readonly notAfter: string;
  readonly endorsedBy: string;
  /** Its public half, and the vault key's signature over all of it. */
  readonly x: string;
  readonly y: string;
  readonly endorsement: string;
}

/** How checkpoints of a chain are named and signed: texts of keys (signed-note). */
export interface NoteNames {
  readonly origin: (chain: string) => string;
  /** Of the vault's key, which is the authority. */
  readonly vkey: (chain: string) => string;
  /** Of all keys of the vault that sign now: that one, and one before it while it is being replaced. */
  readonly vkeys: (chain: string) => readonly string[];
  /** Of the software key beside it. */
  readonly softwareVkey: (chain: string) => string;
}

export interface SealedMessage extends Sealed {
  readonly event: SealedEvent;
  readonly digest: string;
  readonly salt: string;
  /** Index of the arrival that led to it. */
  readonly arrival: number;
}

/** A timer to send for a parked message; without `notBefore` the next turn comes at once. */
export interface Timer {
  readonly eventId: string;
  readonly arrival: number;
  readonly notBefore?: string;
}

/** One part of an erasure, sealed in this turn; it is published in the same commit. */
export interface SealedOrder {
  readonly arrival: number;
  readonly order: Erase["order"];
  readonly row: OrderRow;
}

/** The turn under way: copies of what is known, which the functions below bring forward. */
export interface Work extends Heard {
  readonly turn: SealTurn;
  readonly events: Map<string, EventRow>;
  readonly receipts: ReadonlySet<string>;
  readonly sources: Map<string, number>;
  readonly tickets: Map<string, TicketRow>;
  readonly persons: Map<string, string>;
  readonly parked: Map<string, ParkedRow>;
  /** Parked in this very turn, by arrival: they cost less to seal than to keep. */
  readonly fresh: Map<string, number>;
  readonly control: Sealed[];
  readonly messages: SealedMessage[];
  readonly timers: Timer[];
  /** The numbers of the entries that say who read, by the command's id. */
  readonly readings: Map<string, number>;
  readonly orders: SealedOrder[];
  head: Head;
  arrival: number;
}

/**
 * Says at once who seals and with which key, after the genesis where this turn opens the chain.
 * @throws TypeError without a chain and without the command that opens it (L17).
 * @throws Fenced where a later term has written (L19).
 */
export function begin(turn: SealTurn): Work {
  const { known, now, seed, writer, sealingKey } = turn;
  const isOpening = turn.head === undefined && turn.arrivals.some(({ kind }) => kind === "open");
  const opened = isOpening
    ? genesis(keyedDigest(seed, ["nonce"]), writer, now, (chain) => about(turn, chain))
    : undefined;
  // The first entry of a new chain names the key that signs it.
  const head =
    opened === undefined ? turn.head : { ...opened.head, vkey: turn.notes.vkey(opened.head.chain) };
  if (head === undefined) throw new TypeError("a turn has a head or opens a chain"); // L17
  const work: Work = {
    turn,
    events: new Map(known.events),
    receipts: known.receipts,
    requested: new Map(known.requested),
    granted: new Map(known.granted),
    sources: new Map(known.sources),
    tickets: new Map(known.tickets),
    persons: new Map(known.persons),
    parked: new Map(known.parked),
    fresh: new Map(),
    control: opened === undefined ? [] : [opened.sealed],
    messages: [],
    timers: [],
    readings: new Map(),
    orders: [],
    head,
    arrival: 0,
  };
  const { term, instance } = writer;
  if (work.head.writer.epoch > term) throw new Fenced(); // L19
  if (work.head.writer.epoch < term) {
    work.head = { ...work.head, writer: { epoch: term, instance } };
    addControl(work, control("writer.takeover", { instance }, now)); // L4
  }
  if (!work.head.announced.includes(sealingKey.digest)) {
    const { digest: key, ...detail } = sealingKey;
    addControl(work, control("sealing-key.announced", { key, ...detail }, now));
    work.head = withAnnounced(work.head, key);
  }
  return work;
}

/** What the first entry of a chain says: how outsiders name it, how often it is signed, and by which keys. */
const about = ({ notes }: SealTurn, chain: string): Entry["detail"] => ({
  origin: notes.origin(chain),
  checkpointMs,
  heartbeatMs,
  vkey: notes.vkey(chain),
  softwareVkey: notes.softwareVkey(chain),
});

/** Puts a message at the end of the chain. */
export function sealMessage(
  work: Work,
  { event, digest }: Omit<ParkedRow, "waitsFor">,
  gap?: Entry["gap"],
): void {
  const { seed, now } = work.turn;
  const seq = work.head.size;
  const source = sourceOf(event);
  const last = work.sources.get(source) ?? 0;
  const name = nameOf(event);
  const salt = keyedDigest(seed, ["salt", name]);
  const fields = answered(work, fieldsOf(work, event, last, gap));
  const { head, sealed } = append(work.head, { ...fields, commit: commitment(salt, event) }, now);
  work.head = head;
  hear(work, fields, seq);
  work.messages.push({ ...sealed, event, digest, salt, arrival: work.arrival });
  work.parked.delete(name);
  work.events.set(name, { status: "sealed", digest, seq });
  work.sources.set(source, Math.max(last, event.sequence));
  if (event.ticket !== undefined) {
    const { count = 0, people: known = [] } = work.tickets.get(event.ticket) ?? {};
    const people = [...new Set([...known, ...subjectsIn(fields)])].slice(0, ticketPeopleMax);
    const about = people.length === 0 ? {} : { people };
    work.tickets.set(event.ticket, { count: count + 1, last: seq, ...about });
  }
}

// L16. Decided when it is sealed, on what stands before it: what comes later gives no receipt any more.
const answered = (work: Work, fields: EntryFields): EntryFields =>
  fields.type !== "action.allowed.v1" || isBorneOut(work, fields)
    ? fields
    : { ...fields, outcome: receiptWithheld };

function fieldsOf(work: Work, event: SealedEvent, last: number, gap: Entry["gap"]): EntryFields {
  const told = tell(event, (objectId) => pseudonym(work, objectId));
  const { id, source, subject, sequence, causationid, type, time, ticket } = event;
  const thread = ticket === undefined ? undefined : work.tickets.get(ticket);
  return {
    event: {
      id,
      source,
      key: subject,
      sequence,
      ...(causationid === undefined ? {} : { cause: causationid }),
    },
    type,
    occurredAt: time,
    ...told,
    // A message that comes after its place was passed over closes a gap, and says so.
    ...(sequence <= last ? { detail: { ...told.detail, late: true } } : {}),
    ...(ticket === undefined
      ? {}
      : {
          ticket: {
            id: ticket,
            seq: thread?.count ?? 0,
            ...(thread === undefined ? {} : { prev: thread.last }),
          },
        }),
    ...(gap === undefined ? {} : { gap }),
  };
}

/** The pseudonym of a person in this chain; drawn where there is none yet. */
export function pseudonym(work: Work, objectId: string): string {
  const person = objectId.toLowerCase();
  const known = work.persons.get(person);
  if (known !== undefined) return known;
  const drawn = `psn:${keyedDigest(work.turn.seed, ["person", person]).slice(0, 32)}`;
  work.persons.set(person, drawn);
  return drawn;
}

/** Puts an entry of audit's own at the end of the chain. */
export function addControl(work: Work, fields: EntryFields): void {
  const { head, sealed } = append(work.head, fields, work.turn.now);
  work.head = head;
  work.control.push(sealed);
}
