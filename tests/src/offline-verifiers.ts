// Both offline verifiers as a stranger has them: copied into an empty folder, run there with nothing around them. The
// built one on every Node that is here, the other on Python where there is one.

import { spawnSync } from "node:child_process";
import { copyFileSync, existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../../", import.meta.url));
const built = join(root, "packages/verify/dist/niivo-verify.js");
const second = join(root, "tests/evidence/niivo_verify.py");

export interface Verification {
  readonly by: string;
  readonly code: number | null;
  readonly text: string;
}

/** @param bundle its folder. @param policy the auditor's file. */
export function verifyAsStranger(bundle: string, policy: string): readonly Verification[] {
  const build = spawnSync("npm", ["run", "build:verify"], { cwd: root, encoding: "utf8" });
  if (build.status !== 0) throw new Error(build.stderr);
  const folder = mkdtempSync(join(tmpdir(), "niivo-stranger-"));
  try {
    copyFileSync(built, join(folder, "niivo-verify.js"));
    copyFileSync(second, join(folder, "niivo_verify.py"));
    const run = (program: string, script: string): Verification => {
      const args = [script, bundle, "--policy", policy];
      const options = { cwd: folder, encoding: "utf8", env: {}, timeout: 60_000 } as const;
      const { status, stdout } = spawnSync(program, args, options);
      return { by: program, code: status, text: stdout };
    };
    const nodes = [process.execPath, "/usr/bin/node"].filter((node) => existsSync(node));
    const pythons = ["/usr/bin/python3", "/usr/local/bin/python3"].filter((one) => existsSync(one));
    return [
      ...nodes.map((node) => run(node, "niivo-verify.js")),
      ...pythons.slice(0, 1).map((python) => run(python, "niivo_verify.py")),
    ];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
