// What every emulated service shares: the state, the keys, the ledger and where it listens.

import type { Applications } from "./applications.ts";
import type { Database } from "./database.ts";
import type { Directory } from "./directory.ts";
import type { Ledger } from "./ledger.ts";
import type { VaultName } from "./seed.ts";
import type { SigningKeys } from "./signing-keys.ts";

/** Where the emulator answers. Every URL is absolute; none ends in a slash but `serviceUrl`. */
export interface Addresses {
  readonly http: string;
  readonly https: string;
  /** `authorityHost` of @azure/identity. */
  readonly authorityHost: string;
  /** `baseUrl` of the Graph client; it adds `/v1.0/…`. */
  readonly graphBaseUrl: string;
  readonly vaults: Readonly<Record<VaultName, string>>;
  /** OpenID metadata that names the keys of the Bot Connector's tokens. */
  readonly botMetadataUrl: string;
  readonly serviceUrl: string;
  /** `baseURL` of the OpenAI client. */
  readonly modelBaseUrl: string;
  /** The versioned id of the key that seals the audit chain. */
  readonly auditKeyId: string;
  /** The versioned id of the key that wraps the keys of its values. */
  readonly auditWrappingKeyId: string;
  /** The container of append blobs that keeps checkpoints. */
  readonly anchorContainerUrl: string;
}

export interface World {
  readonly database: Database;
  readonly ledger: Ledger;
  readonly keys: SigningKeys;
  readonly applications: Applications;
  readonly directory: Directory;
  readonly addresses: Addresses;
  readonly botEndpoint: string;
}
