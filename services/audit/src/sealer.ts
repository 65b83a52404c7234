// The audit service's turn: waiting messages of one customer become entries of its chain, and every allow
// among them that is borne out (L16, see `authority.ts`) gets its receipt.
//
// Invariants:
//   L12. A receipt exists only for an allow whose entry is in the same commit.
//   L13. A customer nobody configured has no chain: a message that names one is refused, and the refusal
//        is an entry of the platform's chain.
//   L17. A chain begins with `chain.open` alone. A message that finds no chain is never the reason for one: it
//        waits for the command.

import { randomBytes } from "node:crypto";
import {
  ChainOpen,
  HeartbeatDue,
  ParkedDue,
  RetentionDue,
  receiptMs,
} from "@niivo/contracts/audit";
import { derivedId, keyedDigest } from "@niivo/contracts/canonical";
import { platformCustomer } from "@niivo/contracts/envelope";
import { ErasureRequest } from "@niivo/contracts/erasure";
import { receiptWithheld } from "@niivo/contracts/evidence/authority";
import { type Receipt, receiptText } from "@niivo/contracts/receipt";
import type { DecidedMessage, Decider, Input, TurnResult } from "@niivo/host/decider";
import { recordSeconds } from "@niivo/host/metrics";
import { type Operation, StoreError, type StoreReader } from "@niivo/host/store";
import { attribute } from "@niivo/host/telemetry-names";
import { accessIn } from "./access.ts";
import { type Head, StoredHead, storedHead, storedRange } from "./chain.ts";
import { eraseIn } from "./erase-plan.ts";
import { gather } from "./gather.ts";
import { type Sealing, seal } from "./log.ts";
import { operationsOf } from "./operations.ts";
import { nameOf, receiptRowId } from "./rows.ts";
import { isKeyDue, leavingKeys } from "./seal-keys.ts";
import { sealValues } from "./seal-values.ts";
import { SealedEvent } from "./sealed-event.ts";
import type { HeldKey, SealingKeys } from "./sealing-key.ts";
import { rangeOf } from "./stored-chain.ts";
import { readCheckpoint } from "./stored-checkpoints.ts";
import type { ValueKeys } from "./value-keys.ts";
import type { Arrival, NoteNames, SealedMessage, SealTurn } from "./work.ts";
import type { Writer } from "./writer.ts";

/** Until `chain.open` there is no chain. */
export type SealerState =
  | { readonly status: "unopened" }
  | { readonly status: "open"; readonly head: StoredHead };

export interface SealerOptions {
  /** Ids of the configured customers. */
  readonly customers: ReadonlySet<string>;
  readonly sealingKeys: SealingKeys;
  readonly valueKeys: ValueKeys;
  readonly signer: () => Promise<NoteNames>;
  /** Asked for every turn: throws where this process may not seal (L18). */
  readonly writer: () => Writer;
  /** For how long this process has received without a break. */
  readonly receivingMs: () => number;
}

const seedBytes = 32;

export function sealer(options: SealerOptions): Decider<SealerState> {
  return {
    initialState: { status: "unopened" },
    key: ({ customer }) => customer,
    turn: async ({ customer, state, inputs, store, now }) => {
      if (customer !== platformCustomer && !options.customers.has(customer))
        throw new UnknownCustomer(); // L13
      const asked = inputs.map(arrivalOf);
      const isAsked = asked.some(({ kind }) => kind === "open");
      if (state.status === "unopened" && !isAsked) throw new NoChainYet(); // L17
      const notes = await options.signer();
      const signedSize = await signedUpTo(store, customer, state, notes);
      const isOnlyOpened = state.status === "open" && asked.every(({ kind }) => kind === "open");
      if (isOnlyOpened && !isKeyDue(state.head, notes, signedSize))
        return { state, outputs: inputs.map(() => []), operations: [] };
      const writer = options.writer();
      const held = await options.sealingKeys(now);
      const arrivals = await Promise.all(
        asked.map(async (one) =>
          one.kind === "erase" ? await eraseIn(store, customer, one) : one,
        ),
      );
      const known = await gather(store, customer, arrivals);
      const seed = randomBytes(seedBytes).toString("hex");
      const sealing = seal({
        customer,
        head: state.status === "open" ? await headOf(store, customer, state.head) : undefined,
        known,
        arrivals,
        now,
        seed,
        writer,
        receivingMs: options.receivingMs(),
        notes,
        signedSize,
        sealingKey: announced(held),
      });
      if (isNothing(sealing, arrivals))
        return { state, outputs: inputs.map(() => []), operations: [] };
      const values = await sealValues({ store, keys: options.valueKeys, customer }, sealing);
      return resultOf(sealing, operationsOf(known, sealing, values), { inputs, held, seed, now });
    },
  };
}

/** Asked for only while a key that was replaced waits for its end: that is a document less in nearly every turn. */
async function signedUpTo(
  store: StoreReader,
  customer: string,
  state: SealerState,
  notes: NoteNames,
): Promise<number> {
  if (state.status === "unopened" || leavingKeys(state.head, notes).length === 0) return 0;
  return (await readCheckpoint(store, customer))?.size ?? 0;
}

