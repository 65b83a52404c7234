// `npm run bench:audit`: what evidence costs, each figure beside the limit of the same machine, measured in turns so that
// both feel the same load. The last line is one JSON object. About four minutes; `--quick` takes half of one.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Command } from "commander";
import { measureAppend, measureSeal } from "./audit/append.ts";
import type { Extent } from "./audit/figures.ts";
import { measureLongChain } from "./audit/long-chain.ts";
import { measureMemory } from "./audit/memory.ts";
import { measureVerify } from "./audit/verify.ts";
import { machineOf } from "./machine.ts";

const program = new Command("npm run bench:audit --")
  .description("Measures append, verification, trails and proofs of a long chain.")
  .option("--quick", "chains of up to 100,000 instead of 1,000,000, and fewer rounds")
  .parse();
const isQuick = program.opts<{ quick?: boolean }>().quick === true;
const chainSize = isQuick ? 100_000 : 1_000_000;

const folder = mkdtempSync(join(tmpdir(), "niivo-bench-audit-"));
try {
  const extent: Extent = { isQuick, rounds: isQuick ? 3 : 7, folder };
  const machine = machineOf();
  const result = {
    at: new Date().toISOString(),
    machine,
    isQuick,
    ...(await measureAppend(extent)),
    ...(await measureSeal(extent)),
    ...measureVerify(extent),
    ...(await measureLongChain(extent, chainSize)),
    wholeChains: [await measureMemory(chainSize / 10), await measureMemory(chainSize)],
  };
  for (const [name, value] of Object.entries(result))
    process.stdout.write(
      `${name.padEnd(36)} ${typeof value === "number" ? value.toLocaleString("en") : JSON.stringify(value)}\n`,
    );
  process.stdout.write(`${JSON.stringify(result)}\n`);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
