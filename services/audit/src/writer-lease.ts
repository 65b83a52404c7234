// One process writes the chains at a time. Others stand by, answer auditors, and take over when its lease is not
// renewed any more. Order comes from the lease; correctness does not: that is the compare-and-swap on each head.
//
// Invariants:
//   L18. A process seals only while it holds the lease. The term grows by one whenever the lease changes hands, and
//        at no other time; it is the writer's epoch in every entry.
//   L19. A chain that a later term has written takes nothing of an earlier one: whoever comes late is fenced, ends,
//        and starts again as one who stands by.

import { setTimeout as delay } from "node:timers/promises";
import { platformCustomer } from "@niivo/contracts/envelope";
import type { ServiceDefinition } from "@niivo/host/compose";
import type { Logger } from "@niivo/host/logger";
import { type Operation, type Store, type StoredDocument, StoreError } from "@niivo/host/store";
import { z } from "zod";
import { Fenced, type Writer } from "./writer.ts";

/** Whoever stands by takes over when it saw no renewal for this long, by its own clock alone. */
const leaseMs = 3000;
/** Between two renewals; also how often one who stands by looks. */
const renewMs = leaseMs / 3;
const leaseId = "writer-lease";

const LeaseRow = z.strictObject({
  term: z.int().min(1),
  instance: z.string().min(1).max(64),
  /** Given back in order: the next one need not wait. */
  released: z.boolean(),
});
type LeaseRow = z.infer<typeof LeaseRow>;

export interface WriterLease {
  /**
   * Asked for every turn.
   * @throws StoreError `unavailable` while a renewal is overdue; Fenced once another process took over (L19).
   */
  readonly writer: () => Writer;
  /** Gives it back, so that another process may take over at once. Never throws. */
  readonly release: () => Promise<void>;
}

export interface LeaseOptions {
  readonly store: Store;
  /** Names this process among all that ever sealed. */
  readonly instance: string;
  readonly log: Pick<Logger, "info" | "warn">;
  /** Told once when another process took over. */
  readonly onLost: (error: Error) => void;
  /** For tests. */
  readonly leaseMs?: number;
}

/** Waits until this process holds the lease, and keeps it from then on. */
export async function acquireLease(options: LeaseOptions): Promise<WriterLease> {
  const { store, instance, log } = options;
  const holdMs = options.leaseMs ?? leaseMs;
  const everyMs = Math.min(renewMs, holdMs / 3);
  const term = await standBy(options, holdMs, everyMs);
  log.info({ term }, "this process writes the chains");
  let heldUntil = performance.now() + holdMs;
  let lost: Fenced | undefined;
  let isReleased = false;

  const renew = async (): Promise<void> => {
    const from = performance.now();
    try {
      const found = await store.read(platformCustomer, leaseId);
      if (!isOurs(found, { term, instance })) throw new Fenced();
      const outcome = await store.commit(platformCustomer, [
        writing({ term, instance, released: false }, found?.etag),
      ]);
      // On a conflict somebody wrote in between; the next renewal sees who.
      if (outcome.kind === "committed") heldUntil = from + holdMs;
    } catch (error) {
      if (error instanceof Fenced) {
        lost = error;
        clearInterval(renewing);
        options.onLost(error);
      } else log.warn({ err: error }, "the writer's lease could not be renewed");
    }
  };
  const renewing = setInterval(() => void renew(), everyMs).unref();

  return {
    writer: () => {
      if (lost !== undefined) throw lost; // L19
      if (isReleased || performance.now() > heldUntil) throw new NotHeld(); // L18
      return { term, instance };
    },
    release: async () => {
      isReleased = true;
      clearInterval(renewing);
      try {
        const found = await store.read(platformCustomer, leaseId);
        if (isOurs(found, { term, instance }))
          await store.commit(platformCustomer, [
            writing({ term, instance, released: true }, found?.etag),
          ]);
      } catch (error) {
        log.warn(
          { err: error },
          "the writer's lease could not be given back; it runs out by itself",
        );
      }
    },
  };
}

/** @returns the term in which this process holds the lease. */
async function standBy(
  { store, instance, log }: LeaseOptions,
  holdMs: number,
  everyMs: number,
): Promise<number> {
  let seen: { readonly etag: string; readonly since: number } | undefined;
  for (;;) {
    try {
      const found = await store.read(platformCustomer, leaseId);
      const row = found === undefined ? undefined : LeaseRow.parse(found.body);
      // Who lost the answer to its own commit finds itself here.
      if (row?.instance === instance && !row.released) return row.term;
      if (seen === undefined || seen.etag !== found?.etag)
        seen = { etag: found?.etag ?? "", since: performance.now() };
      if (row === undefined || row.released || performance.now() - seen.since >= holdMs) {
        const term = (row?.term ?? 0) + 1;
        const taken = writing({ term, instance, released: false }, found?.etag);
        const outcome = await store.commit(platformCustomer, [taken]);
        if (outcome.kind === "committed") return term;
        continue;
      }
    } catch (error) {
      if (!(error instanceof StoreError)) throw error;
      log.warn({ err: error }, "the writer's lease could not be read");
    }
    await delay(everyMs);
  }
}

const isOurs = (found: StoredDocument | undefined, { term, instance }: Writer): boolean => {
  const row = LeaseRow.safeParse(found?.body).data;
  return row?.term === term && row.instance === instance;
};

const writing = (body: LeaseRow, etag: string | undefined): Operation =>
  etag === undefined
    ? { kind: "create", id: leaseId, body }
    : { kind: "replace", id: leaseId, body, etag };

/** Nothing is wrong with the message: it waits until the lease is renewed, or lost for good. */
class NotHeld extends StoreError {
  constructor() {
    super("unavailable", "the writer's lease is not held now");
    this.name = "NotHeld";
  }
}

/** The lease as a service definition takes it: nobody writes before the admission resolved. */
export function leasedWriter(instance: string): {
  readonly writer: () => Writer;
  readonly admission: NonNullable<ServiceDefinition["admission"]>;
} {
  let lease: WriterLease | undefined;
  return {
    writer: () => {
      if (lease === undefined) throw new NotHeld();
      return lease.writer();
    },
    admission: async ({ store, log }, onLost) => {
      lease = await acquireLease({ store, instance, log, onLost });
      return lease.release;
    },
  };
}
