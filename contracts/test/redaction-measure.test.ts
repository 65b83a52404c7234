// Measures the redaction rules on samples that others published: how many credentials are found, how much
// else is, and how many ordinary tickets are changed. The samples are not part of this repository.
//
// The floors are what the rules reach today. A rule that gets worse fails here; one that gets better raises them.

import { existsSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { z } from "zod";
import { redact } from "../src/redact.ts";

const corpora = new URL("../../../shared/corpora/", import.meta.url);
const Row = z.object({ kind: z.string(), text: z.string() });

const rowsOf = (folder: string): readonly z.infer<typeof Row>[] =>
  readFileSync(new URL(`${folder}/dev.jsonl`, corpora), "utf8")
    .trim()
    .split("\n")
    .map((line) => Row.parse(JSON.parse(line)));
const isHere = (folder: string): boolean => existsSync(new URL(`${folder}/dev.jsonl`, corpora));
const unless = (here: boolean): string => (here ? "" : " (skipped: the samples are not here)");

/** How many of these texts a rule changes. */
const changed = (texts: readonly string[]): number =>
  texts.filter((text) => redact(text).rules.length > 0).length;

const hasSecrets = isHere("secrets");
const ticketFolders = ["tickets-jamiechristian22", "taubench-it-helpdesk", "taubench-rbac"];
const hasTickets = ticketFolders.every(isHere);

test.skipIf(!hasSecrets)(`credentials are found, and little else${unless(hasSecrets)}`, () => {
  const rows = rowsOf("secrets");
  const ofKind = (kind: string) => rows.filter((row) => row.kind === kind).map(({ text }) => text);
  const credentials = ofKind("secret-true-positive");
  const others = ofKind("secret-false-positive");
  const found = changed(credentials);
  const mistaken = changed(others);
  print(`found ${found} of ${credentials.length}, mistaken ${mistaken} of ${others.length}`);
  expect(credentials.length).toBeGreaterThanOrEqual(20);
  expect(others.length).toBeGreaterThanOrEqual(100);
  expect(found / credentials.length).toBeGreaterThanOrEqual(0.95);
  expect(mistaken / others.length).toBeLessThanOrEqual(0.14);
});

test.skipIf(!hasTickets)(`ordinary tickets stay as they are${unless(hasTickets)}`, () => {
  const texts = ticketFolders.flatMap(rowsOf).map(({ text }) => text);
  const share = changed(texts) / texts.length;
  print(`changed ${(share * 100).toFixed(1)} % of ${texts.length} tickets`);
  expect(texts.length).toBeGreaterThanOrEqual(500);
  expect(share).toBe(0);
});

function print(figures: string): void {
  process.stdout.write(`redaction: ${figures}\n`);
}
