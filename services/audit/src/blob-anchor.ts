// The anchor in the customer's storage account: an append blob per chain and day, under a locked time-based policy
// that the customer sets. Our identity may append and read, and nothing else.
// https://learn.microsoft.com/azure/storage/blobs/immutable-policy-configure-container-scope (protected append)
//
// Invariants:
//   B1. A block is appended only where the blob ends as it was read (`appendpos`): nobody else's is overtaken.
//   B2. After an unknown outcome the blob is read before anything is appended again.
// A day has fewer checkpoints than the 50,000 blocks that an append blob takes.

import { type AppendBlobClient, type ContainerClient, RestError } from "@azure/storage-blob";
import { type Anchor, type AnchorAnswer, type Anchored, anchorLine } from "./anchor.ts";
import { lastAnchorLine, problemOf } from "./file-anchor.ts";

/** Of all requests that one checkpoint takes. */
const appendMs = 10_000;
const triesMax = 3;
const tailBytes = 64 * 1024;

export interface BlobAnchorOptions {
  readonly container: Pick<ContainerClient, "getAppendBlobClient">;
  readonly takes: (customer: string) => boolean;
}

export const blobAnchor = ({ container, takes }: BlobAnchorOptions): Anchor => ({
  name: "blob",
  takes,
  append: async (checkpoint, signal) => {
    const blob = container.getAppendBlobClient(blobName(checkpoint));
    const abortSignal = AbortSignal.any([signal, AbortSignal.timeout(appendMs)]);
    for (let tries = 0; tries < triesMax; tries += 1) {
      try {
        const answer = await appendOnce(blob, checkpoint, abortSignal);
        if (answer !== undefined) return answer;
      } catch (error) {
        if (!(error instanceof RestError) && !abortSignal.aborted) throw error;
        if (isRefusal(error)) return { kind: "refused", code: "anchor-forbids" };
        if (abortSignal.aborted) break;
      }
    }
    return { kind: "unreachable" };
  },
});

/** A blob of its own for every day: `<chain>/2026-11-03.jsonl`. */
const blobName = ({ chain, signedAt }: Anchored): string =>
  `${chain}/${signedAt.slice(0, 10)}.jsonl`;

/** @returns `undefined` where somebody else appended meanwhile: then it is looked at again (B1, B2). */
async function appendOnce(
  blob: AppendBlobClient,
  checkpoint: Anchored,
  abortSignal: AbortSignal,
): Promise<AnchorAnswer | undefined> {
  const { length, tail } = await ending(blob, abortSignal);
  const last = lastAnchorLine(tail);
  if (last === "unreadable") return { kind: "refused", code: "anchor-unreadable" };
  // A new day's blob is empty, so what this anchor took before is compared within the day only.
  const tookBefore = last === undefined ? 0 : checkpoint.tookBefore;
  const problem = problemOf(last, { ...checkpoint, tookBefore });
  if (problem !== undefined) return { kind: "refused", code: problem };
  if (last?.size === checkpoint.size) return { kind: "anchored" };
  const line = Buffer.from(anchorLine(checkpoint));
  try {
    await blob.appendBlock(line, line.length, {
      abortSignal,
      conditions: { appendPosition: length },
    });
    return { kind: "anchored" };
  } catch (error) {
    if (error instanceof RestError && error.statusCode === 412) return undefined;
    throw error;
  }
}

/** Where the blob ends, and what stands there. Makes it where there is none. */
async function ending(
  blob: AppendBlobClient,
  abortSignal: AbortSignal,
): Promise<{ readonly length: number; readonly tail: string }> {
  await blob.createIfNotExists({ abortSignal });
  const { contentLength: length = 0 } = await blob.getProperties({ abortSignal });
  if (length === 0) return { length, tail: "" };
  const from = Math.max(0, length - tailBytes);
  const tail = await blob.downloadToBuffer(from, length - from, { abortSignal });
  return { length, tail: tail.toString("utf8") };
}

const isRefusal = (error: unknown): boolean =>
  error instanceof RestError && (error.statusCode === 401 || error.statusCode === 403);
