// The checkpoints of one chain: reads again what was stored since the last one, hashes it, compares, and has the
// size and root signed. A decider with a key of its own, so the chain goes on while the vault signs.
//
// Invariants:
//   L21. Only stored bytes are signed: re-read, re-hashed, linked, and the tree over them is the head's.
//   L22. A checkpoint continues the last one: its tree grew out of the very range whose root was signed before.
//   L23. Nothing is signed while the clock is behind the last checkpoint.
//   L34. A checkpoint carries the line of a key that the last one, or those before it, vouch for: where a key was
//        replaced and nothing under it names the next one yet, there is none without its line.
//   L24. What cannot be signed is not signed, and the next try begins anew. Sealing does not wait for it.

import { CheckpointAnchored, CheckpointDue } from "@niivo/contracts/audit";
import { hexOf } from "@niivo/contracts/evidence/bytes";
import { type CompactRange, rootOf } from "@niivo/contracts/evidence/tree";
import type { Decider, Input, TurnResult } from "@niivo/host/decider";
import type { Logger } from "@niivo/host/logger";
import type { Operation, StoreReader } from "@niivo/host/store";
import { z } from "zod";
import type { NoteSigner } from "./note-signer.ts";
import { reread } from "./reread.ts";
import {
  type AnchorsRow,
  anchorsId,
  CosignedRow,
  checkpointId,
  cosignedId,
  lastCheckpointId,
  tileHashes,
} from "./rows.ts";
import { readHead } from "./stored-chain.ts";
import { isAnyBehind, readAnchors, readCheckpoint } from "./stored-checkpoints.ts";
import { storedTree, tileOperations } from "./stored-tree.ts";
import type { Writer } from "./writer.ts";

const State = z.strictObject({
  /** The entries that were read again so far, and the tree over them. */
  size: z.int().min(0),
  range: z.array(z.string()),
  headHash: z.string(),
  /** What was signed last. */
  signed: z
    .strictObject({
      size: z.int().min(1),
      root: z.string(),
      signedAt: z.string(),
      /** The vault keys that the chain named up to there: whoever believes it believes them. */
      vkeys: z.array(z.string()).optional(),
    })
    .optional(),
});
export type CheckpointState = z.infer<typeof State>;

export interface CheckpointerOptions {
  readonly signer: () => Promise<NoteSigner>;
  readonly writer: () => Writer;
  /** An operator's word that the key before is lost, so that nothing can vouch for the one in force. */
  readonly isKeyLost?: boolean;
  readonly log: Pick<Logger, "error" | "warn">;
}

/** So many tiles fit into one commit beside its other documents. */
const entriesPerTurn = 64 * tileHashes;

/** Within its customer: apart from the chain's own key, which is a customer's id and has no point in it. */
const checkpointKey = (customer: string): string => `${customer}.checkpoints`;

export function checkpointer(options: CheckpointerOptions): Decider<CheckpointState> {
  return {
    initialState: { size: 0, range: [], headHash: "" },
    key: ({ customer }) => checkpointKey(customer),
    turn: async ({ customer, state, inputs, store, now }) => {
      options.writer();
      const recorded = await recordedAnchors(store, customer, inputs);
      const dueAt = inputs.findIndex(({ type }) => type === CheckpointDue.shape.type.value);
      const signing = dueAt < 0 ? undefined : await next(options, store, customer, state, now);
      const outputs: TurnResult<CheckpointState>["outputs"] = inputs.map((_, index) =>
        index === dueAt ? (signing?.outputs ?? []) : [],
      );
      return {
        state: signing?.state ?? state,
        outputs,
        operations: [...recorded, ...(signing?.operations ?? [])],
      };
    },
  };
}

interface Signing {
  readonly state: CheckpointState;
  readonly outputs: TurnResult<CheckpointState>["outputs"][number];
  readonly operations: readonly Operation[];
}

