// The witness of the local environment: the program that a customer would run in their own network, here as a process
// with a folder, a key and a memory of its own. It knows no chain when it starts, because a chain has no name before it
// is opened; it is told of each as a customer's administrator would tell it.

import { execFile } from "node:child_process";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { parseVerifierKey } from "@niivo/contracts/evidence/verifier-key";
import { customers } from "@niivo/tenant/seed";
import { endpointsOf, productClient } from "./client.ts";
import { type Child, startChild } from "./processes.ts";
import { serviceFiles } from "./service-environment.ts";
import type { SystemOptions } from "./up.ts";

type Where = Pick<SystemOptions, "dataDir" | "ports">;

const main = fileURLToPath(new URL("../../../packages/witness/src/main.ts", import.meta.url));
/** Its name in cosignatures. A name that is no host's: nobody can take it for a real one. */
const name = "witness.customer.localhost/w1";
/** What audit and a policy file call it. */
export const witnessName = "customer";
const logsHead = "# The audit chains that this witness cosigns, a verifier key a line.\n";
const chainsOpenMs = 20_000;
const askEveryMs = 100;

const urlOf = ({ ports }: Where): string => `http://127.0.0.1:${ports.witness}`;

export function startWitness(where: Where): Child {
  const files = serviceFiles(where.dataDir);
  mkdirSync(files.witness, { recursive: true, mode: 0o700 });
  if (!existsSync(files.witnessLogs)) writeFileSync(files.witnessLogs, logsHead, { mode: 0o600 });
  return startChild({
    name: "witness",
    arguments: [
      main,
      ...["--data", files.witness, "--name", name, "--logs", files.witnessLogs],
      ...["--port", String(where.ports.witness)],
    ],
    environment: {},
    logFile: files.log("witness"),
    ready: { line: "witness ready" },
  });
}

/** Writes what audit is told of the witness. @returns the witness's verifier key. */
export async function introduceWitness(where: Where): Promise<string> {
  const url = urlOf(where);
  const about = await (await fetch(url, { signal: AbortSignal.timeout(chainsOpenMs) })).text();
  const key = about.split("\n").find((line) => parseVerifierKey(line)?.type === "cosignature");
  if (key === undefined) throw new Error("the witness does not name its key");
  const witnesses = [{ name: witnessName, url, key }];
  writeFileSync(serviceFiles(where.dataDir).witnesses, JSON.stringify(witnesses, null, 2));
  return key;
}

/**
 * Tells the witness which chains to cosign, with the keys that audit names, as soon as the chains are open. In Azure a
 * person compares those keys with the vault's first.
 * @throws Error where a chain is not open in time.
 */
export async function onboardWitness(where: Where): Promise<void> {
  const client = productClient(endpointsOf(where.ports));
  const { contoso, fabrikam } = customers;
  const auditors = [
    ["contoso", contoso.people.alineMoser],
    ["platform", contoso.people.alineMoser],
    ["fabrikam", auditorOf(fabrikam.people)],
  ] as const;
  const keys = await Promise.all(
    auditors.map(async ([customer, { userPrincipalName }]) => {
      const token = await client.signIn(userPrincipalName);
      for (const deadline = Date.now() + chainsOpenMs; Date.now() < deadline; ) {
        const found = await client.keys(token, customer);
        if (found !== undefined) return found.vkey;
        await delay(askEveryMs);
      }
      throw new Error(`the chain of ${customer} was not opened in time`);
    }),
  );
  const add = [main, "add-log", "--logs", serviceFiles(where.dataDir).witnessLogs, ...keys];
  await promisify(execFile)(process.execPath, add, { env: {}, timeout: chainsOpenMs });
}

function auditorOf<Person extends { readonly apiRoles: readonly string[] }>(
  people: Readonly<Record<string, Person>>,
): Person {
  const auditor = Object.values(people).find(({ apiRoles }) => apiRoles.includes("Audit.Read"));
  if (auditor === undefined) throw new TypeError("nobody there may read evidence");
  return auditor;
}
