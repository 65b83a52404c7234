// Checkpoints in the customer's append blobs, with the real storage client and the real identity: kept while it
// answers, told where it does not, and never twice.

import { expect, test } from "vitest";
import { z } from "zod";
import { contoso, runningSystem } from "../src/running-system.ts";

const { system, client, auditor, open } = await runningSystem();
const Blobs = z.array(z.object({ container: z.string(), name: z.string(), text: z.string() }));
const Line = z.object({
  size: z.int(),
  root: z.string(),
  signedAt: z.string(),
  note: z.string(),
});

const controls = `${system.addresses.http}/emulator`;
const fault = async (request: object): Promise<void> => {
  const answer = await fetch(`${controls}/faults`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ match: "^PUT /niivoanchors/", ...request }),
  });
  expect(answer.status).toBe(204);
};

/** The chain's checkpoints in the blobs of its days, oldest first. */
async function kept(chain: string) {
  const blobs = Blobs.parse(await (await fetch(`${controls}/blobs`)).json());
  return blobs
    .filter(({ name }) => name.startsWith(`${chain}/`))
    .flatMap(({ text }) => text.trimEnd().split("\n"))
    .map((line) => Line.parse(JSON.parse(line)));
}

/** Resolves with a checkpoint of more than `than` entries, once the anchor's outcome for it is this. */
async function anchored(than: number, outcome: string) {
  const token = await auditor();
  for (let tries = 0; tries < 400; tries += 1) {
    const found = await client.checkpoint(token, "contoso").catch(() => undefined);
    const blob = found?.anchors["blob"];
    const isDone = outcome === "anchored" ? blob?.size === found?.size : true;
    if (found !== undefined && found.size > than && blob?.outcome === outcome && isDone)
      return found;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(`no checkpoint whose anchor said ${outcome}`);
}
const chainOf = (note: string): string => note.split("\n")[0]?.split("/")[1] ?? "";

test("B1, B2: every checkpoint is a line of the day's blob, once, also where answers are lost or refused", async () => {
  const first = await anchored(0, "anchored");
  const chain = chainOf(first.note);
  const line = (await kept(chain)).at(-1);
  expect(line).toMatchObject({ size: first.size });
  expect(first.note.startsWith(line?.note ?? "?")).toBe(true); // Cosignatures come after it.

  await fault({ status: 403, times: 20 });
  await open(contoso.lenaFrei, "I forgot my password");
  const refused = await anchored(first.size, "anchor-forbids");
  expect((await kept(chain)).map(({ size }) => size)).not.toContain(refused.size);
  await fetch(`${controls}/faults`, { method: "DELETE" });

  // The block is appended, and its answer lost: the blob is read before anything is appended again.
  await fault({ status: 500, after: true, times: 2 });
  await open(contoso.lenaFrei, "I forgot my password again");
  const again = await anchored(refused.size, "anchored");
  const sizes = (await kept(chain)).map(({ size }) => size);
  expect(sizes).toContain(again.size);
  expect(sizes).toEqual([...new Set(sizes)].sort((one, other) => one - other));
});
