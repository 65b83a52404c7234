// A bundle in which every field of every file is falsified, one at a time: left out, another value of its kind, a value
// of another kind, one put beside it, and two swapped. Whoever makes a bundle can make its manifest fit, so it fits
// every lie in another file; that it is compared is shown by a lie for each file that it does not fit.
//
// A lie must be an alarm, or stand in `idle` with the reason why nothing rests on it. What is idle must leave the
// answer exactly as it was.

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { canonicalJson, sha256 } from "@niivo/contracts/canonical";
import { messageCommitment } from "@niivo/contracts/evidence";
import { afterAll, describe, expect, test } from "vitest";
import { BundleError } from "../src/bundle/bundle-files.ts";
import { verifyBundle } from "../src/bundle/verify-bundle.ts";
import { type BundleFile, bundleFiles } from "../src/judge/make-bundle.ts";
import type { Report } from "../src/judge/verdict.ts";
import { falsifiedValues, type Lie } from "./falsified-values.ts";
import {
  approvedStory,
  begun,
  chain,
  checkpointOf,
  now,
  origin,
  policyIn,
  proofIn,
  sealedStory,
  software,
  vault,
  witness,
  witnessedText,
} from "./sealed-chain.ts";

const work = mkdtempSync(join(tmpdir(), "niivo-falsified-"));
afterAll(() => rmSync(work, { recursive: true }));

const salt = (text: string): string => sha256(text);
const tell = begun();
approvedStory(tell);
const ticket = tell.told.at(-1)?.ticket?.id ?? "";
for (const [seq, told] of tell.told.entries())
  if (told.event !== undefined)
    tell.told[seq] = {
      ...told,
      commit: { message: messageCommitment(salt(String(seq)), { text: `message ${seq}` }) },
    };
const entries = sealedStory(tell);
const size = entries.length;
const committed = tell.told.flatMap(({ commit }, seq) => (commit === undefined ? [] : [seq]));
const note = checkpointOf(entries, size);
const common = {
  chain,
  origin,
  size,
  exportedAt: now.toISOString(),
  keys: [vault.key.vkey],
  values: committed.map((seq) => ({
    seq,
    salt: salt(String(seq)),
    message: { text: `message ${seq}` },
  })),
  verifier: { name: "niivo-verify.js", sha256: "a".repeat(64) },
};
const chainBundle = bundleFiles({
  ...common,
  scope: { kind: "chain", from: 0, range: [] },
  entries,
  checkpoints: [5, 9, size].map((one) => ({ size: one, note: checkpointOf(entries, one) })),
  proofs: [],
});
const ofTicket = [0, ...committed];
const ticketBundle = bundleFiles({
  ...common,
  scope: { kind: "ticket", ticket },
  entries: ofTicket.map((seq) => entries[seq] ?? ""),
  checkpoints: [],
  proofs: ofTicket.map((seq) => ({ seq, text: proofIn(entries, seq, note, size) })),
});

