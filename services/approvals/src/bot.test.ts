// The bot's endpoint, over its whole HTTP surface, with tokens of a real key.

import { ticketTextMax } from "@niivo/contracts/tickets";
import { BusUnavailable } from "@niivo/host/bus-unavailable";
import type { OutgoingCommand } from "@niivo/host/host";
import { createLogger } from "@niivo/host/logger";
import { memoryStore } from "@niivo/host/memory-store";
import { generateKeyPair, SignJWT } from "jose";
import { beforeEach, describe, expect, test } from "vitest";
import {
  actionId,
  ann,
  asked,
  customer,
  digest,
  eve,
  otherTenantId,
  tenantId,
  ticket,
} from "../test/example.ts";
import { botRoutes } from "./bot.ts";
import { channelTokens } from "./channel-token.ts";
import { changeAsk } from "./documents.ts";
import { english, textsIn } from "./texts.ts";

const appId = "99999999-0000-4000-8000-000000000001";
const serviceUrl = "https://smba.trafficmanager.net/emea/";
const eventId = "88888888-0000-4000-8000-000000000001";
const pair = await generateKeyPair("RS256");
const now = () => new Date();
const tokens = channelTokens({
  ...{ appId, serviceUrls: [serviceUrl], now },
  keys: async (kid) =>
    kid === "k" ? { publicKey: pair.publicKey, endorsements: ["msteams"] } : undefined,
});
const bearer = async (audience = appId) =>
  `Bearer ${await new SignJWT({ serviceurl: serviceUrl })
    .setProtectedHeader({ alg: "RS256", kid: "k" })
    .setIssuer("https://api.botframework.com")
    .setAudience(audience)
    .setNotBefore("0s")
    .setExpirationTime("1h")
    .sign(pair.privateKey)}`;

let store = memoryStore();
let sent: OutgoingCommand[] = [];
let send = async (command: OutgoingCommand) => void sent.push(command);
const app = () =>
  botRoutes({
    ...{ tokens, customers: new Map([[tenantId, customer]]) },
    host: { store, send: (command) => send(command), log: createLogger("test", "error") },
  });
beforeEach(() => {
  store = memoryStore();
  sent = [];
  send = async (command) => void sent.push(command);
});

const forAnotherBot = await bearer("99999999-0000-4000-8000-000000000002");
const data: Record<string, unknown> = { actionId, digest };
const press = (changes: Record<string, unknown> = {}, value: Record<string, unknown> = {}) => ({
  ...{ type: "invoke", name: "adaptiveCard/action", id: "f:1", channelId: "msteams", serviceUrl },
  from: { id: "29:x", name: "Ann", aadObjectId: ann },
  recipient: { id: `28:${appId}` },
  conversation: { id: "a:1", conversationType: "personal", tenantId },
  channelData: { tenant: { id: tenantId } },
  value: { action: { type: "Action.Execute", verb: "grant", data }, trigger: "manual", ...value },
  ...changes,
});
const post = async (body: unknown, authorization?: string) => {
  const response = await app().request("/api/messages", {
    method: "POST",
    body: typeof body === "string" ? body : JSON.stringify(body),
    headers: {
      "content-type": "application/json",
      authorization: authorization ?? (await bearer()),
    },
  });
  const text = await response.text();
  return { status: response.status, body: text === "" ? undefined : JSON.parse(text) };
};

describe("a press on a card", () => {
  test("becomes one vote of the person in the token-bearing activity", async () => {
    expect(await post(press())).toEqual({
      status: 200,
      body: {
        statusCode: 200,
        type: "application/vnd.microsoft.activity.message",
        value: english.checking,
      },
    });
    expect(sent).toEqual([
      {
        id: expect.stringMatching(/^[0-9a-f-]{36}$/),
        ...{ type: "vote.cast.v1", customer, subject: actionId },
        data: { actionId, digest, voter: ann, tenantId, vote: "grant", activityId: "f:1" },
      },
    ]);
  });

  test("is filed under the ticket and the event it answers", async () => {
    await changeAsk(store, customer, actionId, (ask) => ({ ...ask, asked, ticket, eventId }));
    await post(press());
    expect(sent[0]).toMatchObject({ ticket, correlationid: ticket, causationid: eventId });
  });

  test("M4: comes again under the same id, whatever it then says", async () => {
    await post(press());
    await post(press());
    const action = { type: "Action.Execute", verb: "refuse", data };
    await post(press({}, { action }));
    await post(press({ id: "f:2" }));
    const [first, second, third, other] = sent.map(({ id }) => id);
    expect([second, third]).toEqual([first, first]);
    expect(other).not.toBe(first);
  });

  test("is answered in the language of the client, and of an approver in the directory's", async () => {
    const stranger = await post(press({ locale: "it-CH" }));
    expect(stranger.body.value).toBe(textsIn("it").checking);
    const approvers = asked.approvers.map((one) => ({ ...one, language: "fr" as const }));
    await changeAsk(store, customer, actionId, (ask) => ({
      ...{ ...ask, asked: { ...asked, approvers } },
    }));
    const approver = await post(press({ locale: "it-CH", id: "f:2" }));
    expect(approver.body.value).toBe(textsIn("fr").checking);
    expect(sent.map(({ data: vote }) => vote)).toMatchObject([
      { language: "it" },
      { language: "fr" },
    ]);
  });

  test.each(["rm-CH", "", 7, "x".repeat(500)])(
    "counts whatever its locale is: %s",
    async (locale) => {
      const { body } = await post(press({ locale }));
      expect(body.value).toBe(english.checking);
      expect(sent[0]?.data).not.toHaveProperty("language");
    },
  );

  test("M3: ids count in lower case", async () => {
    const from = { aadObjectId: ann.toUpperCase() };
    await post(press({ from }));
    expect(sent[0]?.data).toMatchObject({ voter: ann });
  });

  test("that cannot be handed over asks to press again", async () => {
    send = () => Promise.reject(new BusUnavailable("away"));
    const { status, body } = await post(press());
    expect(status).toBe(200);
    expect(body).toMatchObject({ statusCode: 500, value: { message: english.notRecorded } });
  });
});

