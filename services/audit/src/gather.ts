// Loads what the store knows about the messages of a turn, so that `log.ts` can decide without reading. What
// is parked and might be sealed with them is among it, up to a limit; the rest comes with later turns.

import type { Json } from "@niivo/contracts/canonical";
import type { StoreReader } from "@niivo/host/store";
import type { z } from "zod";
import { tell } from "./entry.ts";
import {
  afterPrefix,
  EventRow,
  eventPrefix,
  forCause,
  GrantRow,
  grantedId,
  nameOf,
  namesOf,
  ParkedRow,
  PersonRow,
  parkedId,
  parkedPrefix,
  personId,
  RequestRow,
  receiptRowId,
  requestedId,
  SourceRow,
  sourceId,
  sourceOf,
  TicketRow,
  ticketId,
} from "./rows.ts";
import type { SealedEvent } from "./sealed-event.ts";
import type { Arrival, Known } from "./work.ts";

/** More than a turn can seal: the budget of a commit ends it earlier. */
const parkedGatheredMax = 24;

/** @throws StoreError `unavailable`; ZodError on a row that nobody but us can have written. */
export async function gather(
  store: StoreReader,
  customer: string,
  arrivals: readonly Arrival[],
): Promise<Known> {
  const gathering: Gathering = {
    store,
    customer,
    events: new Map(),
    receipts: new Set(),
    requested: new Map(),
    granted: new Map(),
    sources: new Map(),
    tickets: new Map(),
    persons: new Map(),
    parked: new Map(),
  };
  const events = arrivals.flatMap((arrival) => (arrival.kind === "event" ? [arrival.event] : []));
  const dues = arrivals.flatMap((arrival) => (arrival.kind === "due" ? [arrival.eventId] : []));
  await Promise.all([
    ...events.map(({ id }) => loadEvent(gathering, id)),
    ...dues.map((id) => loadEvent(gathering, id)),
    ...arrivals.map((arrival) =>
      arrival.kind === "access" ? loadPerson(gathering, arrival.reader.toLowerCase()) : undefined,
    ),
    ...arrivals.flatMap((arrival) =>
      arrival.kind === "erase"
        ? [arrival.order.by, arrival.order.person].map((one) =>
            loadPerson(gathering, one.toLowerCase()),
          )
        : [],
    ),
  ]);
  const looked = new Set<string>();
  for (let waiting = [...events, ...parkedOf(gathering)]; waiting.length > 0; ) {
    for (const event of waiting) looked.add(nameOf(event));
    await Promise.all(waiting.map((event) => loadAround(gathering, event)));
    waiting = parkedOf(gathering).filter((event) => !looked.has(nameOf(event)));
  }
  const { store: _store, customer: _customer, ...known } = gathering;
  return known;
}

interface Gathering {
  readonly store: StoreReader;
  readonly customer: string;
  readonly events: Map<string, EventRow>;
  readonly receipts: Set<string>;
  readonly requested: Map<string, RequestRow>;
  readonly granted: Map<string, GrantRow>;
  readonly sources: Map<string, number>;
  readonly tickets: Map<string, TicketRow>;
  readonly persons: Map<string, string>;
  readonly parked: Map<string, ParkedRow>;
}

const parkedOf = ({ parked }: Gathering): readonly SealedEvent[] =>
  [...parked.values()].map(({ event }) => event);

/** The message of this id, of whichever publisher, and its parked content if it waits. */
async function loadEvent(gathering: Gathering, id: string): Promise<void> {
  const { store, customer, events } = gathering;
  const prefix = eventPrefix(id);
  const found = await store.list(customer, { prefix, limit: namesOf(id).length });
  for (const { id: rowId, body } of found) {
    const name = `${id}:${rowId.slice(prefix.length)}`;
    const row = EventRow.parse(body);
    events.set(name, row);
    if (row.status === "parked") await loadParked(gathering, parkedId(row.waitsFor, name));
  }
}

async function loadParked(gathering: Gathering, rowId: string): Promise<void> {
  const { store, customer } = gathering;
  const found = await store.read(customer, rowId);
  if (found !== undefined) addParked(gathering, found.body);
}

function addParked({ parked, events }: Gathering, body: Json): void {
  const row = ParkedRow.parse(body);
  const name = nameOf(row.event);
  parked.set(name, row);
  events.set(name, { status: "parked", digest: row.digest, waitsFor: row.waitsFor });
}

/** What it builds on, and who waits for it or stands before it in its counter. */
async function loadAround(gathering: Gathering, event: SealedEvent): Promise<void> {
  const { store, customer, receipts, sources, tickets } = gathering;
  const source = sourceOf(event);
  const { causationid: cause, ticket } = event;
  const set = <Row>(map: Map<string, Row>, key: string, row: Row | undefined): void => {
    if (row !== undefined) map.set(key, row);
  };
  const wait = async (prefix: string): Promise<void> => {
    const found = await store.list(customer, { prefix, limit: parkedGatheredMax });
    // Who is left out here has a timer. A message whose timer came is never left out.
    for (const { body } of found)
      if (gathering.parked.size < parkedGatheredMax) addParked(gathering, body);
  };
  const number = async (): Promise<void> =>
    set(sources, source, (await row(gathering, sourceId(source), SourceRow))?.last);
  const thread = async (one: string): Promise<void> =>
    set(tickets, one, await row(gathering, ticketId(one), TicketRow));
  const receipt = async (one: string): Promise<void> => {
    if ((await store.read(customer, receiptRowId(one))) !== undefined) receipts.add(one);
  };
  await Promise.all([
    number(),
    wait(parkedPrefix(forCause(event.id))),
    wait(`parked:${afterPrefix(source)}`),
    ...(ticket === undefined ? [] : [thread(ticket)]),
    ...(cause === undefined ? [] : [loadEvent(gathering, cause), receipt(cause)]),
    ...(event.type === "action.allowed.v1" ? [loadHeard(gathering, event.data.digest)] : []),
    ...personsOf(event).map((one) => loadPerson(gathering, one)),
  ]);
}

async function loadPerson(gathering: Gathering, person: string): Promise<void> {
  const found = await row(gathering, personId(person), PersonRow);
  if (found !== undefined) gathering.persons.set(person, found.pseudonym);
}

/** Whether the agent requested an allowed action, and who granted it (L16). */
async function loadHeard(gathering: Gathering, digest: string): Promise<void> {
  const [request, grant] = await Promise.all([
    row(gathering, requestedId(digest), RequestRow),
    row(gathering, grantedId(digest), GrantRow),
  ]);
  if (request !== undefined) gathering.requested.set(digest, request);
  if (grant !== undefined) gathering.granted.set(digest, grant);
}

async function row<Schema extends z.ZodType>(
  { store, customer }: Gathering,
  id: string,
  schema: Schema,
): Promise<z.output<Schema> | undefined> {
  const found = await store.read(customer, id);
  return found === undefined ? undefined : schema.parse(found.body);
}

/** The people an entry about this message would name. */
function personsOf(event: SealedEvent): readonly string[] {
  const named = new Set<string>();
  tell(event, (objectId) => {
    named.add(objectId.toLowerCase());
    return objectId;
  });
  return [...named];
}
