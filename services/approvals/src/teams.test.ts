// botbuilder against a connector that answers on a real socket: what goes over the wire, and how failures
// of every kind come back.

import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { asked } from "../test/example.ts";
import { approvalCard } from "./card.ts";
import { botbuilderTeams } from "./teams.ts";
import { english } from "./texts.ts";

const appId = "99999999-0000-4000-8000-000000000001";
const to = {
  objectId: "aaaaaaaa-0000-4000-8000-000000000003",
  tenantId: "11111111-0000-4000-8000-000000000000",
};
const card = approvalCard(asked, { kind: "open" }, english);
const content = { kind: "card", card, summary: "one line" } as const;

interface Call {
  readonly method: string | undefined;
  readonly path: string | undefined;
  readonly authorization: string | undefined;
  readonly body: Record<string, unknown>;
}
let calls: Call[] = [];
/** What the next calls are answered with; then 201. */
let statuses: number[] = [];
let hold: ((response: ServerResponse) => void) | undefined;

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  let text = "";
  for await (const chunk of request) text += String(chunk);
  const { method, url: path, headers } = request;
  calls.push({ method, path, authorization: headers.authorization, body: JSON.parse(text) });
  if (hold !== undefined) return hold(response);
  const status = statuses.shift() ?? 201;
  const id = path?.endsWith("/v3/conversations") ? "a:chat" : "1700000000001";
  const headersOut = { "content-type": "application/json", "retry-after": "0" };
  response.writeHead(status, { ...headersOut, location: "/elsewhere" });
  response.end(
    JSON.stringify(status < 300 ? { id } : { error: { code: "Refused", message: "no" } }),
  );
}
const server = createServer((request, response) => void answer(request, response));
beforeAll(async () => {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
});
afterAll(() => new Promise((done) => server.close(done)));
beforeEach(() => {
  calls = [];
  statuses = [];
  hold = undefined;
});

const teams = (token = async () => "the-token") => {
  const address = server.address();
  const port = typeof address === "object" ? address?.port : undefined;
  return botbuilderTeams({ appId, serviceUrl: `http://127.0.0.1:${port}/teams/`, token });
};
const signal = new AbortController().signal;
const paths = () => calls.map(({ method, path }) => `${method} ${path}`);

describe("posting", () => {
  test("opens the person's chat in their tenant and sends the card into it", async () => {
    const delivered = await teams().post(to, content, signal);
    expect(delivered).toEqual({
      kind: "delivered",
      conversationId: "a:chat",
      activityId: "1700000000001",
    });
    expect(paths()).toEqual([
      "POST /teams/v3/conversations",
      "POST /teams/v3/conversations/a%3Achat/activities",
    ]);
    expect(calls[0]?.body).toMatchObject({
      isGroup: false,
      bot: { id: `28:${appId}` },
      members: [{ id: to.objectId }],
      tenantId: to.tenantId,
      channelData: { tenant: { id: to.tenantId } },
    });
    expect(calls[1]?.body).toMatchObject({
      type: "message",
      summary: "one line",
      attachments: [{ contentType: "application/vnd.microsoft.card.adaptive", content: card }],
    });
    expect(calls.map(({ authorization }) => authorization)).toEqual(
      Array(2).fill("Bearer the-token"),
    );
  });

  test("sends a sentence as plain text", async () => {
    await teams().post(to, { kind: "text", text: "**no** [markdown](x)" }, signal);
    expect(calls[1]?.body).toMatchObject({ text: "**no** [markdown](x)", textFormat: "plain" });
  });
});

describe("updating", () => {
  test("replaces what was posted", async () => {
    const at = { conversationId: "a:chat", activityId: "17" };
    expect(await teams().update(at, to.tenantId, content, signal)).toEqual({
      kind: "delivered",
      ...at,
    });
    expect(paths()).toEqual(["PUT /teams/v3/conversations/a%3Achat/activities/17"]);
    expect(calls[0]?.body).toMatchObject({ attachments: [{ content: card }] });
  });
});

describe("failing", () => {
  test.each([400, 403, 404, 413])("%i is final: it is not asked again", async (status) => {
    statuses = [201, status];
    expect(await teams().post(to, content, signal)).toEqual({
      kind: "refused",
      code: "teams-refused",
    });
    expect(calls).toHaveLength(2);
  });

  test.each([302, 401, 412, 429, 500, 502, 503, 504])(
    "%i is of the moment, and the library repeats nothing by itself",
    async (status) => {
      statuses = [201, status];
      expect(await teams().post(to, content, signal)).toEqual({ kind: "unavailable" });
      expect(calls).toHaveLength(2);
    },
  );

  test("no token: nothing is sent", async () => {
    const without = teams(() => Promise.reject(new Error("vault away")));
    expect(await without.post(to, content, signal)).toEqual({ kind: "unavailable" });
    expect(calls).toEqual([]);
  });

  test("a connector that never answers is left when the signal says so", async () => {
    const held = new Promise<ServerResponse>((resolve) => {
      hold = resolve;
    });
    const controller = new AbortController();
    const posting = teams().post(to, content, controller.signal);
    const response = await held;
    controller.abort();
    expect(await posting).toEqual({ kind: "unavailable" });
    response.destroy();
  });

  test("a connector that is not there", async () => {
    const nowhere = botbuilderTeams({
      ...{ appId, serviceUrl: "http://127.0.0.1:1/", token: async () => "the-token" },
    });
    expect(await nowhere.post(to, content, signal)).toEqual({ kind: "unavailable" });
  });
});
