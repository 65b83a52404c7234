// Records every secret that the emulator makes or sees, so that a test can search for leaks.
//
// Invariant: N1. A secret is recorded before it leaves the emulator (or before it is accepted).

import type { Database } from "./database.ts";

export type SecretKind =
  | "vault-secret"
  | "wrapped-key"
  | "password"
  | "access-token"
  | "federated-token"
  | "exchange-token"
  | "id-token"
  | "authorization-code"
  | "bot-framework-token";

/** Records one secret value; recording it again changes nothing. */
export type Ledger = (kind: SecretKind, value: string) => void;

export function openLedger(database: Database): Ledger {
  return (kind, value) => {
    database.run("INSERT OR IGNORE INTO issued (kind, value) VALUES (?, ?)", kind, value);
  };
}
