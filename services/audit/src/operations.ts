// What a turn writes: the entries with everything that belongs to them, in one commit, so that there is no
// moment at which an entry exists without its head, its counters or its erasable half.

import { accessWindowMs } from "@niivo/contracts/audit";
import type { Json } from "@niivo/contracts/canonical";
import {
  controlIn,
  controlTypes,
  KeyRetired,
  KeyRotate,
  RetentionPruned,
} from "@niivo/contracts/evidence/control";
import type { Operation } from "@niivo/host/store";
import { headRoot, type Sealed } from "./chain.ts";
import type { Sealing } from "./log.ts";
import {
  confirmedId,
  entryId,
  erasedId,
  eventId,
  grantedId,
  headId,
  keyEntryId,
  orderId,
  type ParkedRow,
  parkedId,
  personId,
  prunedId,
  readingId,
  requestedId,
  sourceId,
  ticketId,
  valueId,
} from "./rows.ts";
import { namedKeys } from "./seal-keys.ts";
import type { Known, SealedMessage } from "./work.ts";

/** Whoever asks again after that is a new entry. */
const readingSeconds = accessWindowMs / 1000;

/** The document operations that turn what was known before into what is known after. */
export function operationsOf(
  before: Known,
  { head, control, messages, readings, orders, known }: Sealing,
  values: ReadonlyMap<string, Json>,
): Operation[] {
  const { chain, size, headHash, lastSealedAt: sealedAt } = head;
  return [
    upsert(headId, {
      ...{ chain, size, headHash, root: headRoot(head), sealedAt },
      vkeys: [...namedKeys(head)],
    }),
    ...[...control, ...messages].map(entryOperation),
    ...control.flatMap(prunedOperation),
    ...control.flatMap(keyOperation),
    ...[...values].map(([name, value]) => create(valueId(name), value)),
    ...changed(before.events, known.events).map(([name, row]) => upsert(eventId(name), { ...row })),
    ...changed(before.requested, known.requested).map(([digest, row]) =>
      upsert(requestedId(digest), { ...row }),
    ),
    ...changed(before.granted, known.granted).map(([digest, row]) =>
      upsert(grantedId(digest), { ...row }),
    ),
    ...changed(before.sources, known.sources).map(([source, last]) =>
      upsert(sourceId(source), { last }),
    ),
    ...changed(before.tickets, known.tickets).map(([ticket, row]) =>
      upsert(ticketId(ticket), jsonOf(row)),
    ),
    // Whoever was erased in this turn and is named again has a new one; two writers may not both draw the first.
    ...changed(before.persons, known.persons).map(([objectId, pseudonym]) =>
      (before.persons.has(objectId) ? upsert : create)(personId(objectId), { pseudonym }),
    ),
    ...[...before.persons.keys()]
      .filter((objectId) => !known.persons.has(objectId))
      .map((objectId): Operation => ({ kind: "delete", id: personId(objectId) })),
    ...orders.map(({ order }) => upsert(erasedId(order.pseudonym), {})),
    ...orders.map(({ row }) => create(orderId(row.erasure, row.part), jsonOf(row))),
    ...messages.flatMap(confirmation),
    ...[...readings].map(
      ([id, seq]): Operation => ({
        kind: "upsert",
        id: readingId(id),
        body: { seq },
        ttlSeconds: readingSeconds,
      }),
    ),
    ...parkedOperations(before.parked, known.parked),
  ];
}

/** What a service deleted for an erasure, where its status finds it. */
function confirmation({ event, entry }: SealedMessage): readonly Operation[] {
  if (event.type !== "erasure.confirmed.v1") return [];
  const { erasure, ...counts } = event.data;
  const row = { ...counts, source: event.source, seq: entry.seq };
  return [upsert(confirmedId(erasure, counts.part, event.source), row)];
}

// An entry is only ever created: a second writer of the same number is refused by the store itself.
const entryOperation = ({ entry, text, hash }: Sealed): Operation =>
  create(entryId(entry.seq), { bytes: text, hash });

// In the very commit that seals it: bytes are removed only where this row says so (`retention.ts`).
function prunedOperation({ entry }: Sealed): readonly Operation[] {
  const pruned = controlIn(entry, controlTypes.pruned, RetentionPruned);
  return pruned === undefined ? [] : [upsert(prunedId, { to: pruned.to })];
}

function keyOperation({ entry }: Sealed): readonly Operation[] {
  const isOfKey =
    controlIn(entry, controlTypes.keyRotate, KeyRotate) ??
    controlIn(entry, controlTypes.keyRetired, KeyRetired);
  return isOfKey === undefined ? [] : [create(keyEntryId(entry.seq), { seq: entry.seq })];
}

function parkedOperations(before: Known["parked"], after: Known["parked"]): readonly Operation[] {
  const place = (name: string, { waitsFor }: ParkedRow): string => parkedId(waitsFor, name);
  const left = [...before].filter(([name, row]) => after.get(name)?.waitsFor !== row.waitsFor);
  return [
    ...left.map(([name, row]): Operation => ({ kind: "delete", id: place(name, row) })),
    ...[...after]
      .filter(([name, row]) => before.get(name)?.waitsFor !== row.waitsFor)
      .map(([name, row]) => create(place(name, row), { ...row, event: jsonOf(row.event) })),
  ];
}

/** Entries of `after` that `before` has not, or has otherwise. */
function changed<Row>(
  before: ReadonlyMap<string, Row>,
  after: ReadonlyMap<string, Row>,
): readonly (readonly [string, Row])[] {
  return [...after].filter(([key, row]) => before.get(key) !== row);
}

const create = (id: string, body: Json): Operation => ({ kind: "create", id, body });
const upsert = (id: string, body: Json): Operation => ({ kind: "upsert", id, body });

/** A parsed message as the JSON it came as: optional members that are absent stay absent. */
const jsonOf = (value: unknown): Json => JSON.parse(JSON.stringify(value));
