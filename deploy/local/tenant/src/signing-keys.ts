// The emulator's three RSA signing keys: Entra's, the Bot Connector's, and that of the workload
// platform whose tokens prove a service's identity to Entra. Made once, kept in the state.

import type { KeyObject } from "node:crypto";
import { createHash, createPrivateKey, createPublicKey, generateKeyPairSync } from "node:crypto";
import { z } from "zod";
import type { Database } from "./database.ts";

const keyNames = ["entra", "bot-framework", "workload"] as const;
type KeyName = (typeof keyNames)[number];
const modulusBits = 2048;

export interface SigningKey {
  readonly kid: string;
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
  /** The public half as a JSON Web Key with `kid`, `use` and `alg`. */
  readonly jwk: Readonly<Record<string, unknown>>;
}

export interface SigningKeys {
  readonly entra: SigningKey;
  readonly botFramework: SigningKey;
  readonly workload: SigningKey;
}

const Row = z.object({ kid: z.string(), private_pem: z.string() });

export function openSigningKeys(database: Database): SigningKeys {
  const open = (name: KeyName): SigningKey => {
    const sql = "SELECT kid, private_pem FROM signing_keys WHERE name = ?";
    const row = database.first(Row, sql, name) ?? make(database, name);
    const privateKey = createPrivateKey(row.private_pem);
    const publicKey = createPublicKey(privateKey);
    const jwk = { ...publicKey.export({ format: "jwk" }), kid: row.kid, use: "sig", alg: "RS256" };
    return { kid: row.kid, privateKey, publicKey, jwk };
  };
  return { entra: open("entra"), botFramework: open("bot-framework"), workload: open("workload") };
}

function make(database: Database, name: KeyName): z.infer<typeof Row> {
  const pair = generateKeyPairSync("rsa", { modulusLength: modulusBits });
  const private_pem = pair.privateKey.export({ type: "pkcs8", format: "pem" }).toString();
  const publicBytes = pair.publicKey.export({ type: "spki", format: "der" });
  const kid = createHash("sha256").update(publicBytes).digest("base64url").slice(0, 27);
  database.run("INSERT INTO signing_keys VALUES (?, ?, ?)", name, kid, private_pem);
  return { kid, private_pem };
}
