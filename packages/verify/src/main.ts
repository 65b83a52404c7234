// The offline verifier: a bundle, and the policy of whoever asks. No network, no secret, nothing installed.

import { readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { ReceiptIssued } from "@niivo/contracts/audit";
import { sha256 } from "@niivo/contracts/canonical";
import { BundleManifest, bundlePaths } from "@niivo/contracts/evidence/bundle";
import { parsePolicy, type SigningPolicy } from "@niivo/contracts/evidence/signing-policy";
import { parseTlogProof } from "@niivo/contracts/evidence/tlog-proof";
import type { Receipt } from "@niivo/contracts/receipt";
import { Command } from "commander";
import { BundleError } from "./bundle/bundle-files.ts";
import { verifyBundle, verifyEntry } from "./bundle/verify-bundle.ts";
import { exitCodes, type Report } from "./judge/verdict.ts";
import { reportText } from "./report.ts";
import { rememberedNote, rememberNote } from "./state.ts";

interface Options {
  readonly policy: string;
  readonly since?: string;
  readonly receipts?: string;
  readonly state?: string;
  readonly at?: string;
  readonly maxAge: string;
  readonly json?: boolean;
}

const defaultMaxAgeMinutes = 60;

const program = new Command("niivo-verify")
  .description("Verifies NIIVO evidence offline: a bundle folder, or one .tlog-proof file.")
  .argument("<path>", "the bundle's folder, or a .tlog-proof file")
  .requiredOption("--policy <file>", "who must have signed (tlog-policy); your own file")
  .option("--since <note>", "a checkpoint that you verified before")
  .option("--receipts <file>", "receipts that you kept, one JSON object a line")
  .option("--state <folder>", "keeps the last verified checkpoint of each chain")
  .option("--at <time>", "when you received it (ISO 8601); default: now")
  .option("--max-age <minutes>", "older checkpoints are stale", String(defaultMaxAgeMinutes))
  .option("--json", "the report as JSON")
  .addHelpText(
    "after",
    "\nA bundle holds a chain, a part of one, or one ticket (GET …/export?ticket=ID): the ticket's entries, each with its\n" +
      "proof, and on request the messages behind them, each compared with its commitment. A single .tlog-proof file needs\n" +
      "nothing beside it. What a run does not prove stands at its end.\n" +
      "\nExit codes: 0 in order, 10 newest entries unattested, 20 incomplete, stale or against the rules,\n" +
      "30 forked, 40 altered, 50 cannot be verified.",
  );

program.exitOverride((error) => {
  process.exit(error.exitCode === 0 ? 0 : exitCodes.unverifiable);
});
program.parse();
void run(program.args[0] ?? "", program.opts<Options>()).then((code) => {
  process.exitCode = code;
});

async function run(path: string, options: Options): Promise<number> {
  const now = options.at === undefined ? new Date() : new Date(options.at);
  const maxAgeMinutes = Number(options.maxAge);
  try {
    if (Number.isNaN(now.getTime()) || !(maxAgeMinutes > 0))
      throw new BundleError("--at is a time, and --max-age a number of minutes", {
        code: "unreadable",
      });
    const report = await verify(path, options, now, maxAgeMinutes * 60_000);
    if (options.state !== undefined) await rememberNote(options.state, report);
    process.stdout.write(
      options.json === true
        ? `${JSON.stringify(report, null, 2)}\n`
        : `${reportText(report, now)}\n${verifierText(path)}\n`,
    );
    return report.exitCode;
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    const text = options.json === true ? JSON.stringify({ error: why, exitCode: 50 }) : why;
    process.stdout.write(`CANNOT BE VERIFIED (exit code 50)\n${text}\n`);
    return exitCodes.unverifiable;
  }
}

async function verify(
  path: string,
  options: Options,
  now: Date,
  staleAfterMs: number,
): Promise<Report> {
  const policy = policyIn(options.policy);
  if (path.endsWith(".tlog-proof")) return verifySingle(path, policy);
  const trusted = options.since === undefined ? [] : [readFileSync(options.since, "utf8")];
  const chain = options.state === undefined ? undefined : manifestOf(path)?.chain;
  if (options.state !== undefined && chain !== undefined) {
    const kept = await rememberedNote(options.state, chain);
    if (kept !== undefined) trusted.push(kept);
  }
  const receipts = options.receipts === undefined ? [] : receiptsIn(options.receipts);
  return await verifyBundle({ path, policy, trusted, receipts, now, staleAfterMs });
}

/** The data of `receipt.issued` messages. */
const receiptsIn = (file: string): readonly Receipt[] =>
  readFileSync(file, "utf8")
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => ReceiptIssued.shape.data.parse(JSON.parse(line)));

/** This program's own digest, beside the one that the bundle names: compare it with what its maker published. */
function verifierText(path: string): string {
  const own = sha256(readFileSync(process.argv[1] ?? ""));
  const named = manifestOf(path)?.verifier?.sha256;
  const compared =
    named === undefined ? "" : named === own ? ", the one that the bundle names" : `, not ${named}`;
  return `This verifier is SHA-256 ${own}${compared}.`;
}

function policyIn(file: string): SigningPolicy {
  const parsed = parsePolicy(readFileSync(file, "utf8"));
  if (parsed.kind === "refused")
    throw new BundleError(`${basename(file)}:${parsed.line}: ${parsed.reason}`, {
      code: "unreadable",
    });
  return parsed.policy;
}

function verifySingle(path: string, policy: SigningPolicy): Report {
  const text = readFileSync(path, "utf8");
  const bytes = parseTlogProof(text)?.extra;
  if (bytes === undefined)
    throw new BundleError("the proof carries no entry", { code: "unreadable" });
  return verifyEntry(text, bytes, { policy });
}

// Only to find the kept note, and to compare. Whether the bundle is of that chain is judged by its entries.
function manifestOf(path: string): BundleManifest | undefined {
  try {
    const text = readFileSync(join(path, bundlePaths.manifest), "utf8");
    return BundleManifest.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}
