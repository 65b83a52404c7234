// Append blobs through the real client: what an anchor needs, and that nothing of it can be taken back.

import { ContainerClient } from "@azure/storage-blob";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Running, serviceCredential, startRunning } from "./running.ts";

let running: Running;
beforeAll(async () => {
  running = await startRunning();
});
afterAll(() => running.stop());

const containerOf = (service: "audit" | "broker", tenant = running.tenant) =>
  new ContainerClient(
    tenant.addresses.anchorContainerUrl,
    serviceCredential(running, service, tenant),
    { retryOptions: { maxTries: 1 } },
  );
const append = (name: string, text: string, appendPosition?: number) =>
  containerOf("audit")
    .getAppendBlobClient(name)
    .appendBlock(text, text.length, {
      conditions: appendPosition === undefined ? {} : { appendPosition },
    });

test("a blob grows at its end, and every range of it can be read", async () => {
  const name = "7f3a/2026-11-24.jsonl";
  const blob = containerOf("audit").getAppendBlobClient(name);
  expect((await blob.createIfNotExists()).succeeded).toBe(true);
  expect((await blob.createIfNotExists()).succeeded).toBe(false);
  expect(await blob.getProperties()).toMatchObject({ contentLength: 0, blobType: "AppendBlob" });
  expect((await append(name, "one\n", 0)).blobAppendOffset).toBe("0");
  expect((await append(name, "three\n")).blobAppendOffset).toBe("4");
  expect(await blob.getProperties()).toMatchObject({
    ...{ contentLength: 10, blobCommittedBlockCount: 2 },
  });
  expect(String(await blob.downloadToBuffer())).toBe("one\nthree\n");
  expect(String(await blob.downloadToBuffer(2, 4))).toBe("e\nth");
});

test("A3: whoever appends elsewhere than at the end, overwrites or deletes is refused, and nothing changes", async () => {
  const name = "kept.jsonl";
  const blob = containerOf("audit").getAppendBlobClient(name);
  await blob.create();
  await append(name, "one\n");
  await expect(append(name, "two\n", 0)).rejects.toMatchObject({
    ...{ statusCode: 412, code: "AppendPositionConditionNotMet" },
  });
  const immutable = { statusCode: 409, code: "BlobImmutableDueToPolicy" };
  await expect(blob.create()).rejects.toMatchObject(immutable);
  await expect(blob.delete()).rejects.toMatchObject(immutable);
  await expect(blob.getBlockBlobClient().upload("x", 1)).rejects.toMatchObject({ statusCode: 400 });
  await expect(append("no-such-blob", "one\n")).rejects.toMatchObject({ statusCode: 404 });
  expect(String(await blob.downloadToBuffer())).toBe("one\n");
});

test("A2: nobody but audit may append or read, nor may a token for something else", async () => {
  const refused = { statusCode: 403, code: "AuthorizationPermissionMismatch" };
  const blob = containerOf("broker").getAppendBlobClient("kept.jsonl");
  await expect(blob.create()).rejects.toMatchObject(refused);
  await expect(blob.downloadToBuffer()).rejects.toMatchObject({ statusCode: 403 });
  const token = await serviceCredential(running, "audit").getToken(
    "https://vault.azure.net/.default",
  );
  const answer = await fetch(`${running.tenant.addresses.anchorContainerUrl}/kept.jsonl`, {
    headers: { authorization: `Bearer ${token?.token}` },
  });
  expect(answer.status).toBe(401);
  expect(answer.headers.get("x-ms-error-code")).toBe("InvalidAuthenticationInfo");
});

test("A1: what was appended is there after a restart", async () => {
  const again = await running.restart();
  const blob = containerOf("audit", again).getAppendBlobClient("kept.jsonl");
  expect(String(await blob.downloadToBuffer())).toBe("one\n");
});
