// Puts into the chain who reads it and who verifies it: a command to audit's own topic, and the wait for its entry.
//
// Invariants:
//   L25. Nobody is told what happened on a ticket, and nobody sees what was said, unless an entry says who, or will be
//        for the next minutes by the same entry. Where it cannot be sealed in time, there is no answer.
//   L26. Whoever verifies a chain, or takes its bytes, gets them also where nothing can be sealed, for that is when it
//        matters most; the answer then says that it is not recorded, and why.
//   L27. Reading and verifying do not let a chain grow without bound: the same of the same person is one entry per
//        window. A verification with another result is never told by the entry of an earlier one.

import { setTimeout as delay } from "node:timers/promises";
import { accessWindowMs } from "@niivo/contracts/audit";
import { derivedId } from "@niivo/contracts/canonical";
import type { Host } from "@niivo/host/host";
import type { Caller } from "@niivo/host/http-token";
import { builtVerifier } from "@niivo/verify/built-verifier";
import { ReadingRow, readingId } from "./rows.ts";
import type { Verification } from "./verify-stored.ts";

/** How long somebody waits who gets no answer without the entry, and somebody who does. */
const sealedWithinMs = { needed: 8000, wanted: 3000 } as const;
const askEveryMs = 5;

export type Recorded =
  /** In the chain of this customer: the reader's own. */
  | { readonly seq: number; readonly customer: string }
  /** `bus-unavailable`: the bus did not confirm the command. Either way it may still be sealed later. */
  | { readonly seq: undefined; readonly reason: "bus-unavailable" | "not-sealed-in-time" };

export type RecordHost = Pick<Host, "store" | "send" | "now">;

/** Who asks, and whose chain they ask for: their own customer's, or the platform's (L14). */
export interface Asker {
  readonly caller: Pick<Caller, "objectId"> & { readonly customer: { readonly id: string } };
  readonly customer: string;
}

export type Reading =
  | { readonly what: "entries" | "proofs" | "export" }
  /** With the messages behind the commitments, where `values` says so. */
  | { readonly what: "trail" | "export"; readonly ticket: string; readonly values: boolean };

/** Tells that somebody reads, and waits until that is sealed. `needed`: there is no answer otherwise (L25). */
export function recordAccess(
  host: RecordHost,
  asker: Asker,
  reading: Reading,
  how: keyof typeof sealedWithinMs,
): Promise<Recorded> {
  const { what } = reading;
  const [ticket, values] =
    "ticket" in reading ? [reading.ticket, reading.values] : [undefined, false];
  const names = ["access", what, ticket ?? "", String(values)];
  return record(
    host,
    { asker, type: "access.record.v1", names, ticket, data: { what, values } },
    how,
  );
}

/** Tells what a verification came to; `undefined` where it broke off. */
export function recordVerification(
  host: RecordHost,
  asker: Asker,
  verification: Verification | undefined,
): Promise<Recorded> {
  const { verdict = "FAILED", report } = verification ?? {};
  const codes = [...new Set(report?.findings.map(({ code }) => code))].sort();
  const data = {
    mode: "full",
    verdict: verdict.toLowerCase(),
    size: report?.entries ?? 0,
    codes,
    verifier: builtVerifier()?.sha256 ?? "unbuilt",
  };
  // That the newest entries are not signed yet comes and goes by itself every few seconds, and is no other result.
  const names = ["verify", data.verdict, ...codes.filter((code) => code !== "UNANCHORED")];
  return record(host, { asker, type: "verify.record.v1", names, data }, "wanted");
}

interface Told {
  readonly asker: Asker;
  readonly type: "access.record.v1" | "verify.record.v1";
  /** What makes it the same within a window. */
  readonly names: readonly string[];
  readonly ticket?: string | undefined;
  readonly data: Readonly<Record<string, unknown>>;
}

async function record(
  { store, send, now }: RecordHost,
  { asker, type, names, ticket, data }: Told,
  how: keyof typeof sealedWithinMs,
): Promise<Recorded> {
  const { objectId: reader } = asker.caller;
  // In the reader's own chain also where they read the platform's: there nobody else's auditors see who they are, and
  // an erasure of the reader finds them.
  const customer = asker.caller.customer.id;
  const of = asker.customer === customer ? "own" : "platform";
  const window = Math.floor(now().getTime() / accessWindowMs);
  const until = new Date((window + 1) * accessWindowMs).toISOString();
  // The same within a window is the same command, and the host decides on that once (H3, L27).
  const id = derivedId(customer, of, reader, ...names, until);
  const sealed = async (): Promise<number | undefined> =>
    ReadingRow.safeParse((await store.read(customer, readingId(id)))?.body).data?.seq;
  const before = await sealed();
  if (before !== undefined) return { seq: before, customer };

  const deadline = performance.now() + sealedWithinMs[how];
  const command = {
    id,
    type,
    data: { reader, of, ...data, until },
    customer,
    subject: customer,
    // Whoever reads about a ticket is not part of its story: the correlation, and with it the trace, is its own.
    correlationid: id,
    ...(ticket === undefined ? {} : { ticket }),
  };
  const late = delay(sealedWithinMs[how], "late" as const, { ref: false });
  const sent = await Promise.race([
    send(command).then(
      () => "sent" as const,
      () => "refused" as const,
    ),
    late,
  ]);
  if (sent !== "sent") return { seq: undefined, reason: "bus-unavailable" };
  while (performance.now() < deadline) {
    const seq = await sealed();
    if (seq !== undefined) return { seq, customer };
    await delay(askEveryMs);
  }
  return { seq: undefined, reason: "not-sealed-in-time" };
}

/** For answers that are no JSON: a structured field (RFC 9651), the entry's number or `?0` with the reason (L26). */
export const recordedHeader = (recorded: Recorded): { readonly "niivo-recorded": string } => ({
  "niivo-recorded":
    recorded.seq === undefined ? `?0;reason="${recorded.reason}"` : String(recorded.seq),
});
