// The two forms of an ECDSA signature on P-256: r and s as 64 bytes (what Key Vault and JOSE give), and ASN.1 DER
// (what notes carry; RFC 3279 section 2.2.3). Both have one form only here.

const scalarBytes = 32;

/** DER of a signature in 64 bytes; `undefined` where it has another length. */
export function derOf(signature: Uint8Array): Uint8Array | undefined {
  if (signature.length !== 2 * scalarBytes) return undefined;
  const body = Buffer.concat([
    integer(signature.subarray(0, scalarBytes)),
    integer(signature.subarray(scalarBytes)),
  ]);
  return Buffer.concat([Buffer.of(0x30, body.length), body]);
}

/** The 64 bytes of a signature in DER; `undefined` where it is not the DER of one. */
export function rawOf(der: Uint8Array): Uint8Array | undefined {
  const [r, rest] = readInteger(der.subarray(2));
  const [s, end] = readInteger(rest);
  if (r === undefined || s === undefined || end.length > 0) return undefined;
  const raw = Buffer.concat([r, s]);
  const again = derOf(raw);
  return again !== undefined && Buffer.compare(again, der) === 0 ? raw : undefined;
}

// A DER integer is as short as it can be, and has a zero before it where its first bit is set.
function integer(scalar: Uint8Array): Uint8Array {
  let start = 0;
  while (start < scalar.length - 1 && scalar[start] === 0) start += 1;
  const digits = scalar.subarray(start);
  const sign = (digits[0] ?? 0) >= 0x80 ? [0] : [];
  return Buffer.concat([Buffer.of(0x02, sign.length + digits.length, ...sign), digits]);
}

function readInteger(bytes: Uint8Array): [Uint8Array | undefined, Uint8Array] {
  const length = bytes[1] ?? 0;
  if (bytes[0] !== 0x02 || length < 1 || length > scalarBytes + 1) return [undefined, bytes];
  const digits = bytes.subarray(2, 2 + length);
  if (digits.length !== length) return [undefined, bytes];
  const magnitude = length > scalarBytes ? digits.subarray(1) : digits;
  const scalar = Buffer.alloc(scalarBytes);
  scalar.set(magnitude, scalarBytes - magnitude.length);
  return [scalar, bytes.subarray(2 + length)];
}
