// Teams: what the bot may write, what a person sees and presses, and how the press is signed.

import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { ClientSecretCredential } from "@azure/identity";
import { SecretClient } from "@azure/keyvault-secrets";
import { createRemoteJWKSet, decodeJwt, jwtVerify } from "jose";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { personChannelId } from "../src/chats.ts";
import { customers, platform } from "../src/seed.ts";
import { control, type Running, serviceCredential, startRunning } from "./running.ts";

const { contoso, fabrikam } = customers;
const nadia = contoso.people.nadiaBrunner;
const botId = platform.applications.bot.clientId;

interface Received {
  readonly authorization: string;
  readonly activity: Record<string, unknown>;
}

let running: Running;
let bot: Server;
let botToken: string;
let received: Received[] = [];
let respond: (activity: Record<string, unknown>) => { status: number; body: unknown };

beforeAll(async () => {
  bot = createServer((request, response) => {
    let text = "";
    request.on("data", (chunk) => {
      text += chunk;
    });
    request.on("end", () => {
      const activity = JSON.parse(text);
      received.push({ authorization: request.headers.authorization ?? "", activity });
      const { status, body } = respond(activity);
      response.writeHead(status, { "content-type": "application/json" });
      response.end(JSON.stringify(body));
    });
  });
  await new Promise<void>((resolve) => bot.listen(0, "127.0.0.1", resolve));
  const { port } = bot.address() as AddressInfo;
  running = await startRunning(`http://localhost:${port}/api/messages`);
  const url = running.tenant.addresses.vaults.platform;
  const options = { disableChallengeResourceVerification: true };
  const client = new SecretClient(url, serviceCredential(running, "approvals"), options);
  const secret = (await client.getSecret("bot-client-secret")).value ?? "";
  const { authorityHost } = running.tenant.addresses;
  const credential = new ClientSecretCredential(platform.tenantId, botId, secret, {
    authorityHost,
    disableInstanceDiscovery: true,
  });
  botToken = (await credential.getToken("https://api.botframework.com/.default")).token;
});
beforeEach(() => {
  received = [];
  respond = () => ({ status: 200, body: { statusCode: 200, type: message, value: "thanks" } });
});
afterAll(async () => {
  await running.stop();
  bot.close();
});

const message = "application/vnd.microsoft.activity.message";
const cardType = "application/vnd.microsoft.card.adaptive";
const button = (verb: string) => ({ type: "Action.Execute", title: verb, verb, data: { r: "r1" } });
const card = (...verbs: string[]) => ({
  type: "AdaptiveCard",
  version: "1.5",
  body: [{ type: "Input.Text", id: "comment", value: "preset" }],
  actions: verbs.map(button),
});
const withCard = (content: unknown) => ({
  type: "message",
  attachments: [{ contentType: cardType, content }],
});

