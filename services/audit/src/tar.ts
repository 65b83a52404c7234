// Writes a POSIX tar archive (IEEE 1003.1, ustar) piece by piece: files whose size is known, one after the other.

const blockBytes = 512;
const checksumFrom = 148;
const checksumBytes = 8;

/** The block before a file's bytes. @param path at most 100 ASCII characters. @param mtime seconds since 1970. */
export function tarHeader(path: string, size: number, mtime: number): Uint8Array {
  if (path.length > 100 || !/^[\x21-\x7e]+$/.test(path))
    throw new RangeError("not a path of a tar");
  const header = Buffer.alloc(blockBytes);
  const octal = (number: number, from: number, digits: number) =>
    header.write(`${number.toString(8).padStart(digits, "0")}\0`, from);
  header.write(path, 0);
  octal(0o644, 100, 7);
  octal(0, 108, 7);
  octal(0, 116, 7);
  octal(size, 124, 11);
  octal(mtime, 136, 11);
  header.fill(" ", checksumFrom, checksumFrom + checksumBytes);
  header.write("0", 156);
  header.write("ustar\x0000", 257, "latin1");
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, "0")}\0 `, checksumFrom);
  return header;
}

/** What fills up the last block of a file. */
export const tarPadding = (size: number): Uint8Array =>
  Buffer.alloc((blockBytes - (size % blockBytes)) % blockBytes);

/** Two empty blocks. */
export const tarEnd = (): Uint8Array => Buffer.alloc(2 * blockBytes);
