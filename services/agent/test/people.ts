// Two customers, and an Entra that signs what a test wants to claim: real RS256 tokens, and a real key
// document over a real socket.

import { generateKeyPairSync, randomUUID, sign } from "node:crypto";
import { createServer } from "node:http";
import { Customers } from "@niivo/contracts/customers";

const guid = (n: number): string => `c0a70500-0000-4000-8000-${String(n).padStart(12, "0")}`;
const principal = (n: number) => ({ name: "p", clientId: guid(n), secret: "some-secret" });
const customerOf = (id: string, n: number) => ({
  id,
  displayName: id,
  tenantId: guid(n),
  vaultUrl: "https://vault.example",
  agents: [
    {
      name: "niivo-l1-desk",
      identity: guid(n + 1),
      blueprint: principal(n + 2),
      executors: { password: principal(n + 3), mfa: principal(n + 4) },
    },
  ],
  factsReader: principal(n + 5),
  groups: { identityApprovers: guid(n + 6), vip: guid(n + 7) },
  model: { endpoint: "https://model.example", deployment: "m", secret: "model-api-key" },
});

export const customers = Customers.parse([customerOf("contoso", 100), customerOf("fabrikam", 200)]);
export const audience = "api://niivo";
export const lena = guid(1);
export const tenants = { contoso: guid(100), fabrikam: guid(200) } as const;

const keys = generateKeyPairSync("rsa", { modulusLength: 2048 });
const keyId = randomUUID();

const encoded = (value: object): string => Buffer.from(JSON.stringify(value)).toString("base64url");

export interface LocalEntra {
  readonly authority: string;
  /** A person's token of contoso, with other claims where given. */
  readonly token: (claims?: object) => string;
  readonly close: () => void;
}

export async function localEntra(): Promise<LocalEntra> {
  const jwk = { ...keys.publicKey.export({ format: "jwk" }), kid: keyId, use: "sig", alg: "RS256" };
  const server = createServer((_, response) => {
    response.setHeader("content-type", "application/json");
    response.end(JSON.stringify({ keys: [jwk] }));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  const authority = `http://127.0.0.1:${port}`;
  return {
    authority,
    token: (claims = {}) => {
      const now = Math.floor(Date.now() / 1000);
      const all = {
        aud: audience,
        tid: tenants.contoso,
        oid: lena,
        name: "Lena Frei",
        preferred_username: "lena.frei@contoso.example",
        scp: "Tickets.ReadWrite",
        idtyp: "user",
        ver: "2.0",
        amr: ["pwd", "mfa"],
        auth_time: now - 60,
        nbf: now - 60,
        exp: now + 600,
        ...claims,
      };
      const payload = { iss: `${authority}/${all.tid}/v2.0`, ...all };
      const text = `${encoded({ alg: "RS256", typ: "JWT", kid: keyId })}.${encoded(payload)}`;
      return `${text}.${sign("sha256", Buffer.from(text), keys.privateKey).toString("base64url")}`;
    },
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}