async function connector(method: string, path: string, body?: unknown, token = botToken) {
  const response = await fetch(`${running.tenant.addresses.serviceUrl}v3/conversations${path}`, {
    method,
    headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  return { status: response.status, body: text === "" ? {} : JSON.parse(text) };
}

const create = (member: string, tenantId: string = contoso.tenantId, activity?: unknown) =>
  connector("POST", "", { members: [{ id: member }], tenantId, bot: { id: botId }, activity });

async function post(content: unknown): Promise<{ chat: string; id: string }> {
  const chat: string = (await create(nadia.objectId)).body.id;
  const sent = await connector("POST", `/${chat}/activities`, withCard(content));
  return { chat, id: sent.body.id };
}

interface SeenMessage {
  readonly id: string;
  readonly author: string;
  readonly text: string;
  readonly updated: number;
  readonly card: { actions?: { verb: string }[] } | null;
}

async function seenBy(person: string): Promise<SeenMessage[]> {
  const url = `${running.tenant.addresses.http}/emulator/chats?person=${person}`;
  return ((await (await fetch(url)).json()) as { messages: SeenMessage[] }).messages;
}

const press = async (activityId: string, verb: string, more: object = {}) => {
  const body = { person: nadia.userPrincipalName, activityId, verb, ...more };
  const response = await control(running.tenant, "press", body);
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
};

test("a conversation is one per person, and its member is found in the directory", async () => {
  const first = await create(nadia.objectId);
  const again = await create(personChannelId(nadia.objectId));
  expect(first.status).toBe(201);
  expect(again.body.id).toBe(first.body.id);
  const members = await connector("GET", `/${first.body.id}/members`);
  expect(members.body).toEqual([
    expect.objectContaining({ aadObjectId: nadia.objectId, tenantId: contoso.tenantId }),
  ]);
});

test("X2: a person is reached in their own tenant only", async () => {
  expect((await create(nadia.objectId, fabrikam.tenantId)).status).toBe(403);
});

test("X1: the connector refuses every token but the bot's own for it", async () => {
  const vaultToken = await serviceCredential(running, "approvals").getToken(
    "https://vault.azure.net/.default",
  );
  const other = await serviceCredential(running, "approvals").getToken(
    "https://api.botframework.com/.default",
  );
  const body = { members: [{ id: nadia.objectId }], tenantId: contoso.tenantId };
  expect((await connector("POST", "", body, vaultToken.token)).status).toBe(401);
  expect((await connector("POST", "", body, other.token)).status).toBe(403);
});

test("a card is posted, updated in place and deleted; the person sees the newest version", async () => {
  const { chat, id } = await post(card("grant"));
  const update = withCard(card("nothing"));
  expect((await connector("PUT", `/${chat}/activities/${id}`, update)).status).toBe(200);
  const seen = (await seenBy(nadia.userPrincipalName)).at(-1);
  expect(seen).toMatchObject({ id, updated: 1, card: { actions: [{ verb: "nothing" }] } });
  await connector("DELETE", `/${chat}/activities/${id}`);
  const ids = (await seenBy(nadia.userPrincipalName)).map((message) => message.id);
  expect(ids).not.toContain(id);
});

test("a message over 100 KB in UTF-16 is too big", async () => {
  const { chat } = await post(card());
  const text = "x".repeat(52_000);
  const answer = await connector("POST", `/${chat}/activities`, { type: "message", text });
  expect(answer).toMatchObject({ status: 413, body: { error: { code: "MessageSizeTooBig" } } });
});

test("a press is a signed invoke from the person, with the button's data and the inputs", async () => {
  const { chat, id } = await post(card("grant"));
  const answer = await press(id, "grant", { inputs: { comment: "fine" } });
  expect(answer.body).toMatchObject({ statusCode: 200, type: message, value: "thanks" });
  const { authorization, activity } = received[0]!;
  expect(activity).toMatchObject({
    type: "invoke",
    name: "adaptiveCard/action",
    channelId: "msteams",
    serviceUrl: running.tenant.addresses.serviceUrl,
    replyToId: id,
    from: { aadObjectId: nadia.objectId, id: personChannelId(nadia.objectId) },
    recipient: { id: `28:${botId}` },
    conversation: { id: chat, tenantId: contoso.tenantId },
    channelData: { tenant: { id: contoso.tenantId } },
    value: {
      action: { type: "Action.Execute", verb: "grant", data: { r: "r1", comment: "fine" } },
      trigger: "manual",
    },
  });
  const metadata = (await (await fetch(running.tenant.addresses.botMetadataUrl)).json()) as {
    jwks_uri: string;
  };
  const keys = createRemoteJWKSet(new URL(metadata.jwks_uri));
  const expected = { issuer: "https://api.botframework.com", audience: botId };
  const { payload } = await jwtVerify(authorization.slice("Bearer ".length), keys, expected);
  expect(payload["serviceurl"]).toBe(running.tenant.addresses.serviceUrl);
  const published = (await (await fetch(metadata.jwks_uri)).json()) as { keys: unknown[] };
  expect(published.keys).toEqual([expect.objectContaining({ endorsements: ["msteams"] })]);
});

test("a returned card replaces what the person sees, until the bot updates the card", async () => {
  const { chat, id } = await post(card("grant", "refuse"));
  respond = () => ({ status: 200, body: { statusCode: 200, type: cardType, value: card("undo") } });
  await press(id, "grant");
  const seen = async () => (await seenBy(nadia.userPrincipalName)).find((m) => m.id === id)?.card;
  expect(await seen()).toMatchObject({ actions: [{ verb: "undo" }] });
  expect((await press(id, "grant")).status).toBe(409);
  await connector("PUT", `/${chat}/activities/${id}`, withCard(card("closed")));
  expect(await seen()).toMatchObject({ actions: [{ verb: "closed" }] });
});

test("a person can press only what the card shows them", async () => {
  const { id } = await post(card("grant"));
  expect((await press(id, "refuse")).status).toBe(409);
  expect((await press(id, "grant", { inputs: { secret: "x" } })).status).toBe(409);
  const body = { person: "reto.zgraggen@contoso.example", activityId: id, verb: "grant" };
  expect((await control(running.tenant, "press", body)).status).toBe(404);
  expect(received).toHaveLength(0);
});

test("a card that names the person is refreshed by itself before a press", async () => {
  const refresh = { action: button("refresh"), userIds: [personChannelId(nadia.objectId)] };
  const { id } = await post({ ...card(), refresh });
  respond = ({ value }) => {
    const { trigger } = value as { trigger: string };
    return trigger === "automatic"
      ? { status: 200, body: { statusCode: 200, type: cardType, value: card("grant") } }
      : { status: 200, body: { statusCode: 200, type: message, value: "granted" } };
  };
  expect((await press(id, "grant")).body).toMatchObject({ value: "granted" });
  expect(received).toHaveLength(2);
});

test.each([
  ["expired", { exp: expect.any(Number) }],
  ["wrong-audience", { iss: "https://api.botframework.com" }],
  ["wrong-issuer", { aud: botId }],
  ["entra", { aud: botId, tid: platform.tenantId }],
  ["wrong-key", { aud: botId }],
] as const)("a press can be forged with a token that is %s", async (token, claims) => {
  const { id } = await post(card("grant"));
  respond = () => ({ status: 401, body: {} });
  const overrides = { token, aadObjectId: contoso.people.lenaFrei.objectId, tenantId: "x" };
  const answer = await press(id, "grant", { overrides });
  expect(answer.body).toMatchObject({ httpStatus: 401, statusCode: 401 });
  const { authorization, activity } = received[0]!;
  expect(activity).toMatchObject({
    from: { aadObjectId: contoso.people.lenaFrei.objectId },
    conversation: { tenantId: "x" },
  });
  const payload = decodeJwt(authorization.slice("Bearer ".length));
  expect(payload).toMatchObject(claims);
  expect((payload.exp ?? 0) < Date.now() / 1000).toBe(token === "expired");
  expect(payload.aud === botId).toBe(token !== "wrong-audience");
});

test("a press without a token and with forged data reaches the bot as it is", async () => {
  const { id } = await post(card("grant"));
  const overrides = { token: "none", data: { r: "forged" }, activityId: "replayed" };
  await press(id, "no-such-verb", { overrides });
  expect(received[0]).toMatchObject({
    authorization: "",
    activity: { id: "replayed", value: { action: { data: { r: "forged" } } } },
  });
});

test("a person writes to the bot, and the bot answers in the same chat", async () => {
  const person = "lena.frei@contoso.example";
  const answer = await control(running.tenant, "say", { person, text: "hello" });
  expect(await answer.json()).toMatchObject({ httpStatus: 200 });
  const { activity } = received[0]!;
  expect(activity).toMatchObject({ type: "message", text: "hello" });
  const { id } = activity["conversation"] as { id: string };
  const reply = { type: "message", text: "hello Lena" };
  await connector("POST", `/${id}/activities/${activity["id"]}`, reply);
  const texts = (await seenBy(person)).map(({ author, text }) => [author, text]);
  expect(texts).toEqual([
    ["person", "hello"],
    ["bot", "hello Lena"],
  ]);
});

test("a person who blocked the bot cannot be written to", async () => {
  const person = fabrikam.people.saraGallo;
  const name = person.userPrincipalName;
  await control(running.tenant, "block", { person: name, blocked: true });
  const answer = await create(person.objectId, fabrikam.tenantId);
  expect(answer).toMatchObject({
    status: 403,
    body: { error: { subCode: "MessageWritesBlocked" } },
  });
});

test("every message is among the effects, without its text", async () => {
  const { chat, id } = await post(card("marker-verb"));
  await connector("PUT", `/${chat}/activities/${id}`, withCard(card("marker-verb")));
  const response = await fetch(`${running.tenant.addresses.http}/emulator/effects`);
  const list = (await response.json()) as Record<string, unknown>[];
  expect(list.at(-1)).toMatchObject({
    app: "niivo-bot",
    tenant: contoso.tenantId,
    method: "PUT",
    path: `/connector/v3/conversations/${chat}/activities/${id}`,
  });
  expect(JSON.stringify(list)).not.toContain("marker-verb");
});
