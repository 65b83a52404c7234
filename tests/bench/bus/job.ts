// What the bench asks of its sender and receiver processes, and what they answer.

import { z } from "zod";

/** Where a plain AMQP client connects. `sas`: it proves this key first, as Service Bus wants it. */
const Amqp = z.object({
  port: z.number(),
  address: z.string(),
  sas: z.object({ name: z.string(), key: z.string() }).optional(),
});
export type Amqp = z.infer<typeof Amqp>;

const sdk = { connectionString: z.string(), queue: z.string(), count: z.number() };
const plain = { amqp: Amqp, count: z.number() };

export const Job = z.discriminatedUnion("kind", [
  z.object({
    kind: z.literal("sdk-send"),
    how: z.enum(["awaited", "concurrent", "batch"]),
    ...sdk,
  }),
  z.object({ kind: z.literal("sdk-receive"), ...sdk }),
  /** `count` messages, in batches as large as they may be, each of a session of its own or of none. */
  z.object({ kind: z.literal("sdk-fill"), withSessions: z.boolean(), ...sdk }),
  z.object({ kind: z.literal("sdk-sessions"), ...sdk }),
  z.object({ kind: z.literal("rhea-send"), inFlight: z.number(), ...plain }),
  z.object({ kind: z.literal("rhea-receive"), ...plain }),
  z.object({ kind: z.literal("sqlite"), folder: z.string(), group: z.number(), count: z.number() }),
]);
export type Job = z.infer<typeof Job>;

/** Milliseconds of the machine's monotonic clock, which all its processes share. */
export const Times = z.object({
  startedAt: z.number(),
  endedAt: z.number(),
  /** Of each awaited operation, where the job awaits them one after the other. */
  eachMs: z.array(z.number()),
});
export type Times = z.infer<typeof Times>;

export const FromWorker = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("ready") }),
  z.object({ kind: z.literal("done"), times: Times }),
  z.object({ kind: z.literal("failed"), reason: z.string() }),
]);
export type FromWorker = z.infer<typeof FromWorker>;

export const ToWorker = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("prepare"), job: Job }),
  z.object({ kind: z.literal("go") }),
]);
export type ToWorker = z.infer<typeof ToWorker>;

export const nowMs = (): number => Number(process.hrtime.bigint()) / 1e6;

/** A prepared job: connected, and with everything at hand that is not to be measured. */
export interface Prepared {
  readonly run: () => Promise<{ readonly eachMs: readonly number[] }>;
  readonly close: () => Promise<void>;
}
