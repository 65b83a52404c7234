// Effects: what a service's own messages cause outside, under a lease.
//
//   {leased} is committed → perform, with a deadline inside the lease → {done, command} is committed
//   → the command is published to the own topic → complete
//
// A redelivery finds the document. `done`: the command is published again, under its first id. Leased and
// not over: it waits. Leased and over: whoever held it was interrupted, and nobody knows whether it happened; where
// a repeat is safe it is done again under a new lease, elsewhere the `interrupted` command says so.

import { randomUUID } from "node:crypto";
import { derivedId } from "@niivo/contracts/canonical";
import { type Envelope, inboxHorizonMs } from "@niivo/contracts/envelope";
import type { Subscription } from "@niivo/contracts/topology";
import { z } from "zod";
import { backOffMs, pause } from "./back-off.ts";
import { type AnyReceived, type Binding, type HostParts, receivedOf } from "./binding.ts";
import type { Outgoing } from "./bus.ts";
import { isJson, jsonOf } from "./json.ts";
import { outgoingOf } from "./outgoing.ts";
import { receiving } from "./receive.ts";
import { type Outcome, outcomeOfThrow } from "./settlement.ts";
import { checkTicket } from "./ticket-keys.ts";
import { tracedSend } from "./tracing.ts";

/** The result of an effect: a command to the service's own topic. */
export interface EffectCommand {
  readonly type: string;
  readonly data: unknown;
}

export interface EffectOptions<Input extends AnyReceived> {
  readonly subscriptions: readonly Subscription[];
  /** Every outbound deadline within `perform` is shorter; its signal aborts before the lease ends. */
  readonly leaseMs: number;
  /** May an interrupted effect of this message be done again? */
  readonly repeatSafe: (message: Input) => boolean;
  /** A throw is a failure to be repeated where that is safe; an answer like "refused" is a result. */
  readonly perform: (message: Input, signal: AbortSignal) => Promise<EffectCommand | undefined>;
  /** The command when it was interrupted and may not, or can no longer, be repeated. */
  readonly interrupted: (
    message: Input,
  ) => EffectCommand | undefined | Promise<EffectCommand | undefined>;
}

/** Performs an effect for each message; its result comes back as a command with a derived id. */
export function effectBinding<Input extends AnyReceived>(options: EffectOptions<Input>): Binding {
  return {
    subscriptions: options.subscriptions,
    decides: false,
    open: (parts) =>
      receiving(parts, (envelope, traceparent) =>
        runEffect(parts, options, {
          message: receivedOf<Input>(envelope),
          envelope,
          traceparent,
          id: `effect:${envelope.id}`,
          holder: randomUUID(),
          begun: false,
          result: undefined,
        }),
      ),
  };
}

/** A repeat-safe effect is tried so often, restarts included; then it counts as interrupted. */
const triesMax = 5;
/** The end of a lease is looked for at least this often. */
const pollMs = 500;
/** Between the deadline of `perform` and the end of its lease: the time to store the result. */
const marginMsMax = 5000;
const keptSeconds = inboxHorizonMs / 1000;

const OutgoingSchema: z.ZodType<Outgoing> = z.custom<Outgoing>(
  (value) => z.looseObject({ envelope: z.looseObject({}) }).safeParse(value).success,
);
const EffectDocument = z.discriminatedUnion("status", [
  z.object({
    status: z.literal("leased"),
    holder: z.string(),
    startedAt: z.string(),
    leaseUntil: z.string(),
    tries: z.int().min(1),
    /** So that an erasure waits for it. */
    ticket: z.string().optional(),
  }),
  z.object({ status: z.literal("done"), outgoing: OutgoingSchema.nullable() }),
]);
type Lease = Extract<z.infer<typeof EffectDocument>, { status: "leased" }>;

/** One delivery's attempt at an effect: what it knows beyond the stored document. */
interface Attempt<Input> {
  readonly message: Input;
  readonly envelope: Envelope;
  readonly traceparent: string | undefined;
  readonly id: string;
  /** Names this attempt in a lease, so that its own lease is recognised after a lost answer. */
  holder: string;
  begun: boolean;
  /** The command to store, or null for none, once that is known. */
  result: Outgoing | null | undefined;
}