/** @returns `undefined` where there is nothing to sign, or nothing that may be signed (L24). */
async function next(
  options: CheckpointerOptions,
  store: StoreReader,
  customer: string,
  stored: CheckpointState,
  now: Date,
): Promise<Signing | undefined> {
  const { log } = options;
  const state = State.parse(stored);
  const head = await readHead(store, customer);
  if (head === undefined) return undefined;
  const { signed } = state;
  if (head.size === signed?.size) return again(store, customer, state);
  if (signed !== undefined && now.toISOString() < signed.signedAt) {
    log.error({ customer }, "no checkpoint: the clock is behind the last one"); // L23
    return undefined;
  }
  const upTo = Math.min(head.size, state.size + entriesPerTurn);
  const found = await reread(store, customer, state, upTo);
  if (found.kind === "refused") {
    log.error({ customer, seq: found.seq }, `no checkpoint: ${found.reason}`); // L21
    return undefined;
  }
  const { range, headHash, leaves, leavesFrom } = found;
  const operations = await tileOperations(storedTree(store, customer), leavesFrom, leaves);
  const read: CheckpointState = { ...state, size: upTo, range: range.hashes.map(hexOf), headHash };
  // A long chain is read over several turns, and signed at its end.
  if (upTo < head.size)
    return { state: read, operations, outputs: [{ type: "checkpoint.due.v1", data: {} }] };
  const root = rootOf(range);
  if (headHash !== head.headHash || (head.root !== undefined && hexOf(root) !== head.root)) {
    log.error({ customer, size: upTo }, "no checkpoint: the head is not that of the entries");
    return undefined;
  }
  const vouched = signed === undefined ? head.vkeys?.slice(-1) : signed.vkeys;
  const note = await signedNote(options, { chain: head.chain, range, vouched });
  if (note === undefined) return { state: read, operations, outputs: [] };
  const checkpoint = { size: upTo, root: hexOf(root), note, signedAt: now.toISOString() };
  const { note: _note, ...justSigned } = checkpoint;
  return {
    state: { ...read, signed: { ...justSigned, vkeys: head.vkeys } },
    operations: [
      ...operations,
      { kind: "create", id: checkpointId(upTo), body: checkpoint },
      { kind: "upsert", id: lastCheckpointId, body: checkpoint },
    ],
    outputs: [{ type: "checkpoint.signed.v1", data: { chain: head.chain, ...checkpoint } }],
  };
}

/** The newest checkpoint once more, where an anchor has not taken it: it was away, or did not know the chain yet. */
async function again(
  store: StoreReader,
  customer: string,
  state: CheckpointState,
): Promise<Signing | undefined> {
  const last = await readCheckpoint(store, customer);
  const head = await readHead(store, customer);
  if (last === undefined || head === undefined || last.size !== state.signed?.size)
    return undefined;
  if (!isAnyBehind(await readAnchors(store, customer), last.size)) return undefined;
  const data = { chain: head.chain, ...last };
  return { state, operations: [], outputs: [{ type: "checkpoint.signed.v1", data }] };
}

interface ToSign {
  readonly chain: string;
  readonly range: CompactRange;
  /** Keys of which one must sign (L34); absent where the last checkpoint was signed before they were kept. */
  readonly vouched: readonly string[] | undefined;
}

async function signedNote(
  { signer, log, isKeyLost = false }: CheckpointerOptions,
  { chain, range, vouched }: ToSign,
): Promise<string | undefined> {
  try {
    const notes = await signer();
    const isVouchedFor = notes.vkeys(chain).some((vkey) => vouched?.includes(vkey) ?? true);
    if (!isVouchedFor && !isKeyLost) {
      log.error({ chain }, "no checkpoint: the key before must sign beside the new one"); // L34
      return undefined;
    }
    return await notes.sign(chain, range.size, rootOf(range));
  } catch (error) {
    log.warn({ err: error }, "no checkpoint: it could not be signed");
    return undefined;
  }
}

/** What became of checkpoints at their anchors, for whoever asks how far each got. */
async function recordedAnchors(
  store: StoreReader,
  customer: string,
  inputs: readonly Input[],
): Promise<readonly Operation[]> {
  const messages = inputs.flatMap(({ envelope }) => {
    const parsed = CheckpointAnchored.safeParse(envelope).data;
    return parsed === undefined ? [] : [parsed.data];
  });
  if (messages.length === 0) return [];
  const anchors: AnchorsRow = { ...(await readAnchors(store, customer)) };
  const cosigned = new Map<number, Record<string, string>>();
  for (const { size, anchors: told } of messages)
    for (const { anchor, outcome, at, cosignatures } of told) {
      const before = anchors[anchor]?.size ?? 0;
      const reached = outcome === "anchored" ? Math.max(before, size) : before;
      anchors[anchor] = { size: reached, outcome, at };
      if (cosignatures === undefined) continue;
      const lines =
        cosigned.get(size) ??
        CosignedRow.safeParse((await store.read(customer, cosignedId(size)))?.body).data ??
        {};
      cosigned.set(size, { ...lines, [anchor]: cosignatures });
    }
  return [
    { kind: "upsert", id: anchorsId, body: anchors },
    ...[...cosigned].map(
      ([size, body]): Operation => ({ kind: "upsert", id: cosignedId(size), body }),
    ),
  ];
}
