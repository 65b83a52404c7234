// Reads what stands around the entries of a bundle: manifest, checkpoints, proofs. Every file has a limit.

import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { BundleManifest, bundlePaths } from "@niivo/contracts/evidence/bundle";
import { textOf } from "@niivo/contracts/evidence/bytes";
import { noteCharactersMax } from "@niivo/contracts/evidence/note";

/** A file, or the whole bundle, that cannot be read as what it should be: nothing can be verified. */
export class BundleError extends Error {
  readonly code: "unreadable" | "too-large" | "not-a-bundle";
  constructor(message: string, options: ErrorOptions & Pick<BundleError, "code">) {
    super(message, options);
    this.name = "BundleError";
    this.code = options.code;
  }
}

const manifestBytesMax = 16 * 1024 * 1024;
const checkpointsMax = 200_000;

export interface BundleFiles {
  readonly path: string;
  readonly manifest: BundleManifest;
  /** The notes, by the path of their file. */
  readonly checkpoints: ReadonlyMap<string, string>;
  /** SHA-256 of every file read so far, by path. */
  readonly digests: Map<string, string>;
}

export async function readBundle(path: string): Promise<BundleFiles> {
  const digests = new Map<string, string>();
  const manifest = await readManifest(path);
  const checkpoints = new Map<string, string>();
  const folder = join(path, bundlePaths.checkpoints);
  const names = existsSync(folder) ? (await readdir(folder)).toSorted() : [];
  if (names.length > checkpointsMax)
    throw new BundleError("too many checkpoints", { code: "too-large" });
  for (const name of names) {
    const file = `${bundlePaths.checkpoints}/${name}`;
    checkpoints.set(file, await readSmall(path, file, 4 * noteCharactersMax, digests));
  }
  return { path, manifest, checkpoints, digests };
}

/** A small file's text. What is no UTF-8 has the text of nothing that is read here, so it is refused later. */
export async function readSmall(
  folder: string,
  name: string,
  bytesMax: number,
  digests: Map<string, string>,
): Promise<string> {
  const path = join(folder, name);
  try {
    if ((await stat(path)).size > bytesMax)
      throw new BundleError(`${name} is too large`, { code: "too-large" });
    const bytes = await readFile(path);
    digests.set(name, createHash("sha256").update(bytes).digest("hex"));
    return textOf(bytes) ?? "";
  } catch (error) {
    if (error instanceof BundleError) throw error;
    throw new BundleError(`${name} cannot be read`, { code: "unreadable", cause: error });
  }
}

async function readManifest(path: string): Promise<BundleManifest> {
  const text = await readSmall(path, bundlePaths.manifest, manifestBytesMax, new Map());
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new BundleError("the manifest is not JSON", { code: "not-a-bundle", cause: error });
  }
  const { data, error } = BundleManifest.safeParse(value);
  if (data === undefined)
    throw new BundleError("the manifest is not one of audit-bundle/1", {
      code: "not-a-bundle",
      cause: error,
    });
  return data;
}
