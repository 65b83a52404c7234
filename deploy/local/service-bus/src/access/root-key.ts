// The key of a bus whose configuration has none: made once and kept beside the data, readable by its
// owner alone. Without a data folder it lives as long as the process.

import { randomBytes } from "node:crypto";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ConfigError } from "../config.ts";

export const ROOT_KEY_NAME = "RootManageSharedAccessKey";

/** Throws `ConfigError` when the key file cannot be read or made. */
export function ensureRootKey(dataDir: string | undefined): string {
  const made = randomBytes(32).toString("base64");
  if (dataDir === undefined) return made;
  const file = join(dataDir, "root.key");
  try {
    mkdirSync(dataDir, { recursive: true, mode: 0o700 });
    // Only one of several that start at once makes the file; the others read it.
    writeFileSync(file, `${made}\n`, { mode: 0o600, flag: "wx" });
    return made;
  } catch (cause) {
    if (!isPresent(cause)) throw new ConfigError(`the key file ${file} cannot be made`, { cause });
  }
  try {
    const kept = readFileSync(file, "utf8").trim();
    if (kept !== "") return kept;
  } catch (cause) {
    throw new ConfigError(`the key file ${file} cannot be read`, { cause });
  }
  throw new ConfigError(`the key file ${file} is empty: delete it to get a new key`);
}

function isPresent(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "EEXIST";
}
