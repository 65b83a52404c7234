// Full verification of chains of several lengths by processes of their own, by the service's reader from a store and by
// the built offline verifier from a bundle: how long, and their peak memory. Also by hand, for any length:
// `node tests/bench/audit/memory.ts 10000000`. A bundle of as many entries takes 8 GB, and a store 11.

import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import {
  closeSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  rmSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { canonicalJson } from "@niivo/contracts/canonical";
import { bundlePaths } from "@niivo/contracts/evidence/bundle";
import { sqliteStore } from "@niivo/host/sqlite-store";
import { bundleManifest } from "@niivo/verify/make-bundle";
import { z } from "zod";
import { entryId, headId } from "../../../services/audit/src/rows.ts";
import { machineOf } from "../machine.ts";
import { chainEntries } from "./chain-entries.ts";
import { customer, rate, rounded } from "./figures.ts";

const verifier = fileURLToPath(
  new URL("../../../packages/verify/dist/niivo-verify.js", import.meta.url),
);
const storeVerifier = fileURLToPath(new URL("verify-store.ts", import.meta.url));
const entriesPerWrite = 10_000;
const limitMs = 60 * 60 * 1000;

const Report = z.object({ entries: z.int(), verdicts: z.object({ integrity: z.string() }) });
const Usage = z.object({ peakKiB: z.number(), cpuMicros: z.number() });

/** @throws Error where the verifier is not built, or a chain is not found in order. */
export async function measureMemory(size: number) {
  const folder = mkdtempSync(join(tmpdir(), "niivo-bench-memory-"));
  try {
    const from = performance.now();
    const { file, bundle } = await writeChain(folder, size);
    const generatedSeconds = Math.round((performance.now() - from) / 1000);
    const policy = join(folder, "policy.txt");
    writeFileSync(policy, "quorum none\n");
    const service = await verifiedBy([storeVerifier, file, customer], size);
    const offline = await verifiedBy([verifier, bundle, "--policy", policy, "--json"], size);
    return { size, generatedSeconds, service, offline };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The same chain in a store and in a bundle. */
async function writeChain(folder: string, size: number) {
  const [file, bundle] = [join(folder, "chain.sqlite"), join(folder, "bundle")];
  mkdirSync(join(bundle, bundlePaths.checkpoints), { recursive: true });
  await sqliteStore(file).close();
  const database = new DatabaseSync(file);
  database.exec("PRAGMA synchronous = OFF; BEGIN");
  const insert = database.prepare("INSERT INTO documents VALUES (?, ?, 'e', ?, NULL)");
  const put = (id: string, body: unknown) => insert.run(customer, id, JSON.stringify(body));
  const lines = openSync(join(bundle, bundlePaths.entries), "w");
  const digest = createHash("sha256");
  let waiting = "";
  for (const { entry, text, hash } of chainEntries(size)) {
    put(entryId(entry.seq), { bytes: text, hash });
    waiting += `${text}\n`;
    const isLast = entry.seq === size - 1;
    if (isLast || entry.seq % entriesPerWrite === 0) {
      digest.update(waiting);
      writeSync(lines, waiting);
      waiting = "";
      database.exec("COMMIT; BEGIN");
    }
    if (!isLast) continue;
    const { chain, sealedAt } = entry;
    put(headId, { chain, size, headHash: hash, sealedAt });
    const manifest = bundleManifest(
      {
        ...{ chain, size, origin: `bench/${chain}`, scope: { kind: "chain", from: 0, range: [] } },
        ...{ exportedAt: sealedAt, checkpoints: [], proofs: [], keys: [] },
      },
      size,
      { [bundlePaths.entries]: digest.digest("hex") },
    );
    writeFileSync(join(bundle, bundlePaths.manifest), `${canonicalJson(manifest)}\n`);
  }
  closeSync(lines);
  database.exec("COMMIT");
  database.close();
  return { file, bundle };
}

// Said by the process itself when it ends: afterwards nobody can ask for it.
const sayingPeak =
  "data:text/javascript,process.on('exit',()=>{const {maxRSS,userCPUTime:u,systemCPUTime:s}=process.resourceUsage();" +
  "process.stderr.write(JSON.stringify({peakKiB:maxRSS,cpuMicros:u+s}))})";

async function verifiedBy(args: readonly string[], size: number) {
  const from = performance.now();
  const { stdout, stderr } = await finished(["--import", sayingPeak, ...args]);
  const ms = performance.now() - from;
  const { entries, verdicts } = Report.parse(JSON.parse(stdout));
  if (entries !== size || verdicts.integrity !== "OK") throw new Error("the chain is not in order");
  const { peakKiB, cpuMicros } = Usage.parse(JSON.parse(stderr));
  return {
    entriesPerSecond: rate(size, ms),
    cpuMicrosPerEntry: rounded(cpuMicros / size),
    peakMiB: Math.round(peakKiB / 1024),
  };
}

// Without an accepted checkpoint the verifier ends with another code than 0; what it found is in its report.
async function finished(args: readonly string[]) {
  const child = spawn(process.execPath, args, { timeout: limitMs });
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)]);
  return { stdout, stderr };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const machine = machineOf();
  const chains = [];
  for (const size of process.argv.slice(2)) chains.push(await measureMemory(Number(size)));
  process.stdout.write(`${JSON.stringify({ at: new Date().toISOString(), machine, chains })}\n`);
}
