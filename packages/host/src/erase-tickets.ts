// What the host itself keeps of tickets, erased: the states of their keys, the messages that wait to be published or
// are remembered as published, and the letters set aside.

import { pathOf } from "@niivo/contracts/topology";
import { z } from "zod";
import { backOffMs, pause } from "./back-off.ts";
import type { HostParts } from "./binding.ts";
import type { DeadLetter, Outgoing } from "./bus.ts";
import { letterOf } from "./dead-letters.ts";
import { commitCounted } from "./erasure-tally.ts";
import { KeyDocument, keyOperation } from "./key-document.ts";
import { keyId } from "./key-trace.ts";
import { messageReader } from "./read-message.ts";
import { inboxSeconds } from "./run.ts";
import { type StoredDocument, StoreError } from "./store.ts";
import { keysOf, sealTicket } from "./ticket-keys.ts";

/** One order, as far as this file needs it. */
export interface Erasing {
  /** The message's id. It names the person, and its publisher may keep it still. */
  readonly order: string;
  readonly customer: string;
  readonly erasure: string;
  readonly person: string;
  readonly tickets: readonly string[];
  /** Where it is counted (`erasure-tally.ts`). */
  readonly tally: string;
  readonly keptSeconds: number;
}

/** Somebody is still at work on what is to be erased; it is tried again. */
const atWork = (what: string) => new StoreError("unavailable", `${what} is still at work`);
const conflictsMax = 20;

/** Empties the states of one ticket. From the first commit on no key of it can come up or change. */
export async function eraseStates(
  parts: HostParts,
  erasing: Erasing,
  ticket: string,
): Promise<void> {
  const { customer, keptSeconds } = erasing;
  if (parts.closing.aborted) throw atWork("the drain");
  await parts.store.commit(customer, [sealTicket(ticket, keptSeconds)]);
  for (const key of await keysOf(parts.store, customer, ticket))
    await eraseState(parts, erasing, ticket, key);
}

async function eraseState(
  { store, closing }: HostParts,
  { customer, erasure, tally, keptSeconds }: Erasing,
  ticket: string,
  key: string,
): Promise<void> {
  const id = keyId(key);
  for (let conflicts = 0; conflicts < conflictsMax; conflicts++) {
    if (conflicts > 0) await pause(backOffMs(Math.min(conflicts, 3)), closing);
    const found = await store.read(customer, id);
    const before = found === undefined ? undefined : KeyDocument.parse(found.body);
    if (before?.erased !== undefined) return;
    const { sequence = 0, lastEventId = null } = before ?? {};
    // A key that is not there yet, too: it may be the ticket's own, and must not come up any more.
    const body = { sequence, lastEventId, state: null, ticket, erased: erasure };
    const empty = keyOperation(id, body, found?.etag, keptSeconds);
    const states = before === undefined ? 0 : 1;
    if (await commitCounted(store, customer, tally, [empty], { states })) return;
  }
  throw atWork("its key");
}

const pageMax = 100;

const Kept = z.union([
  z.object({ published: z.boolean(), outputs: z.array(z.custom<Outgoing>(isOutgoing)) }),
  z.object({ status: z.literal("done"), outgoing: z.custom<Outgoing>(isOutgoing).nullable() }),
  z.object({ status: z.literal("leased"), leaseUntil: z.string(), ticket: z.string().optional() }),
]);

function isOutgoing(value: unknown): boolean {
  const shape = z.looseObject({ envelope: z.looseObject({ id: z.string(), type: z.string() }) });
  return shape.safeParse(value).success;
}

/**
 * Empties what inbox and effects remember to publish about the tickets. It may have been published and not been marked
 * so: it is published again, under the same ids, and then forgotten (H1).
 */
export async function eraseOutgoing(parts: HostParts, erasing: Erasing): Promise<void> {
  const tickets = new Set(erasing.tickets);
  for (const prefix of ["inbox:", "effect:"]) {
    for (let after: string | undefined; ; ) {
      const from = after === undefined ? {} : { after };
      const page = await parts.store.list(erasing.customer, { prefix, limit: pageMax, ...from });
      for (const document of page) await emptyKept(parts, erasing, tickets, document);
      after = page.at(-1)?.id;
      if (page.length < pageMax) break;
    }
  }
}

async function emptyKept(
  { store, publisher, now }: HostParts,
  { customer, order }: Erasing,
  tickets: ReadonlySet<string>,
  { id, etag, body }: StoredDocument,
): Promise<void> {
  const kept = Kept.parse(body);
  if ("leaseUntil" in kept) {
    const isOurs = kept.ticket !== undefined && tickets.has(kept.ticket);
    if (isOurs && Date.parse(kept.leaseUntil) > now().getTime()) throw atWork("an effect");
    return;
  }
  const waiting = "outputs" in kept ? kept.outputs : kept.outgoing === null ? [] : [kept.outgoing];
  const isOrder = ({ envelope }: Outgoing) => envelope.id === order;
  const isPersonal = ({ envelope }: Outgoing) =>
    envelope.ticket !== undefined &&
    tickets.has(envelope.ticket) &&
    envelope.type !== "message.dead-lettered.v1"; // Kept for ever, and nothing in it is of a person.
  if (!waiting.some((one) => isOrder(one) || isPersonal(one))) return;
  // The order itself has come, so it is published.
  const unknown = waiting.filter((one) => !isOrder(one));
  if (unknown.length > 0) await publisher.publish(unknown);
  const emptied =
    "outputs" in kept ? { published: true, outputs: [] } : { status: "done", outgoing: null };
  // A conflict means that it has just been marked as published.
  await store.commit(customer, [
    { kind: "replace", id, etag, body: emptied, ttlSeconds: inboxSeconds },
  ]);
}

const guid = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/gi;

/** Deletes the letters set aside that name one of the tickets or the person, after they were told of (H6). */
export async function eraseDeadLetters(parts: HostParts, erasing: Erasing): Promise<void> {
  const { customer, tickets, person } = erasing;
  const named = new Set([...tickets, person].map((one) => one.toLowerCase()));
  for (const subscription of parts.reads) {
    const read = messageReader(subscription);
    const isAbout = (letter: DeadLetter): boolean => {
      const message = read(letter.body, parts.now());
      const its = message.kind === "message" ? message.envelope.customer : message.customer;
      if (its !== undefined && its !== customer) return false;
      const text = Buffer.from(letter.body).toString("utf8");
      return (text.match(guid) ?? []).some((one) => named.has(one.toLowerCase()));
    };
    const found = new Set<bigint>();
    for (let from = 0n; ; ) {
      const page = await parts.letters.peekDeadLetters(subscription, from);
      for (const letter of page) {
        from = letter.sequenceNumber >= from ? letter.sequenceNumber + 1n : from;
        if (!isAbout(letter)) continue;
        const told = await parts.deadLetters(letterOf(subscription, letter, read, parts.now()));
        if (told.kind !== "handled") throw atWork("a dead letter");
        found.add(letter.sequenceNumber);
      }
      if (page.length === 0) break;
    }
    if (found.size === 0) continue;
    const letters = [...found].map((number) => `${pathOf(subscription)} ${number}`);
    await commitCounted(parts.store, customer, erasing.tally, [], { letters });
    const taken = await parts.letters.removeDeadLetters(subscription, found);
    if (taken < found.size) throw atWork("a reader of dead letters");
  }
}
