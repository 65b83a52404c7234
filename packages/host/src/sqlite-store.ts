// The store on this machine: node:sqlite.

import type { Store } from "./store.ts";

export function sqliteStore(file: string): Store {
  throw new Error(`not yet ${file}`);
}
