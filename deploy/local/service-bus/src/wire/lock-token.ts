// Lock tokens: 16 bytes, used as the delivery tag. A random prefix of the process and a counter,
// because 16 random bytes for each delivery cost 8 % of the server's time.

import { randomBytes } from "node:crypto";

export interface LockTokens {
  /** A new token and the number that identifies it. */
  next(): { readonly id: number; readonly token: Buffer };
  /** The number of a token of this process, or undefined for any other bytes. */
  idOf(token: Buffer): number | undefined;
}

export function createLockTokens(): LockTokens {
  const prefix = randomBytes(8);
  let last = 0;
  return {
    next() {
      last += 1;
      const token = Buffer.allocUnsafe(16);
      prefix.copy(token);
      token.writeBigUInt64BE(BigInt(last), 8);
      return { id: last, token };
    },
    idOf(token) {
      if (token.length !== 16 || !token.subarray(0, 8).equals(prefix)) return undefined;
      return Number(token.readBigUInt64BE(8));
    },
  };
}

/**
 * Swaps between the delivery tag's byte order (a .NET Guid: the first three groups reversed) and
 * the order of a UUID as management requests and answers carry it. It is its own inverse.
 */
export function swapGuidOrder(token: Buffer): Buffer {
  const swapped = Buffer.from(token);
  swapped.subarray(0, 4).reverse();
  swapped.subarray(4, 6).reverse();
  swapped.subarray(6, 8).reverse();
  return swapped;
}
