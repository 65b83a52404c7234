// The engine of a service: what happens to the messages of one state key, from their parsing to their end.
//
//   receive → parse → load state by key → seen this id? → decide → evolve → check sizes
//   → commit {input id, outputs, state} by compare-and-swap → publish → mark → complete
//
// (`receive.ts` does the first two and the last, `mailbox.ts` the waiting, `decider.ts` and `actor-decider.ts`
// the deciding, `outgoing.ts` the envelopes; all the rest is here.)
//
// Invariants:
//   H1. A message is completed only when all it caused is committed and published.
//   H2. State changes only by compare-and-swap: a lost session lock costs time, never correctness.
//   H3. One input id decides once within the inbox horizon; older inputs are refused. A redelivery publishes
//       the first decision again, unless that is known to be published.
//   H4. An outgoing id is a function of its publisher, the input (publisher and id) and the output's index.
//   H5. What fails its schema never reaches an actor.
//   H6. Every dead-lettering is itself published, before it is done.
//   H7. Restart is redelivery: there is no other recovery code.
//   H8. Time arrives as a message: an output with `notBefore` is a scheduled message on the own topic.
//   H9. Nothing too large is ever committed.

import { derivedId } from "@niivo/contracts/canonical";
import { inboxHorizonMs } from "@niivo/contracts/envelope";
import { z } from "zod";
import { backOffMs, pause } from "./back-off.ts";
import type { EngineParts } from "./binding.ts";
import type { Outgoing } from "./bus.ts";
import type { Decider, Input } from "./decider.ts";
import { jsonOf } from "./json.ts";
import { KeyDocument, keyOperation } from "./key-document.ts";
import { keyId } from "./key-trace.ts";
import { createMailboxes } from "./mailbox.ts";
import { kindOf, outgoingOf } from "./outgoing.ts";
import {
  ErasedError,
  type Outcome,
  outcomeAfterCommit,
  outcomeOfThrow,
  poison,
} from "./settlement.ts";
import { type Operation, type StoredDocument, StoreError } from "./store.ts";
import { tieKey } from "./ticket-keys.ts";
import { currentContext, tracedSend, tracedTurn } from "./tracing.ts";

/** The inbox remembers an input for as long as one may come again (H3). */
export const inboxSeconds = inboxHorizonMs / 1000;
const daySeconds = 24 * 60 * 60;
/** One state document and one inbox document per input leave room for a decider's own operations. */
const inputsMax = 64;
/** After so many conflicts in a row somebody else is at work on this key; the mailbox waits longer. */
const conflictsMax = 8;
const doublingsMax = 3;

export interface Item {
  readonly input: Input;
  /** The span that handles the input; its outputs carry it on. */
  readonly traceparent: string | undefined;
  /** How long its inbox document is kept; without it, for ever. */
  readonly rememberSeconds?: number;
}

interface Waiting {
  readonly key: string;
  readonly item: Item;
  readonly context: ReturnType<typeof currentContext>;
}

/** Settles one item: resolves when it is handled, refused, or its hold is over. Never throws. */
export type Run = (item: Item) => Promise<Outcome>;

export function createRun<State>(parts: EngineParts, decider: Decider<State>): Run {
  const settle = async (key: string, items: readonly Item[]): Promise<readonly Outcome[]> => {
    const outcome = await attempt(parts, decider, key, items);
    if (outcome.kind !== "poison" || items.length === 1) return items.map(() => outcome);
    // One of them is poison, or all together are too large (H9): the halves tell which.
    const half = Math.ceil(items.length / 2);
    const first = await settle(key, items.slice(0, half));
    return [...first, ...(await settle(key, items.slice(half)))];
  };
  const put = createMailboxes<Waiting>({
    itemsMax: inputsMax,
    holdMs: parts.holdMs,
    closing: parts.closing,
    idOf: ({ item }) => nameOf(item.input),
    settle: (waiting) => {
      const contexts = waiting.map(({ context }) => context);
      const items = waiting.map(({ item }) => item);
      return tracedTurn(parts.contract.topic, contexts, () => settle(waiting[0]?.key ?? "", items));
    },
  });
  return async (item) => {
    try {
      const key = decider.key(item.input);
      const context = currentContext();
      return await put(`${item.input.customer}/${key}`, { key, item, context });
    } catch (error) {
      return outcomeOfThrow(error);
    }
  };
}

