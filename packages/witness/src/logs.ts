// The logs that a witness knows: a file with one verifier key a line.

import { readFileSync } from "node:fs";
import { parseVerifierKey, type VerifierKey } from "@niivo/contracts/evidence/verifier-key";

const linesMax = 10_000;

/** The file is not usable. The message names it, and the line. */
export class LogsError extends Error {
  override readonly name = "LogsError";
}

/** Empty lines and lines with # say nothing. @throws LogsError. */
export function readLogs(file: string): readonly VerifierKey[] {
  const lines = textOf(file).split("\n");
  if (lines.length > linesMax) throw new LogsError(`${file} has more than ${linesMax} lines`);
  const keys = lines.flatMap((line, index) => {
    if (line.trim() === "" || line.startsWith("#")) return [];
    const key = parseVerifierKey(line.trim());
    if (key === undefined || key.type === "cosignature")
      throw new LogsError(`${file}, line ${index + 1}: not a log's verifier key`);
    return [key];
  });
  if (keys.length === 0) throw new LogsError(`${file} names no log`);
  return keys;
}

function textOf(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (cause) {
    throw new LogsError(`the file ${file} cannot be read`, { cause });
  }
}
