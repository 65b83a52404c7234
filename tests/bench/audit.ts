// `npm run bench:audit`: what evidence costs, each figure beside the limit of the same machine, measured in turns so that
// both feel the same load. The last line is one JSON object. About four minutes; `--quick` takes one.

import { hash } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { canonicalJson } from "@niivo/contracts/canonical";
import { bytesOf } from "@niivo/contracts/evidence/bytes";
import { type CompactRange, emptyRange, leafHash, withLeaf } from "@niivo/contracts/evidence/tree";
import { sqliteStore } from "@niivo/host/sqlite-store";
import type { Operation } from "@niivo/host/store";
import { evidenceJudge, staleAfterMs } from "@niivo/verify/evidence-judge";
import { Command } from "commander";
import type { Sealed } from "../../services/audit/src/chain.ts";
import { entryId, ticketId } from "../../services/audit/src/rows.ts";
import { storedTree, tileOperations } from "../../services/audit/src/stored-tree.ts";
import { readTrail } from "../../services/audit/src/trail.ts";
import { chainEntries } from "./chain-entries.ts";
import { postgresAppend } from "./postgres-chain.ts";

const program = new Command("npm run bench:audit --")
  .description("Measures append, verification, trails and proofs of a long chain.")
  .option("--quick", "a chain of 100,000 instead of 1,000,000, and fewer rounds")
  .parse();
const isQuick = program.opts<{ quick?: boolean }>().quick === true;
const chainSize = isQuick ? 100_000 : 1_000_000;
const rounds = isQuick ? 3 : 7;
const batchSize = 100;
const batchesPerRound = 20;
const newEntries = 1000;
const customer = "contoso";

const folder = mkdtempSync(join(tmpdir(), "niivo-bench-audit-"));
try {
  const appended = await measureAppend();
  const sealed = await measureSeal();
  const verified = measureVerify();
  const long = await measureLongChain();
  const result = {
    at: new Date().toISOString(),
    machine: { cpu: cpus()[0]?.model, cores: cpus().length, node: process.version },
    isQuick,
    ...appended,
    ...sealed,
    ...verified,
    ...long,
    peakMiB: Math.round(process.resourceUsage().maxRSS / 1024),
  };
  for (const [name, value] of Object.entries(result))
    process.stdout.write(
      `${name.padEnd(44)} ${typeof value === "number" ? value.toLocaleString("en") : JSON.stringify(value)}\n`,
    );
  process.stdout.write(`${JSON.stringify(result)}\n`);
} finally {
  rmSync(folder, { recursive: true, force: true });
}

function rate(count: number, ms: number): number {
  return Math.round((count / ms) * 1000);
}
function at(sorted: readonly number[], part: number): number {
  return Number(
    (sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? 0).toFixed(3),
  );
}
function median(values: readonly number[]): number {
  return at(
    [...values].sort((a, b) => a - b),
    0.5,
  );
}
async function timed(work: () => Promise<void> | void): Promise<number> {
  const from = performance.now();
  await work();
  return performance.now() - from;
}

/** Batches of 100 entries: canonicalised, hashed, linked, put into the tree and stored, against storing their bytes. */
async function measureAppend() {
  const store = sqliteStore(join(folder, "append.sqlite"));
  const raw = new DatabaseSync(join(folder, "raw.sqlite"));
  raw.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;");
  raw.exec("CREATE TABLE entries (seq INTEGER PRIMARY KEY, bytes TEXT NOT NULL) STRICT");
  const insert = raw.prepare("INSERT INTO entries VALUES (?, ?)");
  const source = chainEntries(rounds * batchSize * batchesPerRound + 1);
  const batches: string[][] = [];
  const ours: number[] = [];
  const bare: number[] = [];
  let seq = 0;
  for (let round = 0; round < rounds; round += 1) {
    const written: Sealed[][] = [];
    ours.push(
      await timed(async () => {
        for (let batch = 0; batch < batchesPerRound; batch += 1) {
          const entries = take(source, batchSize - 1);
          written.push(entries);
          const operations = entries.map(
            ({ entry, text, hash: its }): Operation => ({
              kind: "create",
              id: entryId(entry.seq),
              body: { bytes: text, hash: its },
            }),
          );
          await store.commit(customer, [...operations, { kind: "upsert", id: "head", body: 0 }]);
        }
      }),
    );
    bare.push(
      await timed(() => {
        for (const entries of written) {
          raw.exec("BEGIN IMMEDIATE");
          for (const { text } of entries) insert.run(seq++, text);
          raw.exec("COMMIT");
        }
      }),
    );
    batches.push(...written.map((entries) => entries.map(({ text }) => text)));
  }
  await store.close();
  raw.close();
  const postgres = await postgresAppend(batches);
  const count = batchesPerRound * (batchSize - 1);
  const [appendPerSecond, rawInsertPerSecond] = [
    rate(count, median(ours)),
    rate(count, median(bare)),
  ];
  return {
    appendPerSecond,
    rawInsertPerSecond,
    appendShare: Number((appendPerSecond / rawInsertPerSecond).toFixed(2)),
    postgres:
      typeof postgres === "string"
        ? postgres
        : { ...postgres, entriesPerSecond: Math.round(postgres.entriesPerSecond) },
  };
}

