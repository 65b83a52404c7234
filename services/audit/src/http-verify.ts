// The route that recomputes a chain. It answers at once and streams: `application/jsonl` has a line of progress now and
// then and the verification in its last line; JSON has blanks before it, so that nobody on the way takes the silence
// of a long chain for its end. Who asks at the same time shares one verification. The run is an entry (`record.ts`).

import { createRoute, type OpenAPIHono, z } from "@hono/zod-openapi";
import { CustomerId } from "@niivo/contracts/envelope";
import type { Logger } from "@niivo/host/logger";
import type { StoreReader } from "@niivo/host/store";
import { streamOf } from "./http-export.ts";
import { type Auditor, chainRefusal, refusals } from "./http-parts.ts";
import { type Asker, type Recorded, type RecordHost, recordVerification } from "./record.ts";
import { readAnchors, readCheckpoint } from "./stored-checkpoints.ts";
import { type Verification, verifyStored } from "./verify-stored.ts";

/** Between two signs of life. */
const progressMs = 500;

/** The last line, or the whole of a JSON answer. */
const VerificationBody = z
  .looseObject({
    verdict: z.enum(["OK", "INCOMPLETE", "BROKEN"]),
    verdicts: z.record(z.string(), z.string()),
    chain: z.string().nullable(),
    entries: z.int().min(0),
    /** Everything that is wrong, or was erased, with the range of entries it is about. */
    findings: z.array(
      z.strictObject({
        code: z.string(),
        from: z.int().min(0),
        to: z.int().min(0),
        detail: z.string(),
      }),
    ),
    /** What it was judged by: the checkpoints and keys, and what the anchors took. */
    evidence: z.looseObject({ checkpoint: z.string().nullable(), keys: z.array(z.string()) }),
    notProven: z.array(z.string()),
    /** Whether an entry of the caller's chain says that this was verified: which one, or why not (L26). */
    recorded: z.boolean(),
    recording: z.union([
      z.strictObject({ seq: z.int().min(0), customer: CustomerId }),
      z.strictObject({ reason: z.enum(["bus-unavailable", "not-sealed-in-time"]) }),
    ]),
  })
  .openapi("Verification");

interface Outcome {
  readonly verification: Verification;
  readonly recorded: Recorded;
}

interface Running {
  readonly done: Promise<Outcome | undefined>;
  progress: { readonly read: number; readonly of: number };
}

export interface VerifyParts {
  readonly host: RecordHost;
  readonly log: Pick<Logger, "error">;
}

export function addVerify(app: OpenAPIHono, parts: VerifyParts, auditor: Auditor): void {
  const { host, log } = parts;
  const { store, now } = host;
  const running = new Map<string, Running>();
  const route = createRoute({
    ...auditor,
    method: "get",
    path: "/v1/customers/{customer}/verify",
    request: { params: z.strictObject({ customer: CustomerId }) },
    responses: {
      200: {
        description:
          "What recomputing every entry showed, the evidence it was judged by, and what it does not prove.",
        content: {
          "application/json": { schema: VerificationBody },
          "application/jsonl": { schema: z.string() },
        },
      },
      ...refusals,
    },
  });

  // One entry for the run, by who began it, and not one for everybody who joined it (L27).
  const run = async (
    asker: Asker,
    onProgress: (read: number, of: number) => void,
  ): Promise<Outcome | undefined> => {
    try {
      const verification = await verifyStored(store, asker.customer, { now: now(), onProgress });
      if (verification === undefined) return undefined;
      return { verification, recorded: await recordVerification(host, asker, verification) };
    } catch (error) {
      await recordVerification(host, asker, undefined).catch(() => {});
      throw error;
    }
  };

  const share = (asker: Asker): Running => {
    const { customer } = asker;
    const shared = running.get(customer);
    if (shared !== undefined) return shared;
    const onProgress = (read: number, of: number): void => {
      one.progress = { read, of };
    };
    const one: Running = {
      done: run(asker, onProgress).finally(() => running.delete(customer)),
      progress: { read: 0, of: 0 },
    };
    running.set(customer, one);
    return one;
  };

  app.openapi(route, async (c) => {
    const { customer } = c.req.valid("param");
    const refused = await chainRefusal(c, store, customer);
    if (refused !== undefined) return refused;
    const shared = share({ caller: c.get("caller"), customer });
    const isLines = c.req.header("accept")?.includes("application/jsonl") === true;
    return c.body(streamOf(told(store, customer, shared, isLines), log), 200, {
      "content-type": isLines ? "application/jsonl" : "application/json",
      "cache-control": "no-store",
    });
  });
}

async function* told(
  store: StoreReader,
  customer: string,
  shared: Running,
  isLines: boolean,
): AsyncGenerator<Uint8Array> {
  for (;;) {
    const { promise: later, resolve } = Promise.withResolvers<"later">();
    const timer = setTimeout(() => resolve("later"), progressMs);
    const outcome = await Promise.race([shared.done, later]).finally(() => clearTimeout(timer));
    if (outcome !== "later") {
      const body = await bodyOf(store, customer, outcome);
      yield Buffer.from(`${JSON.stringify(body)}\n`);
      return;
    }
    yield Buffer.from(isLines ? `${JSON.stringify({ progress: shared.progress })}\n` : "\n");
  }
}

async function bodyOf(
  store: StoreReader,
  customer: string,
  outcome: Outcome | undefined,
): Promise<unknown> {
  if (outcome === undefined) throw new TypeError("the chain went away while it was read"); // L15
  const { recorded } = outcome;
  const { verdict, report, policy } = outcome.verification;
  const { chain = null, head = null, root = null, checkpoints, ...rest } = report;
  return {
    verdict,
    ...rest,
    chain,
    head,
    root,
    recorded: recorded.seq !== undefined,
    recording: recorded.seq === undefined ? { reason: recorded.reason } : recorded,
    evidence: {
      checkpoint: checkpoints.at(-1) ?? (await readCheckpoint(store, customer))?.note ?? null,
      keys: policy.logs.map(({ vkey }) => vkey),
      quorum: policy.quorum,
      anchors: await readAnchors(store, customer),
    },
  };
}
