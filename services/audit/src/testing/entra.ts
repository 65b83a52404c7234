// An issuer of access tokens for tests: a real key, and a real endpoint that serves its public half.

import { generateKeyPairSync, sign } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:http";

export interface TestEntra {
  readonly authorityHost: string;
  readonly audience: string;
  readonly token: (tenantId: string, roles: readonly string[]) => string;
  readonly close: () => Promise<void>;
}

const audience = "api://niivo";
const hourSeconds = 3600;
const caller = "dddddddd-dddd-4ddd-8ddd-dddddddddddd";

/** Tokens of any tenant are signed with one key; their issuer names the tenant, as Entra's do. */
export async function testEntra(): Promise<TestEntra> {
  const { publicKey, privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const jwk = { ...publicKey.export({ format: "jwk" }), kid: "test", alg: "RS256", use: "sig" };
  const server = createServer((_, response) => {
    response.setHeader("content-type", "application/json");
    response.end(JSON.stringify({ keys: [jwk] }));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  const authorityHost = `http://127.0.0.1:${port}`;
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString("base64url");
  return {
    authorityHost,
    audience,
    token: (tenantId, roles) => {
      const seconds = Math.floor(Date.now() / 1000);
      const iss = `${authorityHost}/${tenantId}/v2.0`;
      const times = { nbf: seconds - 1, iat: seconds, exp: seconds + hourSeconds };
      const claims = {
        iss,
        aud: audience,
        ...times,
        tid: tenantId,
        oid: caller,
        ver: "2.0",
        roles,
      };
      const signed = `${part({ alg: "RS256", kid: "test" })}.${part(claims)}`;
      return `${signed}.${sign("sha256", Buffer.from(signed), privateKey).toString("base64url")}`;
    },
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}
