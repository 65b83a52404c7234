// A second implementation of the evidence format, in another language and from the page alone, comes to the same
// answers on the published vectors.

import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { z } from "zod";

const Vectors = z.object({
  policy: z.string(),
  now: z.string(),
  bundles: z.array(
    z.object({
      name: z.string(),
      exitCode: z.int(),
      since: z.string().optional(),
      files: z.record(z.string(), z.string()),
    }),
  ),
});
const { policy, now, bundles } = Vectors.parse(
  JSON.parse(readFileSync(new URL("../../docs/evidence-vectors.json", import.meta.url), "utf8")),
);
const script = new URL("../evidence/niivo_verify.py", import.meta.url).pathname;
const work = mkdtempSync(join(tmpdir(), "niivo-second-"));
afterAll(() => rmSync(work, { recursive: true }));

function isThere(): boolean {
  try {
    execFileSync("python3", ["--version"]);
    return true;
  } catch {
    return false;
  }
}
const present = isThere();

/** It does not judge conduct, and says so; everything else it judges as the first one does. */
const judged = bundles.filter(({ name }) => name !== "started without an allow");

describe.skipIf(!present)(
  present ? "the verifier in Python" : "the verifier in Python (skipped: no python3)",
  () => {
    test.each(judged)("a bundle: $name", ({ name, files, since, exitCode }) => {
      const folder = join(work, name.replaceAll(" ", "-"));
      const write = (path: string, text: string): string => {
        mkdirSync(dirname(join(folder, path)), { recursive: true });
        writeFileSync(join(folder, path), text);
        return join(folder, path);
      };
      for (const [path, text] of Object.entries(files)) write(join("bundle", path), text);
      const known = since === undefined ? [] : ["--since", write("since.note", since)];
      const owned = ["--policy", write("policy.txt", policy), "--at", now];
      let answer = { code: 0, text: "" };
      try {
        const args = [script, join(folder, "bundle"), ...owned, ...known];
        answer = { code: 0, text: execFileSync("python3", args, { encoding: "utf8" }) };
      } catch (error) {
        const { status, stdout } = z.object({ status: z.int(), stdout: z.string() }).parse(error);
        answer = { code: status, text: stdout };
      }
      expect(answer.code, answer.text).toBe(exitCode);
    });

    test("has under 300 lines, and nothing but the standard library", () => {
      const text = readFileSync(script, "utf8");
      expect(text.split("\n").length).toBeLessThan(300);
      const imported = [...text.matchAll(/^(?:import|from) (.*)$/gm)].map(([, names]) => names);
      expect(imported).toEqual([
        "argparse, base64, binascii, datetime, hashlib, json, os, re, sys",
      ]);
    });
  },
);
