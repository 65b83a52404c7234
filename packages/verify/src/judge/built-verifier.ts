// The built verifier, where it was built: an export names its digest, so whoever gets the program on another way can
// compare.

import { existsSync, readFileSync } from "node:fs";
import { sha256 } from "@niivo/contracts/canonical";

const name = "niivo-verify.js";

/** @returns `undefined` where `npm run build:verify` has not been run. */
export function builtVerifier(): { readonly name: string; readonly sha256: string } | undefined {
  const file = new URL(`../../dist/${name}`, import.meta.url);
  return existsSync(file) ? { name, sha256: sha256(readFileSync(file)) } : undefined;
}