type Step = { readonly kind: "ended" } | { readonly kind: "again"; readonly waitMs?: number };
const again: Step = { kind: "again", waitMs: 0 };

/** Steps until the effect is done and told, or the message's hold is over. */
async function runEffect<Input extends AnyReceived>(
  parts: HostParts,
  options: EffectOptions<Input>,
  attempt: Attempt<Input>,
): Promise<Outcome> {
  const until = performance.now() + parts.holdMs;
  for (let failures = 0; ; failures++) {
    let outcome: Outcome = { kind: "transient", reason: "effect-waits" };
    let waitMs = backOffMs(failures);
    try {
      const step = await next(parts, options, attempt);
      if (step.kind === "ended") return { kind: "handled" };
      waitMs = step.waitMs ?? waitMs;
    } catch (error) {
      outcome = outcomeOfThrow(error);
      if (outcome.kind !== "transient") return outcome;
    }
    if (parts.closing.aborted || performance.now() + waitMs > until) return outcome;
    await pause(waitMs, parts.closing);
  }
}

/** One step from what is stored: so a restart, a lost answer and a rival all take the same way. */
async function next<Input extends AnyReceived>(
  parts: HostParts,
  options: EffectOptions<Input>,
  attempt: Attempt<Input>,
): Promise<Step> {
  const { customer, ticket } = attempt.envelope;
  const stored = await parts.store.read(customer, attempt.id);
  const document = stored === undefined ? undefined : EffectDocument.parse(stored.body);
  if (document?.status === "done") return tell(parts, attempt, document.outgoing);
  const isOurs = document?.holder === attempt.holder;
  // What an erasure waits for may end; nothing more begins.
  if (!isOurs && ticket !== undefined) await checkTicket(parts.store, customer, ticket);
  if (stored === undefined || document === undefined)
    return lease(parts, options, attempt, undefined, 1);
  if (isOurs && attempt.result !== undefined) return finish(parts, attempt, stored.etag);
  if (isOurs && !attempt.begun) return begin(parts, options, attempt, document, stored.etag);
  const leftMs = Date.parse(document.leaseUntil) - parts.now().getTime();
  if (leftMs > 0) return { kind: "again", waitMs: Math.min(leftMs, pollMs) };
  return repeatOrGiveUp(parts, options, attempt, document, stored.etag);
}

async function lease<Input extends AnyReceived>(
  parts: HostParts,
  options: EffectOptions<Input>,
  attempt: Attempt<Input>,
  etag: string | undefined,
  tries: number,
): Promise<Step> {
  attempt.holder = randomUUID();
  attempt.begun = false;
  const startedAt = parts.now();
  const body: Lease = {
    status: "leased",
    holder: attempt.holder,
    startedAt: startedAt.toISOString(),
    leaseUntil: new Date(startedAt.getTime() + options.leaseMs).toISOString(),
    tries,
    ...(attempt.envelope.ticket === undefined ? {} : { ticket: attempt.envelope.ticket }),
  };
  const about = { id: attempt.id, body: jsonOf(body), ttlSeconds: keptSeconds };
  const { customer } = attempt.envelope;
  await parts.store.commit(customer, [
    etag === undefined ? { kind: "create", ...about } : { kind: "replace", etag, ...about },
  ]);
  return again;
}

