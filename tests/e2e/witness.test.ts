// The local environment's witness: the customer's side cosigns what audit signs, also after it was away.

import { parseNote, verifyNote } from "@niivo/contracts/evidence/note";
import { parseVerifierKey } from "@niivo/contracts/evidence/verifier-key";
import { witnessName } from "@niivo/local/witness";
import { expect, test } from "vitest";
import { contoso, runningSystem } from "../src/running-system.ts";

const { system, client, auditor, open } = await runningSystem();

/** Resolves with a checkpoint of more than `than` entries that the witness has cosigned. */
async function cosigned(than: number) {
  const token = await auditor();
  for (let tries = 0; tries < 400; tries += 1) {
    const found = await client.checkpoint(token, "contoso").catch(() => undefined);
    if (found !== undefined && found.size > than && found.anchors[witnessName]?.size === found.size)
      return found;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error("no cosigned checkpoint");
}

test("every checkpoint has its cosignature, by the key that a policy file would name", async () => {
  const { size, note } = await cosigned(0);
  const [key, read] = [parseVerifierKey(system.witnessKey), parseNote(note)];
  if (key === undefined || read === undefined) throw new Error(note);
  expect(verifyNote(read, [key])).toMatchObject({
    kind: "signed",
    by: [{ key: { type: "cosignature" } }],
  });

  await system.kill("witness");
  await open(contoso.lenaFrei, "I forgot my password");
  await system.start("witness");
  expect((await cosigned(size)).size).toBeGreaterThan(size);
});