/** One entry alone, from its fields to the disk, against an insert of the same bytes. */
async function measureSeal() {
  const store = sqliteStore(join(folder, "seal.sqlite"));
  const raw = new DatabaseSync(join(folder, "seal-raw.sqlite"));
  raw.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;");
  raw.exec("CREATE TABLE entries (seq INTEGER PRIMARY KEY, bytes TEXT NOT NULL) STRICT");
  const insert = raw.prepare("INSERT INTO entries VALUES (?, ?)");
  const source = chainEntries(isQuick ? 500 : 2000);
  const ours: number[] = [];
  const bare: number[] = [];
  for (;;) {
    const from = performance.now();
    const [sealed] = take(source, 1);
    if (sealed === undefined) break;
    const { entry, text, hash: its } = sealed;
    await store.commit(customer, [
      { kind: "create", id: entryId(entry.seq), body: { bytes: text, hash: its } },
      { kind: "upsert", id: "head", body: { size: entry.seq + 1, headHash: its } },
    ]);
    ours.push(performance.now() - from);
    bare.push(await timed(() => void insert.run(entry.seq, text)));
  }
  await store.close();
  raw.close();
  const [one, other] = [ours.sort((a, b) => a - b), bare.sort((a, b) => a - b)];
  return {
    sealMs: { p50: at(one, 0.5), p99: at(one, 0.99) },
    bareInsertMs: { p50: at(other, 0.5), p99: at(other, 0.99) },
  };
}

/** In memory, one core: the judges against bare parse, canonicalise and hash; leaf hashes against bare SHA-256. */
function measureVerify() {
  const entries = take(chainEntries(isQuick ? 20_000 : 50_000), Number.POSITIVE_INFINITY);
  const bytes = entries.map(({ text }) => bytesOf(text));
  const figures = {
    full: [] as number[],
    bare: [] as number[],
    hashOnly: [] as number[],
    sha: [] as number[],
  };
  const clock = (into: number[], work: () => void) => {
    const from = performance.now();
    work();
    into.push(performance.now() - from);
  };
  for (let round = 0; round < rounds; round += 1) {
    clock(figures.full, () => {
      const judge = judgeFrom(undefined);
      for (const one of bytes) judge.add({ bytes: one });
      const { verdicts } = judge.end();
      if (verdicts.integrity !== "OK") throw new Error("the bench's chain is broken");
    });
    clock(figures.bare, () => {
      for (const one of bytes)
        hash("sha256", canonicalJson(JSON.parse(Buffer.from(one).toString())), "buffer");
    });
    clock(figures.hashOnly, () => {
      for (const one of bytes) leafHash(one);
    });
    clock(figures.sha, () => {
      for (const one of bytes) hash("sha256", one, "buffer");
    });
  }
  const of = (values: number[]) => rate(bytes.length, median(values));
  const [full, bare, hashOnly, sha] = [
    of(figures.full),
    of(figures.bare),
    of(figures.hashOnly),
    of(figures.sha),
  ];
  return {
    verifyPerSecond: full,
    parseCanonicaliseHashPerSecond: bare,
    verifyShare: Number((full / bare).toFixed(2)),
    hashOnlyPerSecond: hashOnly,
    sha256PerSecond: sha,
    hashOnlyShare: Number((hashOnly / sha).toFixed(2)),
  };
}