async function begin<Input extends AnyReceived>(
  parts: HostParts,
  options: EffectOptions<Input>,
  attempt: Attempt<Input>,
  document: Lease,
  etag: string,
): Promise<Step> {
  attempt.begun = true;
  const marginMs = Math.min(marginMsMax, options.leaseMs / 10);
  const deadline = Date.parse(document.leaseUntil) - marginMs - parts.now().getTime();
  const performed = await performWithin(deadline, (signal) =>
    options.perform(attempt.message, signal),
  );
  switch (performed.kind) {
    case "result":
      attempt.result = commandOf(parts, attempt, performed.command);
      return finish(parts, attempt, etag);
    case "threw":
      parts.log.warn({ err: performed.error, effect: attempt.id }, "an effect failed");
      return repeatOrGiveUp(parts, options, attempt, document, etag);
    case "overran":
      // It may still be at work, so its lease is left to end before anything else begins.
      parts.log.warn({ effect: attempt.id }, "an effect passed its deadline");
      return options.repeatSafe(attempt.message)
        ? { kind: "again" }
        : repeatOrGiveUp(parts, options, attempt, document, etag);
  }
}

async function repeatOrGiveUp<Input extends AnyReceived>(
  parts: HostParts,
  options: EffectOptions<Input>,
  attempt: Attempt<Input>,
  { tries }: Lease,
  etag: string,
): Promise<Step> {
  if (options.repeatSafe(attempt.message) && tries < triesMax) {
    if (attempt.begun) await pause(backOffMs(tries + 1), parts.closing);
    return lease(parts, options, attempt, etag, tries + 1);
  }
  attempt.result = commandOf(parts, attempt, await options.interrupted(attempt.message));
  return finish(parts, attempt, etag);
}

/** Stores the result before it is told. A conflict means that another attempt ended this lease. */
async function finish<Input>(
  parts: HostParts,
  { id, envelope, result }: Attempt<Input>,
  etag: string,
): Promise<Step> {
  const body: unknown = { status: "done", outgoing: result };
  if (!isJson(body)) throw new TypeError("a command is plain JSON");
  await parts.store.commit(envelope.customer, [
    { kind: "replace", id, body, etag, ttlSeconds: keptSeconds },
  ]);
  return again;
}

async function tell<Input>(
  parts: HostParts,
  { id, envelope }: Attempt<Input>,
  outgoing: Outgoing | null,
): Promise<Step> {
  if (outgoing === null) return { kind: "ended" };
  const { topic } = parts.contract;
  await tracedSend(topic, [outgoing], () => parts.publisher.publish([outgoing]));
  // What is on the bus need not be kept here, too.
  const body = { status: "done", outgoing: null };
  parts.marks.add(envelope.customer, [{ kind: "upsert", id, body, ttlSeconds: keptSeconds }]);
  return { kind: "ended" };
}

function commandOf<Input>(
  { contract, now }: HostParts,
  { envelope, traceparent }: Attempt<Input>,
  command: EffectCommand | undefined,
): Outgoing | null {
  if (command === undefined) return null;
  const { id, subject, customer, ticket, correlationid, sequence } = envelope;
  const causationid = sequence === undefined ? envelope.causationid : id;
  const around = { subject, now: now(), customer, ticket, correlationid, causationid, traceparent };
  const derived = derivedId(id, "effect");
  return outgoingOf(contract, { ...around, id: derived, sequence: 0 }, command);
}

type Performed =
  | { readonly kind: "result"; readonly command: EffectCommand | undefined }
  | { readonly kind: "threw"; readonly error: unknown }
  | { readonly kind: "overran" };

/** Waits for `perform`, and no longer than its deadline even if it does not heed the signal. */
async function performWithin(
  deadlineMs: number,
  perform: (signal: AbortSignal) => Promise<EffectCommand | undefined>,
): Promise<Performed> {
  const controller = new AbortController();
  const { promise, resolve } = Promise.withResolvers<Performed>();
  const graceMs = 50; // For an effect that heeds the signal to end by itself.
  const abort = setTimeout(() => controller.abort(), Math.max(0, deadlineMs - graceMs));
  const overrun = setTimeout(() => resolve({ kind: "overran" }), Math.max(0, deadlineMs));
  const performing = (async () => perform(controller.signal))(); // A synchronous throw is a throw, too.
  performing.then(
    (command) => resolve({ kind: "result", command }),
    (error: unknown) => resolve({ kind: "threw", error }),
  );
  try {
    return await promise;
  } finally {
    clearTimeout(abort);
    clearTimeout(overrun);
  }
}
