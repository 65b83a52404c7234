// The model endpoint through the real OpenAI client: keys, records, refusals.

import { SecretClient } from "@azure/keyvault-secrets";
import OpenAI from "openai";
import { afterAll, beforeAll, expect, test } from "vitest";
import { control, type Running, serviceCredential, startRunning } from "./running.ts";

let running: Running;
let key: string;
beforeAll(async () => {
  running = await startRunning();
  const url = running.tenant.addresses.vaults.fabrikam;
  const options = { disableChallengeResourceVerification: true };
  const client = new SecretClient(url, serviceCredential(running, "broker"), options);
  key = (await client.getSecret("model-api-key")).value ?? "";
});
afterAll(() => running.stop());

const clientWith = (apiKey: string) =>
  new OpenAI({ baseURL: running.tenant.addresses.modelBaseUrl, apiKey, maxRetries: 0 });
const request = {
  model: "niivo-emulated-model",
  messages: [{ role: "user" as const, content: "I forgot my password. Marker 7f3a." }],
};

test("O1, O2: a customer's key gets an answer from the declared region, and the prompt is kept", async () => {
  const { data, response } = await clientWith(key).chat.completions.create(request).withResponse();
  expect(response.headers.get("x-ms-region")).toBe("Switzerland North");
  expect(data.object).toBe("chat.completion");
  expect(data.choices[0]?.message.role).toBe("assistant");
  const prompts = await fetch(`${running.tenant.addresses.http}/emulator/prompts`);
  expect(await prompts.json()).toEqual([
    expect.objectContaining({
      customer: "fabrikam",
      request: expect.objectContaining({ messages: request.messages }),
    }),
  ]);
});

test("O1: a wrong key is 401 in OpenAI's shape", async () => {
  const call = clientWith("wrong").chat.completions.create(request);
  await expect(call).rejects.toMatchObject({ status: 401, code: "invalid_api_key" });
});

test("streaming and a malformed request are 400", async () => {
  const streamed = clientWith(key).chat.completions.create({ ...request, stream: true });
  await expect(streamed).rejects.toMatchObject({
    status: 400,
    message: expect.stringContaining("not emulated"),
  });
  const empty = clientWith(key).chat.completions.create({ ...request, messages: [] });
  await expect(empty).rejects.toMatchObject({ status: 400, param: "messages" });
});

test("a fault may move the endpoint to another region", async () => {
  const headers = { "x-ms-region": "East US" };
  await control(running.tenant, "faults", { match: "/openai/v1/models", headers, times: 1 });
  const list = await clientWith(key).models.list().withResponse();
  expect(list.response.headers.get("x-ms-region")).toBe("East US");
});
