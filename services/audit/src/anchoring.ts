// Brings each signed checkpoint to the anchors, all at once, and tells what became of it. An anchor that is away keeps
// nobody waiting: the next checkpoint covers this one.

import type { CheckpointSigned } from "@niivo/contracts/audit";
import { checkpointMs } from "@niivo/contracts/audit";
import type { Received } from "@niivo/contracts/envelope";
import { type Subscription, subscriptions } from "@niivo/contracts/topology";
import type { Binding } from "@niivo/host/binding";
import { type EffectCommand, effectBinding } from "@niivo/host/effects";
import type { Host } from "@niivo/host/host";
import type { z } from "zod";
import type { Anchor, AnchorAnswer } from "./anchor.ts";
import { readAnchors } from "./stored-checkpoints.ts";

type Signed = Received<z.infer<typeof CheckpointSigned>>;

/** Longer than any anchor's own limit. */
const anchoringMs = 20_000;

/** The effect of `checkpoint.signed`. */
export function anchoringBinding(host: Host, anchors: readonly Anchor[]): Binding {
  const isOurs = ({ topic, name }: Subscription) => topic === "audit" && name === "audit-effects";
  return effectBinding<Signed>({
    subscriptions: subscriptions.filter(isOurs),
    leaseMs: anchoringMs + checkpointMs,
    repeatSafe: () => true,
    interrupted: () => undefined,
    perform: (message, signal) => anchor(host, anchors, message, signal),
  });
}

async function anchor(
  { store, log, now }: Host,
  anchors: readonly Anchor[],
  { data, customer }: Signed,
  signal: AbortSignal,
): Promise<EffectCommand | undefined> {
  const before = await readAnchors(store, customer);
  const limited = AbortSignal.any([signal, AbortSignal.timeout(anchoringMs)]);
  const told = await Promise.all(
    anchors
      // What took this very checkpoint before is not asked again for another's sake.
      .filter(({ name, takes }) => takes(customer) && (before[name]?.size ?? 0) < data.size)
      .map(async ({ name, append }) => {
        const tookBefore = before[name]?.size ?? 0;
        const answer = await answerOf(() => append({ ...data, customer, tookBefore }, limited));
        if (answer.kind !== "anchored")
          log.warn({ customer, anchor: name, answer }, "a checkpoint was not anchored");
        const at = now().toISOString();
        switch (answer.kind) {
          case "anchored": {
            const { cosignatures } = answer;
            const lines = cosignatures === undefined ? {} : { cosignatures };
            return { anchor: name, outcome: "anchored", at, ...lines };
          }
          case "refused":
            return { anchor: name, outcome: answer.code, at };
          case "unreachable":
            return { anchor: name, outcome: "unreachable", at };
        }
      }),
  );
  if (told.length === 0) return undefined;
  return { type: "checkpoint.anchored.v1", data: { size: data.size, anchors: told } };
}

/** A disk that is full or a folder that is gone is as good as an anchor that does not answer. */
async function answerOf(append: () => Promise<AnchorAnswer>): Promise<AnchorAnswer> {
  try {
    return await append();
  } catch {
    return { kind: "unreachable" };
  }
}
