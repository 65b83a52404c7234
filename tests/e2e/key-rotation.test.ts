// Both of audit's keys in the vault are replaced while tickets are worked on: the one that endorses sealing keys and
// signs checkpoints, and the one that wraps the keys of values. Nothing is lost, nothing is refused, and an outsider who
// knows the first key only believes the newest checkpoint.

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import tls from "node:tls";
import type { Identity } from "@niivo/contracts/topology";
import { serviceFiles } from "@niivo/local/service-environment";
import { untar } from "@niivo/local/untar";
import { onboardWitness, witnessName } from "@niivo/local/witness";
import { platform } from "@niivo/tenant/seed";
import { expect, test } from "vitest";
import { z } from "zod";
import { verifyAsStranger } from "../src/offline-verifiers.ts";
import { contoso, runningSystem } from "../src/running-system.ts";

const waitMs = 60_000;
const settings = new Map<Identity, Record<string, string>>();
const { system, client, auditor, open } = await runningSystem({
  settings: (name) => settings.get(name) ?? {},
});
const files = serviceFiles(system.dataDir);
tls.setDefaultCACertificates([
  ...tls.getCACertificates("default"),
  readFileSync(system.caFile, "utf8"),
]);

/** A new version of a key, made by the identity that may. @returns its identifier. */
async function rotated(keyId: string): Promise<string> {
  const { name, clientId } = platform.applications.deployer;
  const token = await fetch(
    `${system.addresses.authorityHost}/${platform.tenantId}/oauth2/v2.0/token`,
    {
      method: "POST",
      body: new URLSearchParams({
        grant_type: "client_credentials",
        client_id: clientId,
        client_assertion: readFileSync(join(system.dataDir, "tokens", `${name}.token`), "utf8"),
        client_assertion_type: "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
        scope: "https://vault.azure.net/.default",
      }),
    },
  );
  const { access_token } = z.object({ access_token: z.string() }).parse(await token.json());
  const url = `${keyId.slice(0, keyId.lastIndexOf("/"))}/rotate?api-version=7.6`;
  const headers = { authorization: `Bearer ${access_token}` };
  const answer = await fetch(url, { method: "POST", headers });
  return z.object({ key: z.object({ kid: z.url() }) }).parse(await answer.json()).key.kid;
}

const entries = async () =>
  (await client.entries(await auditor(), "contoso", 0, 1000))
    .trimEnd()
    .split("\n")
    .map((line) =>
      z
        .object({ type: z.string(), detail: z.record(z.string(), z.unknown()) })
        .parse(JSON.parse(line)),
    );
const typesOf = async (...types: readonly string[]) =>
  (await entries()).filter(({ type }) => types.includes(type)).map(({ type }) => type);

async function until(what: string, isSo: () => boolean | Promise<boolean>): Promise<void> {
  for (const deadline = Date.now() + waitMs; Date.now() < deadline; await delay(200))
    if (await isSo()) return;
  throw new Error(`never: ${what}`);
}

async function resolved(text: string, meanwhile: () => Promise<void> = async () => {}) {
  const { token, id } = await open(contoso.lenaFrei, text);
  await meanwhile();
  await client.ticketEnds(token, id, waitMs);
  return id;
}
const restart = async (name: Identity): Promise<void> => {
  await system.kill(name);
  await system.start(name);
};

test("L34 to L37, K2: two keys are replaced under way, and a stranger believes the newest checkpoint", async () => {
  const { auditKeyId: oldKey, auditWrappingKeyId: oldWrapping } = system.addresses;
  const first = await resolved("I forgot my password");
  const genesis = z.string().parse((await entries())[0]?.detail["vkey"]);
  const [newKey, newWrapping] = [await rotated(oldKey), await rotated(oldWrapping)];

  // Who reads receipts knows both keys before the first one of the new key.
  const both = { AUDIT_KEY_ID: newKey, AUDIT_PREVIOUS_KEY_ID: oldKey };
  settings.set("broker", both);
  await restart("broker");
  settings.set("audit", {
    ...both,
    ...{ AUDIT_WRAPPING_KEY_ID: newWrapping, AUDIT_PREVIOUS_WRAPPING_KEY_ID: oldWrapping },
  });
  await resolved("I forgot my password again", () => restart("audit"));
  await onboardWitness({ dataDir: system.dataDir, ports: system.ports });
  await until("all keys are wrapped anew", () =>
    readFileSync(files.log("audit"), "utf8").includes("all keys of values are wrapped"),
  );
  expect(await typesOf("key.rotate", "key.retired")).toEqual(["key.rotate"]);
  const attested = async () => client.verifyAttested(await auditor(), "contoso", waitMs);
  expect((await attested()).verdict).toBe("OK");

  settings.set("audit", { AUDIT_KEY_ID: newKey, AUDIT_WRAPPING_KEY_ID: newWrapping });
  await restart("audit");
  settings.set("broker", { AUDIT_KEY_ID: newKey });
  await restart("broker");
  await resolved("And once more I forgot my password");
  expect(await typesOf("key.rotate", "key.retired")).toEqual(["key.rotate", "key.retired"]);
  expect(await typesOf("receipt.rejected.v1")).toEqual([]);
  expect((await attested()).verdict).toBe("OK");
  await until("the witness cosigned the newest checkpoint", async () => {
    const { size, anchors } = await client.checkpoint(await auditor(), "contoso");
    return anchors[witnessName]?.size === size;
  });

  const folder = mkdtempSync(join(tmpdir(), "niivo-rotated-"));
  try {
    const policy = join(folder, "policy.txt");
    const witness = `witness customer ${system.witnessKey}\nquorum customer\n`;
    writeFileSync(policy, `log ${genesis}\n${witness}`);
    const reader = await auditor();
    untar(await client.bundle(reader, "contoso"), join(folder, "chain"));
    for (const { by, code, text } of verifyAsStranger(join(folder, "chain"), policy))
      expect(code, `${by}: ${text}`).toBeLessThanOrEqual(10); // What was sealed since is unattested.
    // A value of before opens under the new wrapping key alone.
    const about = { ticket: first, values: "true" } as const;
    untar(await client.bundle(reader, "contoso", about), join(folder, "ticket"));
    const [built] = verifyAsStranger(join(folder, "ticket"), policy);
    expect(built?.code, built?.text).toBe(0);
    expect(built?.text).toContain("privacy      OK");
  } finally {
    rmSync(folder, { recursive: true });
  }
}, 180_000);
