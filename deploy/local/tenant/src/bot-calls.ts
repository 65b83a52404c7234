// Sends a person's activity to the bot, signed as the Bot Connector signs it, and waits for the
// answer as long as Teams does.

import { randomUUID } from "node:crypto";
import { z } from "zod";
import { issueBotToken, TokenFlaw } from "./bot-tokens.ts";
import { botChannelId, type Chat, personChannelId } from "./chats.ts";
import type { User } from "./directory.ts";
import type { World } from "./world.ts";

const answerMsMax = 15_000;
const answerBytesMax = 200_000;
const errorCharactersMax = 2_000;

/** What a test may falsify in an activity; everything else is as Teams would send it. */
export const Overrides = z
  .strictObject({
    aadObjectId: z.string().max(200),
    tenantId: z.string().max(200),
    /** The id of the activity itself; an old one replays. */
    activityId: z.string().max(200),
    serviceUrl: z.string().max(500),
    token: TokenFlaw,
    data: z.record(z.string(), z.unknown()),
    trigger: z.enum(["manual", "automatic"]),
  })
  .partial();
export type Overrides = z.infer<typeof Overrides>;

const InvokeAnswer = z.looseObject({
  statusCode: z.int().default(200),
  type: z.string().default(""),
  value: z.unknown(),
});

export interface BotAnswer {
  /** Id of the activity that was sent. */
  readonly sentId: string;
  readonly httpStatus: number;
  readonly statusCode: number;
  readonly type: string;
  readonly value: unknown;
}

/** Sends `content` (type, name, value, text …) from the person. A network failure is status 502. */
export async function callBot(
  world: World,
  chat: Chat,
  person: User,
  content: Readonly<Record<string, unknown>>,
  overrides: Overrides = {},
): Promise<BotAnswer> {
  const tenantId = overrides.tenantId ?? chat.tenantId;
  const id = overrides.activityId ?? `f:${randomUUID()}`;
  const activity = {
    ...content,
    id,
    timestamp: new Date().toISOString(),
    channelId: "msteams",
    serviceUrl: overrides.serviceUrl ?? world.addresses.serviceUrl,
    from: {
      id: personChannelId(person.id),
      name: person.displayName,
      aadObjectId: overrides.aadObjectId ?? person.id,
    },
    recipient: { id: botChannelId, name: "NIIVO" },
    conversation: { id: chat.id, conversationType: "personal", tenantId },
    channelData: { tenant: { id: tenantId } },
    entities: [
      { type: "clientInfo", locale: person.preferredLanguage, country: "CH", platform: "Web" },
    ],
    locale: person.preferredLanguage,
  };
  const token = await issueBotToken(world, overrides.token);
  const authorization: Record<string, string> =
    token === undefined ? {} : { authorization: `Bearer ${token}` };
  try {
    const response = await fetch(world.botEndpoint, {
      method: "POST",
      headers: { "content-type": "application/json", ...authorization },
      body: JSON.stringify(activity),
      signal: AbortSignal.timeout(answerMsMax),
    });
    return { sentId: id, httpStatus: response.status, ...(await readAnswer(response)) };
  } catch (error) {
    const value = `the bot's endpoint did not answer: ${error}`;
    return { sentId: id, httpStatus: 502, statusCode: 502, type: "emulator/no-answer", value };
  }
}

async function readAnswer(response: Response) {
  const text = await response.text();
  const statusCode = response.status;
  if (!response.ok || text === "" || text.length > answerBytesMax) {
    return { statusCode, type: "emulator/http", value: text.slice(0, errorCharactersMax) };
  }
  try {
    const { type, value, statusCode: inner } = InvokeAnswer.parse(JSON.parse(text));
    return { statusCode: inner, type, value };
  } catch {
    return { statusCode, type: "emulator/http", value: text.slice(0, errorCharactersMax) };
  }
}
