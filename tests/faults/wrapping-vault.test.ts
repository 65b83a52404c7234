// The vault that wraps the keys of values: slow, away and lying. What is said about somebody new is sealed when it
// answers again, with its value, and nothing is sealed without.

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { untar } from "@niivo/local/untar";
import { expect, test } from "vitest";
import { verifyAsStranger } from "../src/offline-verifiers.ts";
import { contoso, runningSystem } from "../src/running-system.ts";

const { system, client, auditor, open } = await runningSystem();
const waitMs = 90_000;
const wrap = "^POST /vault/platform/keys/audit-values/.*/(un)?wrapkey$";
const garbage = JSON.stringify({ kid: `${system.addresses.auditWrappingKeyId}`, value: "AAAA" });

const faults = [
  // Longer than audit waits for a call, and shorter than the client's own patience.
  ["slow", contoso.lenaFrei, { match: wrap, delayMs: 20_000, times: 1 }],
  ["away for a while", contoso.svenGraf, { match: wrap, status: 503, times: 12 }],
  ["lying", contoso.marcoKeller, { match: wrap, status: 200, body: garbage, times: 2 }],
] as const;

const policyOf = async () => {
  const { vkey = "" } = (await client.keys(await auditor(), "contoso")) ?? {};
  return `log ${vkey}\nwitness customer ${system.witnessKey}\nquorum customer\n`;
};

test.each(faults)(
  "F1: %s",
  async (_how, person, fault) => {
    await client.addFault(fault);
    const { token, id } = await open(person, "I forgot my password");
    await client.ticketEnds(token, id, waitMs);
    expect(await client.faultsLeft()).toBe(0);
    expect((await client.verifyAttested(await auditor(), "contoso", waitMs)).verdict).toBe("OK");
    // Every value of the ticket is there, and is what was committed to.
    const folder = mkdtempSync(join(tmpdir(), "niivo-wrapping-"));
    try {
      const about = { ticket: id, values: "true" } as const;
      untar(await client.bundle(await auditor(), "contoso", about), join(folder, "ticket"));
      writeFileSync(join(folder, "policy.txt"), await policyOf());
      const [built] = verifyAsStranger(join(folder, "ticket"), join(folder, "policy.txt"));
      expect(built?.text).toContain("privacy      OK");
      expect(built?.text).toContain("completeness OK");
    } finally {
      rmSync(folder, { recursive: true });
    }
  },
  180_000,
);
