// ticket.reply over a real socket: to the requester alone, as plain text, once.

import type { ServerResponse } from "node:http";
import { describe, expect, test } from "vitest";
import type { ClientTokens, SecretPrincipal } from "./entra.ts";
import { failed } from "./ports.ts";
import { execution, json, localServer, type SeenRequest } from "./testing/executions.ts";
import { action, id, ids, unverified } from "./testing/fixtures.ts";
import { ticketReply } from "./ticket-reply.ts";

type Answer = (seen: SeenRequest, response: ServerResponse) => void;
const taken: Answer = ({ url }, response) =>
  json(response, 201, { id: url.endsWith("/activities") ? "activity" : "a:chat/1" });

async function reply(answer: Answer, change: Parameters<typeof execution>[0] = {}) {
  await using server = await localServer(answer);
  const asked: [SecretPrincipal, string][] = [];
  const clientToken: ClientTokens = async (principal, scope) => {
    asked.push([principal, scope]);
    return { kind: "token", token: () => "the-token" };
  };
  const bot = { serviceUrl: `${server.origin}/connector/`, botAppId: id(90), botTenantId: id(91) };
  const outcome = await ticketReply({ ...bot, clientToken })(
    execution({
      action: { ...action, tool: "ticket.reply", arguments: { text: "Hi **x**" } },
      ...change,
    }),
  );
  return { outcome, seen: server.seen, asked };
}
const atActivity =
  (one: Answer): Answer =>
  (seen, response) =>
    seen.url.endsWith("/activities") ? one(seen, response) : taken(seen, response);

describe("ticket.reply", () => {
  test("opens a chat with the requester in their tenant and says the text in plain", async () => {
    const { outcome, seen, asked } = await reply(taken);
    expect(outcome).toEqual({
      kind: "completed",
      costMicroChf: 0,
      result: { delivered: true, channel: "teams" },
    });
    expect(asked[0]?.[0]).toMatchObject({ tenantId: id(91), clientId: id(90) });
    expect(asked[0]?.[0].secret()).toBe("value of bot-client-secret");
    expect(asked[0]?.[1]).toBe("https://api.botframework.com/.default");
    const [opening, message] = seen;
    expect(opening?.url).toBe("/connector/v3/conversations");
    expect(JSON.parse(opening?.body ?? "")).toMatchObject({
      isGroup: false,
      members: [{ id: ids.lena }],
      tenantId: ids.tenant,
      channelData: { tenant: { id: ids.tenant } },
    });
    expect(message?.url).toBe("/connector/v3/conversations/a%3Achat%2F1/activities");
    expect(JSON.parse(message?.body ?? "")).toMatchObject({
      type: "message",
      text: "Hi **x**",
      textFormat: "plain",
    });
    for (const { headers } of seen) {
      expect(headers.authorization).toBe("Bearer the-token");
      expect(headers["client-request-id"]).toBe(ids.action);
    }
  });
  const status =
    (code: number): Answer =>
    (_, response) =>
      json(response, code, { error: {} });
  test.each([
    ["the person blocked the bot", atActivity(status(403)), 2],
    ["the conversation is refused", status(403), 1],
    ["the conversation does not open", status(503), 1],
    ["the conversation has no id", ((_, response) => json(response, 201, {})) as Answer, 1],
  ])("is not delivered when %s", async (_name, answer, calls) => {
    const { outcome, seen } = await reply(answer);
    expect(outcome).toMatchObject({ kind: "failed", code: "not-delivered" });
    expect(seen).toHaveLength(calls);
  });
  test.each([
    ["the connector fails", atActivity(status(503))],
    ["the connector hangs up", atActivity((_, response) => response.destroy())],
  ])("R6 is unknown when %s at the message, which is sent once", async (_name, answer) => {
    const { outcome, seen } = await reply(answer);
    expect(outcome.kind).toBe("unknown");
    expect(seen).toHaveLength(2);
  });
  test("O1 a redirect is not followed with the token", async () => {
    await using stranger = await localServer(taken);
    const away = (_: SeenRequest, response: ServerResponse) =>
      response.writeHead(307, { location: stranger.origin }).end();
    const { outcome } = await reply(away);
    expect(outcome).toMatchObject({ kind: "failed" });
    expect(stranger.seen).toEqual([]);
  });
  test("for an unverified ticket it goes back to the application, and into nobody's chat", async () => {
    const noSecret = { readSecret: async () => failed("secret-missing", "no") };
    const { outcome, seen, asked } = await reply(taken, { requester: unverified, ...noSecret });
    expect(outcome).toEqual({
      kind: "completed",
      costMicroChf: 0,
      result: { delivered: true, channel: "connector" },
      reply: "Hi **x**",
    });
    expect([seen, asked]).toEqual([[], []]);
  });
  test("nothing is sent without a secret, or with other arguments", async () => {
    const missing = { readSecret: async () => failed("secret-missing", "no") };
    const noSecret = await reply(taken, missing);
    expect(noSecret.outcome).toMatchObject({ code: "secret-missing" });
    const other = await reply(taken, {
      action: { ...action, arguments: { text: "x", to: "all" } },
    });
    expect(other.outcome).toMatchObject({ code: "arguments-invalid" });
    expect([noSecret.seen, other.seen]).toEqual([[], []]);
  });
});
