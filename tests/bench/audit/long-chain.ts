// A stored chain with its tiles: a ticket's trail, a proof, and verifying 1,000 entries on top of what is trusted.

import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { bytesOf, hexOf } from "@niivo/contracts/evidence/bytes";
import { type CompactRange, emptyRange, rootOf, withLeaf } from "@niivo/contracts/evidence/tree";
import { sqliteStore } from "@niivo/host/sqlite-store";
import { entryId, headId, ticketId } from "../../../services/audit/src/rows.ts";
import { readEntries } from "../../../services/audit/src/stored-chain.ts";
import { storedTree, tileOperations } from "../../../services/audit/src/stored-tree.ts";
import { readTrail } from "../../../services/audit/src/trail.ts";
import { chainEntries } from "./chain-entries.ts";
import { ascending, at, customer, type Extent, median, spent } from "./figures.ts";
import { judgeFrom } from "./verify.ts";

const newEntries = 1000;
const leavesPerCommit = 64 * 256;

export async function measureLongChain({ rounds, folder }: Extent, chainSize: number) {
  const file = join(folder, "long.sqlite");
  const store = sqliteStore(file);
  const trusted = fillChain(file, chainSize);
  const tree = () => storedTree(store, customer);
  for (let from = 0; from < chainSize; from += leavesPerCommit) {
    const leaves = trusted.leaves.slice(from, from + leavesPerCommit);
    await store.commit(customer, await tileOperations(tree(), from, leaves));
  }
  const trails: number[] = [];
  for (const ticket of trusted.tickets) {
    const { ms } = await spent(async () => {
      const trail = await readTrail(store, customer, ticket);
      if (trail?.complete !== true) throw new Error("a trail of the bench is not whole");
    });
    trails.push(ms);
  }
  const proofs: number[] = [];
  for (let one = 0; one < 20; one += 1) {
    const index = Math.floor((one / 20) * chainSize);
    const { ms } = await spent(async () => void (await tree().inclusion(index, chainSize)));
    proofs.push(ms);
  }
  const again: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const { ms } = await spent(async () => {
      await tree().consistency(chainSize - newEntries, chainSize);
      const judge = judgeFrom(trusted.before);
      const from = chainSize - newEntries;
      for (const { bytes } of await readEntries(store, customer, { from, limit: newEntries }))
        judge.add({ bytes: bytesOf(bytes) });
      const { verdicts, entries } = judge.end();
      if (verdicts.integrity !== "OK" || entries !== newEntries) throw new Error("not in order");
    });
    again.push(ms);
  }
  await store.close();
  const [ofTrails, ofProofs] = [ascending(trails), ascending(proofs)];
  return {
    chainSize,
    trailMs: { p50: at(ofTrails, 0.5), p99: at(ofTrails, 0.99) },
    inclusionProofMs: { p50: at(ofProofs, 0.5), max: at(ofProofs, 1) },
    verifyAfterThousandMs: median(again),
  };
}

/**
 * Writes a chain straight into the table of a store that was opened before: filling it is not what is measured.
 * @returns its leaf hashes, some of its tickets, and the tree before the last 1,000 entries.
 */
function fillChain(file: string, chainSize: number) {
  const database = new DatabaseSync(file);
  database.exec("PRAGMA synchronous = OFF");
  const insert = database.prepare("INSERT INTO documents VALUES (?, ?, 'e', ?, NULL)");
  const put = (id: string, body: unknown) => insert.run(customer, id, JSON.stringify(body));
  const tickets: string[] = [];
  const leaves: Uint8Array[] = [];
  let range: CompactRange = emptyRange;
  let before = range;
  database.exec("BEGIN");
  for (const { entry, text, hash } of chainEntries(chainSize)) {
    const leaf = Buffer.from(hash, "hex");
    if (entry.seq === chainSize - newEntries) before = range;
    leaves.push(leaf);
    range = withLeaf(range, leaf);
    put(entryId(entry.seq), { bytes: text, hash });
    if (entry.ticket?.seq === 29 && entry.seq % (chainSize / 100) < 30) {
      tickets.push(entry.ticket.id);
      put(ticketId(entry.ticket.id), { count: 30, last: entry.seq });
    }
    if (entry.seq === chainSize - 1) {
      const { chain, sealedAt } = entry;
      const root = hexOf(rootOf(range));
      put(headId, { chain, size: chainSize, headHash: hash, root, sealedAt });
    }
  }
  database.exec("COMMIT");
  database.close();
  return { tickets, leaves, before };
}
