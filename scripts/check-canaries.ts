// Proves that every gate still bites: copies the sources to a temporary folder, plants one violation per
// rule, runs the gates there, and fails if any violation is accepted.

import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { biomeCanaries, type Canary, typeCanaries, unusedCanaries } from "./canaries.ts";

const repository = fileURLToPath(new URL("../", import.meta.url));
const copied = [
  "biome.json",
  "knip.json",
  "package.json",
  "tsconfig.base.json",
  "contracts",
  "packages",
  "services",
];
const manifest = {
  name: "@niivo/canary",
  version: "0.1.0",
  private: true,
  type: "module",
  exports: {},
  dependencies: { "@niivo/contracts": "0.1.0", jose: "6.2.18" },
};

const folder = mkdtempSync(join(tmpdir(), "niivo-canaries-"));
try {
  const accepted = [
    ...inCopy(biomeCanaries, acceptedByBiome),
    ...inCopy(typeCanaries, acceptedByTypes),
    ...inCopy(unusedCanaries, acceptedByKnip),
  ];
  const total = biomeCanaries.length + typeCanaries.length + unusedCanaries.length;
  for (const { expected, path } of accepted) {
    process.stderr.write(`canary accepted: ${expected} was not reported for ${path}\n`);
  }
  process.stdout.write(`canaries: ${total - accepted.length} of ${total} caught\n`);
  process.exitCode = accepted.length === 0 ? 0 : 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}

/** A fresh copy with these violations planted; what the gate there accepted. */
function inCopy(
  canaries: readonly Canary[],
  accepted: (root: string, canaries: readonly Canary[]) => readonly Canary[],
): readonly Canary[] {
  const root = mkdtempSync(join(folder, "copy-"));
  for (const name of copied) {
    cpSync(join(repository, name), join(root, name), {
      recursive: true,
      filter: (source) => !/node_modules|\.turbo/.test(source),
    });
  }
  symlinkSync(join(repository, "node_modules"), join(root, "node_modules"));
  for (const { path, text } of canaries) {
    const file = join(root, path);
    mkdirSync(dirname(file), { recursive: true });
    const home = file.slice(0, file.indexOf("/src/"));
    writeFileSync(join(home, "package.json"), JSON.stringify(manifest));
    writeFileSync(
      join(home, "tsconfig.json"),
      JSON.stringify({ extends: "../../tsconfig.base.json", include: ["src"] }),
    );
    writeFileSync(file, text);
  }
  return accepted(root, canaries);
}

function output(root: string, command: string, ...parameters: string[]): string {
  const binary = join(repository, "node_modules/.bin", command);
  const run = spawnSync(binary, parameters, {
    cwd: root,
    encoding: "utf8",
    maxBuffer: 256 * 1024 * 1024,
    env: { PATH: `${dirname(process.execPath)}:${process.env["PATH"] ?? ""}`, NO_COLOR: "1" },
  });
  return `${run.stdout}\n${run.stderr}`;
}

function acceptedByBiome(root: string, canaries: readonly Canary[]): readonly Canary[] {
  const lines = output(root, "biome", "lint", "--max-diagnostics=none", "services").split("\n");
  return canaries.filter(
    ({ expected, path }) => !lines.some((line) => line.startsWith(path) && line.includes(expected)),
  );
}

function acceptedByTypes(root: string, canaries: readonly Canary[]): readonly Canary[] {
  const lines = output(root, "tsc", "--noEmit", "-p", "services/canary").split("\n");
  return canaries.filter(
    ({ expected, path }) =>
      !lines.some(
        (line) => line.includes(path.replace(/^.*\/src\//, "src/")) && line.includes(expected),
      ),
  );
}

function acceptedByKnip(root: string, canaries: readonly Canary[]): readonly Canary[] {
  const lines = output(root, "knip", "--workspace", "services/canary", "--no-progress").split("\n");
  return canaries.filter(({ expected }) => !lines.some((line) => line.includes(expected)));
}