// The documents. What this file writes it reads again with the same shape.

const OutgoingSchema: z.ZodType<Outgoing> = z.custom<Outgoing>(
  (value) =>
    z.looseObject({ envelope: z.looseObject({ id: z.string() }) }).safeParse(value).success,
);
const InboxDocument = z.object({ published: z.boolean(), outputs: z.array(OutgoingSchema) });

/** With its publisher: nobody can use up an id that another publisher is about to use. */
const nameOf = ({ source, id }: Named): string => `${source}:${id}`;
const inboxId = (input: Named): string => `inbox:${nameOf(input)}`;
type Named = { readonly source: string; readonly id: string };

interface Loaded {
  readonly etag: string | undefined;
  readonly document: KeyDocument | undefined;
  /** By input id: what an earlier delivery of it decided. */
  readonly seen: ReadonlyMap<string, z.infer<typeof InboxDocument>>;
}

/** What is committed and not yet known to be published. */
interface Decision {
  readonly item: Item;
  readonly outputs: readonly Outgoing[];
}

/** One try for all items together: all handled, or one outcome for all. Never throws. */
async function attempt<State>(
  parts: EngineParts,
  decider: Decider<State>,
  key: string,
  items: readonly Item[],
): Promise<Outcome> {
  const customer = items[0]?.input.customer ?? "";
  for (let conflicts = 0; conflicts < conflictsMax; conflicts++) {
    if (conflicts > 0) await pause(backOffMs(Math.min(conflicts, doublingsMax)), parts.closing);
    let loaded: Loaded;
    try {
      loaded = await load(parts, customer, key, items);
    } catch (error) {
      return outcomeAfterCommit(error); // An earlier try may have committed: nothing is set aside here.
    }
    const repeated = items.flatMap((item) => {
      const seen = loaded.seen.get(nameOf(item.input));
      const isMarked = seen?.published || parts.marks.has(customer, inboxId(item.input));
      return seen === undefined || isMarked ? [] : [{ item, outputs: seen.outputs }];
    });
    const fresh = items.filter(({ input }) => !loaded.seen.has(nameOf(input)));
    if (fresh.length === 0) return publishAndMark(parts, customer, repeated);
    let decided: Decided;
    try {
      decided = await decide(parts, decider, key, loaded, fresh);
    } catch (error) {
      parts.log.warn({ err: error, stateKey: key }, "nothing could be decided");
      return outcomeOfThrow(error);
    }
    const committed = await commit(parts, customer, decided.operations);
    if (committed === "too-large") return poison("too-large", "its commit would be too large"); // H9
    if (committed === "committed") decided.committed?.();
    if (committed === "committed")
      return publishAndMark(parts, customer, [...repeated, ...decided.decisions]);
  }
  return { kind: "transient", reason: "conflict" };
}

async function load(
  { store }: EngineParts,
  customer: string,
  key: string,
  items: readonly Item[],
): Promise<Loaded> {
  const [document, ...inbox] = await Promise.all([
    store.read(customer, keyId(key)),
    ...items.map(({ input }) => store.read(customer, inboxId(input))),
  ]);
  const seen = items.flatMap(({ input }, index) => {
    const found: StoredDocument | undefined = inbox[index];
    return found === undefined ? [] : [[nameOf(input), InboxDocument.parse(found.body)] as const];
  });
  return {
    etag: document?.etag,
    document: document === undefined ? undefined : KeyDocument.parse(document.body),
    seen: new Map(seen),
  };
}

/**
 * By compare-and-swap (H2). A commit that threw may have been applied: loading again tells, because then the
 * inputs are in the inbox (store port, "Retry").
 */
async function commit(
  { store, log }: EngineParts,
  customer: string,
  operations: readonly Operation[],
): Promise<"committed" | "again" | "too-large"> {
  try {
    const { kind } = await store.commit(customer, operations);
    return kind === "committed" ? "committed" : "again";
  } catch (error) {
    if (error instanceof StoreError && error.code !== "unavailable") return "too-large";
    log.debug({ err: error }, "a commit's outcome is unknown"); // `watched-store.ts` tells of it once.
    return "again";
  }
}