/** Fields on which no claim rests, and why. A lie in them changes nothing that is verified. */
const idle: readonly { readonly field: RegExp; readonly how?: RegExp; readonly why: string }[] = [
  { field: /^manifest\.json origin$/, why: "the policy's key names the origin that counts" },
  { field: /^manifest\.json size$/, why: "checkpoints say how long the chain is" },
  { field: /^manifest\.json exportedAt$/, why: "freshness is judged by checkpoints alone" },
  { field: /^manifest\.json verifier/, why: "printed beside the verifier's own digest" },
  { field: /^(manifest\.json files\.)?keys\.txt/, why: "the policy holds the keys that count" },
  { field: /^proofs\S+ line 2$/, how: /^left out$/, why: "the entry stands in entries.jsonl" },
  { field: /signature of software$/, why: "the policy names no such key, so nobody looks at it" },
  { field: /signature of /, how: /^(twice|swapped)/, why: "a key counts once, wherever it stands" },
  { field: /signature of witness$/, how: /^left out$/, why: "a note of as much has it, or no 0" },
  { field: /^checkpoints\S+$/, how: /^not there$/, why: "a newer one covers the same entries" },
  { field: /^checkpoints\S+$/, how: /^another's$/, why: "a note says its size, not its name" },
  { field: /^entries\.jsonl line 2$/, how: /^swapped/, why: "a ticket's are ordered by number" },
  { field: /^values\.jsonl$/, how: /^without its last/, why: "the last line is read whole" },
  { field: /^values\.jsonl$/, how: /^not there$/, why: "values are exported on request alone" },
];
const isIdle = (field: string, how: string): boolean =>
  idle.some((one) => one.field.test(field) && (one.how?.test(how) ?? true));

/** The name of a line: its number, or whose signature it is. */
function lineName(line: string, at: number): string {
  const id = Buffer.from(line.split(" ").at(-1) ?? "", "base64")
    .toString("hex")
    .slice(0, 8);
  const signers = { vault, software, witness };
  const by = Object.entries(signers).find(([, { key }]) => key.vkey.split("+")[1] === id);
  return line.startsWith("\u2014 ") && by !== undefined
    ? `signature of ${by[0]}`
    : `line ${at + 1}`;
}

let folders = 0;
async function verified(files: readonly BundleFile[]): Promise<Report | "refused"> {
  folders += 1;
  const path = join(work, String(folders));
  for (const file of files) {
    mkdirSync(dirname(join(path, file.path)), { recursive: true });
    writeFileSync(join(path, file.path), file.text);
  }
  try {
    const policy = policyIn(witnessedText);
    return await verifyBundle({ path, policy, trusted: [], now, staleAfterMs: 3_600_000 });
  } catch (error) {
    if (error instanceof BundleError) return "refused";
    throw error;
  } finally {
    rmSync(path, { recursive: true });
  }
}

/** A file without the text is left out. */
function told(
  files: readonly BundleFile[],
  path: string,
  text: string | undefined,
  isFitted = true,
): readonly BundleFile[] {
  const others = files.filter((file) => file.path !== path);
  const lying = text === undefined ? others : [...others, { path, text }];
  if (!isFitted || path === "manifest.json") return lying;
  const manifest = JSON.parse(files.find((file) => file.path === "manifest.json")?.text ?? "");
  const { [path]: _, ...rest } = manifest.files;
  const digests = text === undefined ? rest : { ...rest, [path]: sha256(text) };
  const fitted = `${canonicalJson({ ...manifest, files: digests })}\n`;
  return lying.map((file) =>
    file.path === "manifest.json" ? { path: file.path, text: fitted } : file,
  );
}

const linesOf = (text: string): readonly string[] => text.split("\n").slice(0, -1);
const joined = (lines: readonly string[]): string => lines.map((line) => `${line}\n`).join("");

/** Lies in the lines of a text, whatever they mean. */
function lineLies(path: string, text: string): readonly Lie<string>[] {
  const lines = linesOf(text);
  return [
    ...lines.flatMap((line, at) => {
      const field = `${path} ${lineName(line, at)}`;
      const middle = Math.floor(line.length / 2);
      const other = line[middle] === "A" ? "B" : "A";
      return [
        { field, how: "left out", value: joined(lines.toSpliced(at, 1)) },
        { field, how: "empty", value: joined(lines.with(at, "")) },
        { field, how: "twice", value: joined(lines.toSpliced(at, 0, line)) },
        { field, how: "longer", value: joined(lines.with(at, `${line}A`)) },
        {
          field,
          how: "another character",
          value: joined(
            lines.with(at, `${line.slice(0, middle)}${other}${line.slice(middle + 1)}`),
          ),
        },
        ...(at === 0
          ? []
          : [
              {
                field,
                how: "swapped with the one before",
                value: joined(lines.with(at, lines[at - 1] ?? "").with(at - 1, line)),
              },
            ]),
      ];
    }),
    { field: path, how: "without its last line feed", value: text.slice(0, -1) },
    { field: path, how: "with a line feed more", value: `${text}\n` },
    { field: path, how: "empty", value: "" },
  ];
}

/** Lies in the fields of the JSON of each line. */
const jsonLies = (path: string, text: string): readonly Lie<string>[] => {
  const lines = linesOf(text);
  const values: readonly unknown[] = lines.map((line) => JSON.parse(line));
  return lines.flatMap((line, at) =>
    falsifiedValues(values[at], values[at + 1] ?? values[at - 1]).flatMap(
      ({ field, how, value }) => {
        const lie = canonicalJson(value);
        const where = lines.length === 1 ? `${path} ${field}` : `${path} line ${at + 1} ${field}`;
        return lie === line ? [] : [{ field: where, how, value: joined(lines.with(at, lie)) }];
      },
    ),
  );
};

function liesIn(files: readonly BundleFile[], { path, text }: BundleFile) {
  const lies = [
    ...(path === "manifest.json" ? [] : lineLies(path, text)),
    ...(/\.jsonl?$/.test(path) ? jsonLies(path, text) : []),
  ].filter(({ value }) => value !== text);
  const kind = path.split("/")[0] ?? "";
  const another = files.find((file) => file.path !== path && file.path.startsWith(`${kind}/`));
  const whole: readonly Lie<string | undefined>[] = [
    { field: path, how: "not there", value: undefined },
    ...(another === undefined ? [] : [{ field: path, how: "another's", value: another.text }]),
  ];
  return [...lies, ...whole];
}

describe.each([
  { name: "a chain's", files: chainBundle },
  { name: "a ticket's", files: ticketBundle },
])("$name bundle", ({ files }) => {
  const honest = verified(files);

  test("is in order as it is", async () => {
    expect(await honest).toMatchObject({ exitCode: 0, findings: [] });
  });

  test.each(files)("every lie in $path is found, or changes nothing at all", async (file) => {
    const missed: string[] = [];
    for (const { field, how, value } of liesIn(files, file)) {
      const report = await verified(told(files, file.path, value));
      if (report === "refused" || report.exitCode > 0) continue;
      // Values that were taken away altogether are not judged, and the report says so.
      if (report.verdicts.privacy === "NOT_JUDGED") continue;
      if (!isIdle(field, how) || judgedText(report) !== judgedText(await honest))
        missed.push(`${field}: ${how}`);
    }
    expect(missed).toEqual([]);
  });

  test.each(files.filter(({ path }) => !/^(manifest|keys)\./.test(path)))(
    "a manifest with the digest of another $path is found",
    async ({ path, text }) => {
      const fitted = told(files, path, text);
      const manifest = fitted.find((file) => file.path === "manifest.json")?.text ?? "";
      const other = manifest.replace(sha256(text), sha256(`${text} `));
      expect(other).not.toBe(manifest);
      const report = await verified(told(files, "manifest.json", other));
      expect(report === "refused" ? 50 : report.exitCode).toBe(40);
    },
  );
});

/** What was judged, without the notes themselves. */
const judgedText = (report: Report | "refused"): string =>
  report === "refused" ? report : canonicalJson({ ...report, checkpoints: [] });
