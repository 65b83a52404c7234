// `npm run demo` as its user runs it: all as expected, every chain verifies, and no secret is anywhere it
// does not belong; and the search that says so finds one that was planted.

import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Entry, entryHash } from "@niivo/contracts/evidence";
import { stories } from "@niivo/local/scenarios";
import { expect, test } from "vitest";
import { verifyAsStranger } from "../src/offline-verifiers.ts";

const demo = fileURLToPath(new URL("../../deploy/local/src/demo.ts", import.meta.url));

function run(...options: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [demo, "--json", ...options], {
    encoding: "utf8",
    timeout: 115_000,
    maxBuffer: 64 * 1024 * 1024,
  });
  const last = stdout.trimEnd().split("\n").at(-1) ?? "";
  return { status, output: `${stdout}${stderr}`, figures: JSON.parse(last) as Figures };
}

interface Figures {
  readonly tickets: number;
  readonly approved: number;
  readonly refused: number;
  readonly notified: number;
  readonly denied: number;
  readonly verify: string;
  readonly languages: readonly string[];
  readonly traces: number;
  readonly leaks: number;
  readonly canaries: number;
  readonly sinks: number;
  readonly entries: number;
}

test("the demo ends as expected, and its exported chain links up", () => {
  const folder = mkdtempSync(join(tmpdir(), "niivo-export-"));
  try {
    const { status, output, figures } = run("--export", folder);
    expect(status, output).toBe(0);
    expect(figures).toMatchObject({
      tickets: stories.length,
      notified: 1,
      verify: "ok",
      leaks: 0,
      approved: 2,
      refused: 1,
      languages: ["de", "en", "fr", "it"],
    });
    expect(figures.traces).toBe(figures.tickets);
    expect(figures.denied).toBeGreaterThanOrEqual(3);
    expect(figures.canaries).toBeGreaterThan(20);
    expect(output).toMatch(/approval\.granted: via Teams {2}#[0-9a-f]{6} {2}prev #[0-9a-f]{6}/);
    checkLinks(readFileSync(join(folder, "contoso", "entries.jsonl"), "utf8"));
    checkAsStranger(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

test("a planted leak is found", () => {
  const { status, output, figures } = run("--plant-leak");
  expect(figures.leaks, output).toBeGreaterThan(0);
  expect(status).toBe(1);
});

/** With nothing but the bundle, a policy and a verifier of their own: both say the same of the same bytes. */
function checkAsStranger(folder: string): void {
  for (const name of ["contoso", "fabrikam", "platform"]) {
    const [bundle, policy] = [join(folder, name), join(folder, `${name}.policy.txt`)];
    for (const { by, code, text } of verifyAsStranger(bundle, policy))
      expect(code, `${by}: ${text}`).toBe(0);
    const entries = join(bundle, "entries.jsonl");
    const honest = readFileSync(entries, "utf8");
    writeFileSync(entries, honest.replace('"sealedAt":"20', '"sealedAt":"21'));
    for (const { by, code, text } of verifyAsStranger(bundle, policy))
      expect(code, `${by}: ${text}`).toBe(40);
  }
}

function checkLinks(text: string): void {
  const lines = text.trimEnd().split("\n");
  let prev: string | undefined;
  for (const [seq, line] of lines.entries()) {
    const entry = Entry.parse(JSON.parse(line));
    expect(entry.seq).toBe(seq);
    expect(entry.prev).toBe(prev ?? entry.chain);
    prev = entryHash(Buffer.from(line));
  }
  expect(lines.length).toBeGreaterThan(50);
}
