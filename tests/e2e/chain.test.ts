// A flipped byte in the audit store is found by the verify endpoint, which says where.

import { DatabaseSync } from "node:sqlite";
import { serviceFiles } from "@niivo/local/service-environment";
import { expect, test } from "vitest";
import { contoso, runningSystem } from "../src/running-system.ts";

const { system, client, auditor, open, sealed } = await runningSystem();

test("one flipped byte of an entry, and verify says which entry", async () => {
  const { id, token } = await open(contoso.lenaFrei, "I forgot my password");
  await client.ticketEnds(token, id, 60_000);
  await sealed(id, "ticket.resolved");
  const before = await client.verify(await auditor(), "contoso");
  expect(before).toMatchObject({ verdict: "OK" });

  const seq = Math.floor(before.entries / 2);
  await system.kill("audit");
  flipByte(seq);
  await system.start("audit");

  const after = await client.verify(await auditor(), "contoso");
  expect(after.verdict).toBe("BROKEN");
  const altered = after.findings.filter(({ code }) => code === "ALTERED");
  expect(altered.map(({ from }) => from)).toContain(seq);
});

function flipByte(seq: number): void {
  const store = new DatabaseSync(serviceFiles(system.dataDir).store("audit"));
  try {
    const id = `entry:${String(seq).padStart(12, "0")}`;
    const row = store
      .prepare("SELECT body FROM documents WHERE partition = ? AND id = ?")
      .get("contoso", id);
    const body = String(row?.["body"]);
    // One letter inside the entry's text, so that the row stays readable.
    const at = body.indexOf("sealedAt") + 2;
    const flipped = `${body.slice(0, at)}${body[at] === "x" ? "y" : "x"}${body.slice(at + 1)}`;
    const changed = store
      .prepare("UPDATE documents SET body = ? WHERE partition = ? AND id = ?")
      .run(flipped, "contoso", id);
    expect(changed.changes).toBe(1);
  } finally {
    store.close();
  }
}
