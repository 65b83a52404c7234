// The vault key that the broker trusts: one version, named in the configuration, read once at the start with
// the broker's own identity. Receipts count only through it (B2).

import type { TokenCredential } from "@azure/core-auth";
import { KeyClient } from "@azure/keyvault-keys";
import { PublicKey } from "@niivo/contracts/audit";
import type { PinnedKey } from "@niivo/contracts/receipt";
import { isLoopback } from "@niivo/host/local";
import { within } from "./deadline.ts";
import { callMs } from "./ports.ts";

const path = /^\/keys\/([0-9a-zA-Z-]{1,127})\/([0-9a-f]{32})$/;

class PinnedKeyError extends Error {
  readonly code: "not-versioned" | "unreadable" | "another-key";
  constructor(code: PinnedKeyError["code"], message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "PinnedKeyError";
    this.code = code;
  }
}

/**
 * @param keyId The key's versioned identifier, as receipts name it in `endorsedBy`.
 * @throws PinnedKeyError when there is no such P-256 key or it cannot be read.
 */
export async function fetchPinnedKey(
  keyId: string,
  credential: TokenCredential,
): Promise<PinnedKey> {
  const { origin, pathname } = new URL(keyId);
  const [, name, version] = path.exec(pathname) ?? [];
  if (name === undefined || version === undefined)
    throw new PinnedKeyError("not-versioned", "the key's identifier names no version");
  const client = new KeyClient(origin, credential, {
    disableChallengeResourceVerification: isLoopback(origin),
    redirectOptions: { maxRetries: 0 },
  });
  const found = await within(AbortSignal.timeout(callMs), (abortSignal) =>
    client.getKey(name, { version, abortSignal }),
  ).catch((cause: unknown) => {
    throw new PinnedKeyError("unreadable", "the vault did not give the key", { cause });
  });
  const { kty, crv, x, y } = found.key ?? {};
  const publicKey = PublicKey.safeParse({ kty, crv, x: base64url(x), y: base64url(y) });
  if (found.id !== keyId || !publicKey.success)
    throw new PinnedKeyError("another-key", "the vault gave another key than the configured one");
  return { keyId, publicKey: publicKey.data };
}

const base64url = (bytes: Uint8Array | undefined): string | undefined =>
  bytes === undefined ? undefined : Buffer.from(bytes).toString("base64url");
