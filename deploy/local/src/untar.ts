// Unpacks the tar archives of the audit service's export (POSIX ustar): plain files with short relative names.

import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

const blockBytes = 512;

/** Writes the files of `archive` below `folder`. @returns their names. @throws RangeError on what is no such archive. */
export function untar(archive: Uint8Array, folder: string): readonly string[] {
  const bytes = Buffer.from(archive.buffer, archive.byteOffset, archive.byteLength);
  const names: string[] = [];
  let at = 0;
  while (at + blockBytes <= bytes.length && bytes[at] !== 0) {
    const header = bytes.subarray(at, at + blockBytes);
    const name = header.toString("latin1", 0, 100).replace(/\0.*$/s, "");
    const size = Number.parseInt(header.toString("latin1", 124, 135), 8);
    const end = at + blockBytes + size;
    // A name that leads out of the folder, or a file that was cut.
    if (!/^[\w-]+(\/[\w.-]+)?(\.[\w-]+)?$/.test(name) || !(end <= bytes.length))
      throw new RangeError("the archive is not whole");
    const path = join(folder, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, bytes.subarray(at + blockBytes, end));
    names.push(name);
    at = end + ((blockBytes - (size % blockBytes)) % blockBytes);
  }
  if (bytes.length < at + 2 * blockBytes) throw new RangeError("the archive was cut");
  return names;
}