interface Decided {
  readonly operations: readonly Operation[];
  readonly decisions: readonly Decision[];
  readonly committed: (() => void) | undefined;
}

/** @throws what the decider throws, InvalidOutput, and ErasedError. */
async function decide<State>(
  parts: EngineParts,
  decider: Decider<State>,
  key: string,
  { document, etag }: Loaded,
  items: readonly Item[],
): Promise<Decided> {
  if (document?.erased !== undefined) throw new ErasedError();
  const now = parts.now();
  // True because only this function writes the document, from a State of the same decider.
  const state = document === undefined ? decider.initialState : (document.state as State);
  const inputs = items.map(({ input }) => input);
  const customer = inputs[0]?.customer ?? "";
  const keptSeconds = decider.keptDays === undefined ? undefined : decider.keptDays * daySeconds;
  const ticket = document?.ticket ?? inputs.find((input) => input.ticket !== undefined)?.ticket;
  const ties =
    keptSeconds === undefined || ticket === undefined || document?.ticket !== undefined
      ? []
      : await tieKey(parts.store, customer, { ticket, key, keptSeconds });
  const turn = { customer, key, state, inputs, store: parts.store, now };
  const result = await decider.turn(turn);
  let sequence = document?.sequence ?? 0;
  let lastEventId = document?.lastEventId ?? null;
  const decisions = items.map((item, position): Decision => {
    const { input, traceparent } = item;
    const outputs = (result.outputs[position] ?? []).map((message, index) => {
      const isEvent = kindOf(parts.contract, message.type) === "event";
      const { ticket, envelope } = input;
      const { correlationid } = envelope;
      const causationid = causeOf(input, lastEventId);
      // Two services that hear one event each answer under an id of their own.
      const id = derivedId(parts.contract.topic, input.source, input.id, String(index)); // H4
      if (isEvent) sequence += 1;
      const around = { id, subject: key, now, customer, ticket, correlationid, causationid };
      const outgoing = outgoingOf(parts.contract, { ...around, traceparent, sequence }, message);
      if (isEvent) lastEventId = id;
      return outgoing;
    });
    return { item, outputs };
  });
  const changed = result.state !== state || result.operations.length > 0;
  const its = document?.traceparent ?? items[0]?.traceparent;
  const traced = its === undefined ? {} : { traceparent: its };
  const tied = keptSeconds === undefined || ticket === undefined ? {} : { ticket };
  const body = { sequence, lastEventId, state: result.state, ...traced, ...tied };
  const same = !changed && decisions.every(({ outputs }) => outputs.length === 0);
  const operations = [
    ...(same ? [] : [keyOperation(keyId(key), jsonOf(body), etag, keptSeconds), ...ties]),
    ...decisions.map((decision) => inboxOperation("create", decision)),
    ...result.operations,
  ];
  return { operations, decisions, committed: result.committed };
}

/** The last event that led here: the input, or its own cause, or this key's last event. */
const causeOf = ({ envelope }: Input, lastEventId: string | null): string | undefined =>
  envelope.sequence === undefined
    ? (envelope.causationid ?? lastEventId ?? undefined)
    : envelope.id;

function inboxOperation(kind: "create" | "upsert", { item, outputs }: Decision): Operation {
  const body = jsonOf({ published: outputs.length === 0, outputs });
  const id = inboxId(item.input);
  const { rememberSeconds: ttlSeconds } = item;
  return ttlSeconds === undefined ? { kind, id, body } : { kind, id, body, ttlSeconds };
}

async function publishAndMark(
  parts: EngineParts,
  customer: string,
  decisions: readonly Decision[],
): Promise<Outcome> {
  const unpublished = decisions.filter(({ outputs }) => outputs.length > 0);
  if (unpublished.length === 0) return { kind: "handled" };
  const messages = unpublished.flatMap(({ outputs }) => outputs);
  try {
    await tracedSend(parts.contract.topic, messages, () => parts.publisher.publish(messages)); // H1
  } catch (error) {
    return outcomeAfterCommit(error);
  }
  // What is on the bus need not be kept here; the mark only spares a redelivery the repetition.
  const marks = unpublished.map(({ item }) => inboxOperation("upsert", { item, outputs: [] }));
  parts.marks.add(customer, marks);
  return { kind: "handled" };
}