// A heartbeat that nobody needed leaves no trace.
const isNothing = ({ control }: Sealing, arrivals: readonly Arrival[]): boolean =>
  control.length === 0 && arrivals.every(({ kind }) => quiet.has(kind));

const quiet: ReadonlySet<Arrival["kind"]> = new Set(["heartbeat", "open", "retention"]);

/** The head as the last turn left it. A chain of before the tree gets it from the bytes that lie there. */
async function headOf(store: StoreReader, customer: string, state: StoredHead): Promise<Head> {
  const { range: _range, ...head } = StoredHead.parse(state);
  return { ...head, range: storedRange(state) ?? (await rangeOf(store, customer, head.size)) };
}

/**
 * Not a fault of the message: it is kept and tried again until its chain is open, which the start of this very
 * process asks for. The host takes a store that is not ready for transient, and nothing else is sealed here.
 */
class NoChainYet extends StoreError {
  constructor() {
    super("unavailable", "the chain of this customer is not open yet");
    this.name = "NoChainYet";
  }
}

/** The message is dead-lettered, and the host tells the platform so. */
class UnknownCustomer extends Error {
  readonly code = "unknown-customer";
  constructor() {
    super("a message of a customer that is not configured");
    this.name = "UnknownCustomer";
  }
}

// The host has parsed the envelope with its contract; this gives it back its type.
function arrivalOf({ envelope, ticket }: Input): Arrival {
  const access = accessIn(envelope);
  if (access !== undefined) return access;
  const request = ErasureRequest.safeParse(envelope).data;
  if (request !== undefined) return { kind: "erase", order: request.data, since: [] };
  if (ChainOpen.safeParse(envelope).success) return { kind: "open" };
  if (HeartbeatDue.safeParse(envelope).success) return { kind: "heartbeat" };
  const retention = RetentionDue.safeParse(envelope).data;
  if (retention !== undefined) return { kind: "retention", ...retention.data };
  const timer = ParkedDue.safeParse(envelope).data;
  return timer === undefined
    ? { kind: "event", event: SealedEvent.parse(envelope) }
    : { kind: "due", eventId: timer.data.eventId, ticket };
}

function announced({ digest, sealingKey }: HeldKey): SealTurn["sealingKey"] {
  const { publicKey, ...endorsed } = sealingKey;
  return { digest, ...endorsed, x: publicKey.x, y: publicKey.y };
}

interface Answering {
  readonly inputs: readonly Input[];
  readonly held: HeldKey;
  /** The turn's random bits (`SealTurn`). */
  readonly seed: string;
  readonly now: Date;
}

function resultOf(
  sealing: Sealing,
  operations: readonly Operation[],
  answering: Answering,
): TurnResult<SealerState> {
  const { inputs, now } = answering;
  const outputs: DecidedMessage[][] = inputs.map(() => []);
  const receiptRows: Operation[] = [];
  for (const message of sealing.messages) {
    const receipt = receiptFor(message, answering);
    const [input, out] = [inputs[message.arrival], outputs[message.arrival]];
    if (receipt === undefined || input === undefined || out === undefined) continue;
    // The id that the host gives the receipt (H4): what it causes finds here that its cause is ours.
    const id = derivedId("audit", input.source, input.id, String(out.length));
    const { allowId, seq } = receipt;
    receiptRows.push({ kind: "create", id: receiptRowId(id), body: { allowId, seq } });
    out.push({ type: "receipt.issued.v1", data: receipt });
  }
  for (const { arrival, order } of sealing.orders) {
    const { erasure, part, parts, person, tickets } = order;
    const data = { erasure, part, parts, person, tickets };
    outputs[arrival]?.push({ type: "erasure.ordered.v1", data });
  }
  for (const { eventId, arrival, notBefore } of sealing.timers)
    outputs[arrival]?.push({
      type: "parked.due.v1",
      data: { eventId },
      ...(notBefore === undefined ? {} : { notBefore }),
    });
  return {
    state: { status: "open", head: storedHead(sealing.head) },
    outputs,
    operations: [...operations, ...receiptRows],
    committed: () => {
      for (const { event } of sealing.messages)
        recordSeconds("sealLatency", (now.getTime() - Date.parse(event.time)) / 1000, {
          [attribute.destination]: event.source,
        });
    },
  };
}

function receiptFor(
  { event, entry, hash }: SealedMessage,
  { held: { sealingKey, sign }, seed, now }: Answering,
): Receipt | undefined {
  if (event.type !== "action.allowed.v1" || entry.outcome === receiptWithheld) return undefined; // L16
  const signed = {
    audience: "broker" as const,
    actionId: event.data.action.id,
    digest: event.data.digest,
    allowId: event.id,
    chain: entry.chain,
    seq: entry.seq,
    entryHash: hash,
    nonce: keyedDigest(seed, ["receipt", nameOf(event)]),
    issuedAt: now.toISOString(),
    expiresAt: new Date(
      Math.min(now.getTime() + receiptMs, Date.parse(sealingKey.notAfter)), // It may not outlive its key.
    ).toISOString(),
  };
  return { ...signed, sealingKey, signature: sign(receiptText(signed)) };
}