/** A stored chain with its tiles: a ticket's trail, a proof, and verifying 1,000 entries on top of what is trusted. */
async function measureLongChain() {
  const file = join(folder, "long.sqlite");
  const store = sqliteStore(file);
  const trusted = await fill(file);
  const tree = () => storedTree(store, customer);
  for (let from = 0; from < chainSize; from += 64 * 256) {
    const leaves = trusted.leaves.slice(from, from + 64 * 256);
    await store.commit(customer, await tileOperations(tree(), from, leaves));
  }
  const trails: number[] = [];
  for (const ticket of trusted.tickets) {
    const ms = await timed(async () => {
      const trail = await readTrail(store, customer, ticket);
      if (trail?.complete !== true) throw new Error("a trail of the bench is not whole");
    });
    trails.push(ms);
  }
  const proofs: number[] = [];
  for (let one = 0; one < 20; one += 1)
    proofs.push(
      await timed(
        async () => void (await tree().inclusion(Math.floor((one / 20) * chainSize), chainSize)),
      ),
    );
  const again: number[] = [];
  for (let round = 0; round < rounds; round += 1)
    again.push(
      await timed(async () => {
        await tree().consistency(chainSize - newEntries, chainSize);
        const judge = judgeFrom(trusted.before);
        const rows = await store.list(customer, {
          prefix: "entry:",
          after: entryId(chainSize - newEntries - 1),
          limit: newEntries,
        });
        for (const { body } of rows)
          judge.add({ bytes: bytesOf((body as { bytes: string }).bytes) });
        const { verdicts, entries } = judge.end();
        if (verdicts.integrity !== "OK" || entries !== newEntries) throw new Error("not in order");
      }),
    );
  await store.close();
  const [ofTrails, ofProofs] = [trails.sort((a, b) => a - b), proofs.sort((a, b) => a - b)];
  return {
    chainSize,
    trailMs: { p50: at(ofTrails, 0.5), p99: at(ofTrails, 0.99) },
    inclusionProofMs: { p50: at(ofProofs, 0.5), max: at(ofProofs, 1) },
    verifyAfterThousandMs: median(again),
  };
}

/** Writes the chain straight into the store's table: filling it is not what is measured. */
async function fill(file: string) {
  const database = new DatabaseSync(file);
  database.exec("PRAGMA synchronous = OFF");
  const insert = database.prepare("INSERT INTO documents VALUES (?, ?, 'e', ?, NULL)");
  const tickets: string[] = [];
  const leaves: Uint8Array[] = [];
  let range: CompactRange = emptyRange;
  let before = range;
  database.exec("BEGIN");
  for (const { entry, text, hash: its } of chainEntries(chainSize)) {
    const leaf = Buffer.from(its, "hex");
    if (entry.seq === chainSize - newEntries) before = range;
    leaves.push(leaf);
    range = withLeaf(range, leaf);
    insert.run(customer, entryId(entry.seq), JSON.stringify({ bytes: text, hash: its }));
    if (entry.ticket?.seq === 29 && entry.seq % (chainSize / 100) < 30) {
      tickets.push(entry.ticket.id);
      insert.run(
        customer,
        ticketId(entry.ticket.id),
        JSON.stringify({ count: 30, last: entry.seq }),
      );
    }
  }
  database.exec("COMMIT");
  database.close();
  return { tickets, leaves, before };
}

function judgeFrom(range: CompactRange | undefined) {
  return evidenceJudge({
    policy: { logs: [], witnesses: [], groups: [], quorum: "none" },
    given: [],
    ...(range === undefined ? {} : { start: { range } }),
    hasValues: false,
    now: new Date(),
    staleAfterMs,
  });
}

function take(source: Iterator<Sealed>, count: number): Sealed[] {
  const taken: Sealed[] = [];
  while (taken.length < count) {
    const { done, value } = source.next();
    if (done === true) break;
    taken.push(value);
  }
  return taken;
}
