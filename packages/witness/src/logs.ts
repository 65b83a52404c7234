// The logs that a witness knows: a file with one verifier key a line. It is the witness's own and may change while the
// witness runs: `add-log` adds a line, a person takes one out.
//
// Invariants:
//   W4. A file that cannot be used changes nothing: the keys of the last good one stay until there is another.

import { appendFileSync, readFileSync, statSync } from "node:fs";
import { parseVerifierKey, type VerifierKey } from "@niivo/contracts/evidence/verifier-key";

const linesMax = 10_000;

/** The file is not usable. The message names it, and the line. */
export class LogsError extends Error {
  override readonly name = "LogsError";
}

/** Empty lines and lines with # say nothing. @throws LogsError. */
function readLogs(file: string): readonly VerifierKey[] {
  const lines = textOf(file).split("\n");
  if (lines.length > linesMax) throw new LogsError(`${file} has more than ${linesMax} lines`);
  return lines.flatMap((line, index) => {
    if (line.trim() === "" || line.startsWith("#")) return [];
    return [logKey(line.trim(), `${file}, line ${index + 1}`)];
  });
}

/**
 * The keys of the file as it is now: it is read again when it was written since (W4).
 * @throws LogsError where it is not usable at the beginning.
 */
export function followedLogs(
  file: string,
  log: (line: string) => void,
): () => readonly VerifierKey[] {
  let keys = readLogs(file);
  let seen = versionOf(file);
  return () => {
    const version = versionOf(file);
    if (version === seen) return keys;
    seen = version;
    try {
      keys = readLogs(file);
      log(`${file} was read again: ${keys.length} keys`);
    } catch (error) {
      if (!(error instanceof LogsError)) throw error;
      log(`the logs stay as they were: ${error.message}`);
    }
    return keys;
  };
}

/** Puts keys at the end of the file, those that are not there yet. @returns those. @throws LogsError; then nothing is added. */
export function addLogs(file: string, texts: readonly string[]): readonly VerifierKey[] {
  const known = new Set(readLogs(file).map(({ vkey }) => vkey));
  const added = texts
    .map((text) => logKey(text, text))
    .filter(({ vkey }) => !known.has(vkey) && known.add(vkey));
  const end = textOf(file).endsWith("\n") || textOf(file) === "" ? "" : "\n";
  if (added.length > 0)
    appendFileSync(file, end + added.map(({ vkey }) => `${vkey}\n`).join(""), { flush: true });
  return added;
}

function logKey(text: string, where: string): VerifierKey {
  const key = parseVerifierKey(text);
  if (key === undefined || key.type === "cosignature")
    throw new LogsError(`${where}: not a log's verifier key`);
  return key;
}

/** Says whether a file was written since, without reading it; `undefined` where it is gone. */
function versionOf(file: string): string | undefined {
  const found = statSync(file, { bigint: true, throwIfNoEntry: false });
  return found && `${found.ino}/${found.mtimeNs}/${found.size}`;
}

function textOf(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (cause) {
    throw new LogsError(`the file ${file} cannot be read`, { cause });
  }
}
