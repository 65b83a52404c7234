// Batches of 100 entries: canonicalised, hashed, linked, put into the tree and stored, against storing their bytes. And
// one entry alone, which waits for the disk once.

import { join } from "node:path";
import { canonicalJson } from "@niivo/contracts/canonical";
import { entryTextHash } from "@niivo/contracts/evidence";
import { emptyRange, withLeaf } from "@niivo/contracts/evidence/tree";
import { sqliteStore } from "@niivo/host/sqlite-store";
import type { Operation } from "@niivo/host/store";
import type { Sealed } from "../../../services/audit/src/chain.ts";
import { entryId } from "../../../services/audit/src/rows.ts";
import { chainEntries } from "./chain-entries.ts";
import {
  ascending,
  at,
  bareTable,
  customer,
  type Extent,
  median,
  rate,
  rounded,
  type Spent,
  spent,
  take,
} from "./figures.ts";
import { postgresAppend } from "./postgres-chain.ts";

// The head is the hundredth operation of a commit.
const entriesPerBatch = 99;
const batchesPerRound = 20;
const perRound = entriesPerBatch * batchesPerRound;

const creating = ({ entry, text, hash }: Sealed): Operation => ({
  kind: "create",
  id: entryId(entry.seq),
  body: { bytes: text, hash },
});

export async function measureAppend({ rounds, folder }: Extent) {
  const store = sqliteStore(join(folder, "append.sqlite"));
  const { raw, insert } = bareTable(join(folder, "raw.sqlite"));
  const source = chainEntries(rounds * perRound + 1);
  const figures = { sealed: [] as Spent[], stored: [] as Spent[], bare: [] as Spent[] };
  const all: Sealed[][] = [];
  let seq = 0;
  for (let round = 0; round < rounds; round += 1) {
    const batches: Sealed[][] = [];
    const seal = await spent(() => {
      for (let batch = 0; batch < batchesPerRound; batch += 1)
        batches.push(take(source, entriesPerBatch));
    });
    const ours = async () => {
      const storing = await spent(async () => {
        for (const batch of batches)
          await store.commit(customer, [
            ...batch.map(creating),
            { kind: "upsert", id: "head", body: 0 },
          ]);
      });
      figures.sealed.push(seal);
      figures.stored.push(storing);
    };
    const bare = async () => {
      const inserting = await spent(() => {
        for (const batch of batches) {
          raw.exec("BEGIN IMMEDIATE");
          for (const { text } of batch) insert.run(seq++, text);
          raw.exec("COMMIT");
        }
      });
      figures.bare.push(inserting);
    };
    for (const turn of round % 2 === 0 ? [ours, bare] : [bare, ours]) await turn();
    all.push(...batches);
  }
  await store.close();
  raw.close();
  const ms = median(figures.sealed.map((one, index) => one.ms + (figures.stored[index]?.ms ?? 0)));
  const [appended, bare] = [rate(perRound, ms), rate(perRound, median(figures.bare.map(msOf)))];
  const postgres = await postgresAppend(all.map((batch) => batch.map(({ text }) => text)));
  return {
    appendPerSecond: appended,
    rawInsertPerSecond: bare,
    appendShare: rounded(appended / bare),
    appendCpuMicros: {
      sealing: cpuOf(figures.sealed),
      storing: cpuOf(figures.stored),
      bareInsert: cpuOf(figures.bare),
      ...(await partsOf(all.flat())),
    },
    postgres:
      typeof postgres === "string"
        ? postgres
        : { ...postgres, entriesPerSecond: Math.round(postgres.entriesPerSecond) },
  };
}

const msOf = ({ ms }: Spent): number => ms;
const cpuOf = (figures: readonly Spent[]): number =>
  rounded(median(figures.map(({ cpuMicros }) => cpuMicros / perRound)));

/** What sealing is made of, an entry, each part alone. */
async function partsOf(entries: readonly Sealed[]) {
  const alone = async (work: (one: Sealed) => unknown) => {
    const runs: number[] = [];
    for (let run = 0; run < 5; run += 1) {
      const { cpuMicros } = await spent(() => {
        for (const one of entries) work(one);
      });
      runs.push(cpuMicros / entries.length);
    }
    return rounded(median(runs));
  };
  let range = emptyRange;
  return {
    canonicalise: await alone(({ entry }) => canonicalJson(entry)),
    hash: await alone(({ text }) => entryTextHash(text)),
    tree: await alone(({ hash }) => {
      range = withLeaf(range, Buffer.from(hash, "hex"));
    }),
    document: await alone(({ text, hash }) => JSON.stringify({ bytes: text, hash })),
  };
}

/** One entry alone, from its fields to the disk, against an insert of the same bytes. */
export async function measureSeal({ isQuick, folder }: Extent) {
  const store = sqliteStore(join(folder, "seal.sqlite"));
  const { raw, insert } = bareTable(join(folder, "seal-raw.sqlite"));
  const source = chainEntries(isQuick ? 500 : 2000);
  const ours: number[] = [];
  const bare: number[] = [];
  for (;;) {
    const from = performance.now();
    const [sealed] = take(source, 1);
    if (sealed === undefined) break;
    const { entry, text, hash } = sealed;
    await store.commit(customer, [
      creating(sealed),
      { kind: "upsert", id: "head", body: { size: entry.seq + 1, headHash: hash } },
    ]);
    ours.push(performance.now() - from);
    bare.push(msOf(await spent(() => void insert.run(entry.seq, text))));
  }
  await store.close();
  raw.close();
  const [one, other] = [ascending(ours), ascending(bare)];
  return {
    sealMs: { p50: at(one, 0.5), p99: at(one, 0.99) },
    bareInsertMs: { p50: at(other, 0.5), p99: at(other, 0.99) },
  };
}