describe("M2: no vote is", () => {
  const refreshed = press({}, { trigger: "automatic" });

  test("an automatic refresh: an approver gets the card as it stands", async () => {
    await changeAsk(store, customer, actionId, (ask) => ({
      ...{ ...ask, asked },
      end: { kind: "expired" as const },
    }));
    const { body } = await post(refreshed);
    expect(body).toMatchObject({
      statusCode: 200,
      type: "application/vnd.microsoft.card.adaptive",
    });
    expect(JSON.stringify(body.value)).toContain(english.expired);
    expect(sent).toEqual([]);
  });

  test("an automatic refresh by somebody who was not asked: it shows nothing", async () => {
    await changeAsk(store, customer, actionId, (ask) => ({ ...ask, asked }));
    const { body } = await post(press({ from: { aadObjectId: eve } }, { trigger: "automatic" }));
    expect(body.value).toBe(english.unknownApproval);
    expect(sent).toEqual([]);
  });

  const action = (changes: Record<string, unknown>) =>
    press({}, { action: { type: "Action.Execute", verb: "grant", data, ...changes } });
  test.each<[string, unknown, number]>([
    ["a press without a person", press({ from: { id: "29:x" } }), 400],
    ["a press of somebody named, not numbered", press({ from: { aadObjectId: "Ann" } }), 400],
    ["a press with more data than ours", action({ data: { ...data, approved: true } }), 400],
    ["a press with less data", action({ data: { actionId } }), 400],
    [
      "a press with a digest of another form",
      action({ data: { actionId, digest: "#a51f96" } }),
      400,
    ],
    ["another verb", action({ verb: "approve" }), 400],
    ["another kind of action", action({ type: "Action.Submit" }), 400],
    ["an unknown trigger", press({}, { trigger: "timer" }), 400],
    ["a press without an id", press({ id: undefined }), 400],
    ["another invoke", press({ name: "task/submit" }), 400],
    [
      "a press from a tenant that is no customer's",
      press({
        conversation: { id: "a:1", tenantId: otherTenantId },
        channelData: { tenant: { id: otherTenantId } },
      }),
      403,
    ],
    [
      "a press whose two tenants differ",
      press({ channelData: { tenant: { id: otherTenantId } } }),
      403,
    ],
    [
      "a press whose conversation has another tenant",
      press({ conversation: { id: "a:1", tenantId: otherTenantId } }),
      403,
    ],
  ])("%s", async (_, body, statusCode) => {
    const answer = await post(body);
    expect(answer).toMatchObject({ status: 200, body: { statusCode } });
    expect(sent).toEqual([]);
  });

  test.each(["conversationUpdate", "installationUpdate", "event"])(
    "an activity of type %s: it is acknowledged",
    async (type) => {
      expect(await post(press({ type }))).toEqual({ status: 200, body: undefined });
      expect(sent).toEqual([]);
    },
  );
});

