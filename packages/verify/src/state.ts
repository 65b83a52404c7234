// The last verified checkpoint of each chain, kept by whoever verifies. It is what shows, next time, that a history
// was replaced: the old note and the new one cannot both be true.

import { existsSync } from "node:fs";
import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { givenCheckpoint } from "./judge/checkpoint-judge.ts";
import type { Report } from "./judge/verdict.ts";

const fileOf = (folder: string, chain: string): string => join(folder, `${chain}.note`);

/** @param chain 64 hexadecimal characters: it becomes a file's name. */
export async function rememberedNote(folder: string, chain: string): Promise<string | undefined> {
  const file = fileOf(folder, chain);
  return existsSync(file) ? await readFile(file, "utf8") : undefined;
}

/** Keeps the newest accepted checkpoint, where nothing speaks against it and it is newer than the one kept. */
export async function rememberNote(folder: string, report: Report): Promise<void> {
  const { chain, verdicts, checkpoints } = report;
  if (chain === undefined || verdicts.integrity !== "OK" || report.truncated !== undefined) return;
  const sized = checkpoints.flatMap((message) => {
    const size = givenCheckpoint(message, true)?.checkpoint.size;
    return size === undefined || size > report.signedSize ? [] : [{ message, size }];
  });
  const [newest] = sized.toSorted((one, other) => other.size - one.size);
  const kept = await rememberedNote(folder, chain);
  const keptSize = kept === undefined ? 0 : (givenCheckpoint(kept, true)?.checkpoint.size ?? 0);
  if (newest === undefined || newest.size <= keptSize) return;
  await mkdir(folder, { recursive: true });
  // Written beside and renamed: a verifier that is stopped leaves the old note, not half of one.
  const draft = `${fileOf(folder, chain)}.new`;
  await writeFile(draft, newest.message);
  await rename(draft, fileOf(folder, chain));
}