describe("a message", () => {
  const wrote = (text: unknown, changes: Record<string, unknown> = {}) => ({
    ...press({ name: undefined, value: undefined, ...changes }),
    ...{ type: "message", text, textFormat: "plain" },
  });
  const sentText = () => (sent[0]!.data as { written: { text?: string } }).written.text;

  test("becomes one ticket of the person in the token-bearing activity", async () => {
    expect(await post(wrote("<p>I have a new phone</p>"))).toEqual({ status: 200 });
    const id = sent[0]?.ticket;
    expect(id).toMatch(/^[0-9a-f-]{36}$/);
    expect(sent).toEqual([
      {
        id: expect.stringMatching(/^[0-9a-f-]{36}$/),
        ...{ type: "ticket.write.v1", customer, ticket: id, subject: id },
        data: {
          ...{ writer: ann, tenantId, activityId: "f:1" },
          written: {
            ...{ kind: "text", text: "I have a new phone" },
            seed: expect.stringMatching(/^[0-9a-f]{64}$/),
          },
        },
      },
    ]);
  });

  test("M4: comes again as the same ticket under the same id, and another as another", async () => {
    await post(wrote("help"));
    await post(wrote("help again"));
    await post(wrote("help", { id: "f:2" }));
    await post(wrote("help", { conversation: { ...press().conversation, id: "a:2" } }));
    const ids = sent.map(({ id, ticket: of }) => `${id} ${of}`);
    expect(ids[1]).toBe(ids[0]);
    expect(new Set(ids).size).toBe(3);
  });

  test("R5: loses its credentials before anything is sent, also where markup cuts them", async () => {
    await post(wrote("my pass<b>word</b> is Hunter2-Hunter2, it fails"));
    expect(sentText()).toBe("my password is [credential removed] it fails");
    expect(JSON.stringify(sent)).not.toContain("Hunter2");
  });

  test.each([
    ["nothing", ""],
    ["blanks and markup", " <p>&nbsp;</p> "],
    ["an attachment without words", undefined],
    ["something that is no text", { html: "x" }],
  ])("of %s is handed over without words, so that its writer is told", async (_, text) => {
    await post(wrote(text));
    expect(sent[0]?.data).toMatchObject({ written: { kind: "unusable", code: "no-text" } });
  });

  test("is a ticket at the limit, and beyond it its writer is told", async () => {
    await post(wrote("x".repeat(ticketTextMax)));
    expect(sentText()).toHaveLength(ticketTextMax);
    await post(wrote("x".repeat(ticketTextMax + 1), { id: "f:2" }));
    expect(sent[1]?.data).toMatchObject({ written: { kind: "unusable", code: "text-too-long" } });
  });

  test.each<[string, Record<string, unknown>]>([
    ["in a group", { conversation: { ...press().conversation, conversationType: "groupChat" } }],
    ["in a channel", { conversation: { ...press().conversation, conversationType: "channel" } }],
    ["in who knows what", { conversation: { id: "a:1", tenantId } }],
    ["of nobody", { from: { id: "29:x" } }],
    ["of somebody named, not numbered", { from: { aadObjectId: "Ann" } }],
    ["without an id", { id: undefined }],
    [
      "from a tenant that is no customer's",
      {
        conversation: { ...press().conversation, tenantId: otherTenantId },
        channelData: { tenant: { id: otherTenantId } },
      },
    ],
    ["whose two tenants differ", { channelData: { tenant: { id: otherTenantId } } }],
  ])("%s is acknowledged, and is nobody's ticket", async (_, changes) => {
    expect(await post(wrote("help", changes))).toEqual({ status: 200 });
    expect(sent).toEqual([]);
  });

  test("M1: without the channel's token for this very activity is refused", async () => {
    expect((await post(wrote("help"), "")).status).toBe(401);
    expect((await post(wrote("help"), forAnotherBot)).status).toBe(401);
    expect((await post(wrote("help", { serviceUrl: "https://evil.example/" }))).status).toBe(401);
    expect(sent).toEqual([]);
  });

  test("that cannot be handed over is answered as not delivered", async () => {
    send = () => Promise.reject(new BusUnavailable("away"));
    expect(await post(wrote("help"))).toMatchObject({
      status: 503,
      body: { code: "not-recorded" },
    });
  });
});

describe("M1: refused is", () => {
  test.each<[string, string, number, string]>([
    ["no token", "", 401, "token-invalid"],
    ["a token for another bot", forAnotherBot, 401, "token-invalid"],
  ])("%s", async (_, authorization, status, code) => {
    const answer = await post(press(), authorization);
    expect(answer).toMatchObject({ status, body: { status, code } });
    expect(sent).toEqual([]);
  });

  test.each([
    ["of another channel", { channelId: "webchat" }],
    ["with another service URL", { serviceUrl: "https://evil.example/" }],
  ])("an activity %s", async (_, changes) => {
    expect(await post(press(changes))).toMatchObject({
      status: 401,
      body: { code: "token-not-for-activity" },
    });
    expect(sent).toEqual([]);
  });

  test("what is no activity, or too large", async () => {
    expect((await post("{")).status).toBe(400);
    expect((await post([])).status).toBe(400);
    expect((await post(press({ text: "x".repeat(300_000) }))).status).toBe(413);
  });

  test("a GET", async () => {
    expect((await app().request("/api/messages")).status).toBe(404);
  });
});
