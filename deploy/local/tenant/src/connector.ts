// The Bot Connector's REST interface for Teams, 1:1 chats only
// (https://learn.microsoft.com/azure/bot-service/rest-api/bot-framework-rest-connector-api-reference).
//
// Not emulated: group chats, channels, attachments other than one Adaptive Card, mentions,
// installation of the app (every person has it), rate limits.
//
// Invariants:
//   X1. Only a token that Entra issued to the bot, for the connector, may write.
//   X2. A person is reached in their own tenant or not at all.

import { type Context, Hono } from "hono";
import { z } from "zod";
import { botAudience, verifyAccessToken } from "./access-tokens.ts";
import { type Card, type Chat, type Chats, personChannelId } from "./chats.ts";
import type { User } from "./directory.ts";
import { recordEffect } from "./effects.ts";
import { Refusal } from "./refusal.ts";
import { platform } from "./seed.ts";
import type { World } from "./world.ts";

const messageBytesMax = 100 * 1024; // As UTF-16.
const cardType = "application/vnd.microsoft.card.adaptive";

const Attachment = z.looseObject({
  contentType: z.literal(cardType),
  content: z.record(z.string(), z.unknown()),
});
const Activity = z.looseObject({
  type: z.string().max(100),
  text: z.string().nullish(),
  attachments: z.array(Attachment).max(1, "the emulator shows one card per message").nullish(),
  replyToId: z.string().max(200).nullish(),
});
const Account = z.looseObject({ id: z.string().min(1).max(200) });
const CreateConversation = z.looseObject({
  isGroup: z.literal(false).nullish(),
  members: z.array(Account).length(1),
  tenantId: z.string().nullish(),
  channelData: z.looseObject({ tenant: z.looseObject({ id: z.string() }).nullish() }).nullish(),
  activity: Activity.nullish(),
});

export function connector(world: World, chats: Chats): Hono {
  const app = new Hono();
  app.use(async (c, next) => {
    await refuseStrangers(world, c.req.header("authorization"));
    await next();
  });
  app.post("/v3/conversations", async (c) => {
    const body = await parsed(c, CreateConversation);
    const person = memberOf(world, body);
    const chat = chats.open(person.tenantId, person.id);
    refuseBlocked(chat);
    const activityId = body.activity ? post(world, chats, c, chat, body.activity, null) : undefined;
    const { serviceUrl } = world.addresses;
    return c.json({ id: chat.id, serviceUrl, ...(activityId ? { activityId } : {}) }, 201);
  });
  app.post("/v3/conversations/:chat/activities", async (c) => {
    const chat = writableChat(chats, c);
    const activity = await parsed(c, Activity);
    return c.json({ id: post(world, chats, c, chat, activity, activity.replyToId ?? null) }, 201);
  });
  app.post("/v3/conversations/:chat/activities/:activity", async (c) => {
    const chat = writableChat(chats, c);
    const replyTo = c.req.param("activity");
    return c.json({ id: post(world, chats, c, chat, await parsed(c, Activity), replyTo) }, 201);
  });
  app.put("/v3/conversations/:chat/activities/:activity", async (c) => {
    const chat = writableChat(chats, c);
    const id = ownActivity(chats, chat, c.req.param("activity"));
    const content = contentOf(await parsed(c, Activity));
    written(world, c, chat, () => chats.update(id, content));
    return c.json({ id });
  });
  app.delete("/v3/conversations/:chat/activities/:activity", (c) => {
    const chat = writableChat(chats, c);
    const id = ownActivity(chats, chat, c.req.param("activity"));
    written(world, c, chat, () => chats.remove(id));
    return c.body(null, 200);
  });
  addMembers(app, world, chats);
  app.all("*", (c) => {
    throw new Refusal(501, "EmulatorNotEmulated", `not emulated: ${c.req.method} ${c.req.path}`);
  });
  app.onError(respondAsConnector);
  return app;
}

function addMembers(app: Hono, world: World, chats: Chats): void {
  const memberIn = (c: Context) => {
    const chat = knownChat(chats, c);
    const user = world.directory.user(chat.tenantId, chat.userId);
    if (user === undefined) throw notFound("the member");
    return memberShape(user);
  };
  app.get("/v3/conversations/:chat/members", (c) => c.json([memberIn(c)]));
  app.get("/v3/conversations/:chat/pagedmembers", (c) => c.json({ members: [memberIn(c)] }));
  app.get("/v3/conversations/:chat/members/:member", (c) => {
    const member = memberIn(c);
    const asked = c.req.param("member");
    if (asked !== member.id && asked !== member.aadObjectId) throw notFound("the member");
    return c.json(member);
  });
}

const memberShape = (user: User) => ({
  id: personChannelId(user.id),
  name: user.displayName,
  aadObjectId: user.id,
  objectId: user.id,
  givenName: user.givenName,
  surname: user.surname,
  email: user.userPrincipalName,
  userPrincipalName: user.userPrincipalName,
  tenantId: user.tenantId,
  userRole: "user",
});

// X1.
async function refuseStrangers(world: World, authorization: string | undefined): Promise<void> {
  const verdict = await verifyAccessToken(world, authorization, botAudience);
  if (verdict.kind === "refused") throw new Refusal(401, "Unauthorized", verdict.reason);
  const { appid, tid } = verdict.claims;
  if (appid === platform.applications.bot.clientId && tid === platform.tenantId) return;
  throw new Refusal(403, "Forbidden", "The caller is not the bot of this conversation.");
}

// X2.
function memberOf(world: World, body: z.infer<typeof CreateConversation>): User {
  const tenantId = body.tenantId ?? body.channelData?.tenant?.id;
  const member = body.members[0]?.id ?? "";
  if (typeof tenantId !== "string") {
    throw new Refusal(400, "BadSyntax", "The tenant id is missing.");
  }
  const user = world.directory
    .users()
    .find(({ tenantId: home, id }) => home === tenantId && isMember(id, member));
  if (user !== undefined) return user;
  const message = "The bot is not part of the conversation roster.";
  throw new Refusal(403, "BotNotInConversationRoster", message);
}

const isMember = (objectId: string, member: string): boolean =>
  member === objectId || member === personChannelId(objectId);

function knownChat(chats: Chats, c: Context): Chat {
  const chat = chats.chat(c.req.param("chat") ?? "");
  if (chat === undefined) throw notFound("the conversation");
  return chat;
}

function writableChat(chats: Chats, c: Context): Chat {
  const chat = knownChat(chats, c);
  refuseBlocked(chat);
  return chat;
}

function refuseBlocked(chat: Chat): void {
  if (!chat.isBotBlocked) return;
  const detail = "MessageWritesBlocked";
  throw new Refusal(403, "Forbidden", "The user blocked or uninstalled the bot.", { detail });
}

function ownActivity(chats: Chats, chat: Chat, id: string): string {
  if (chats.activity(chat.id, id)?.author !== "bot") throw notFound("the activity");
  return id;
}

function post(
  world: World,
  chats: Chats,
  c: Context,
  chat: Chat,
  activity: z.infer<typeof Activity>,
  replyTo: string | null,
): string {
  // A typing sign is accepted and leaves nothing behind.
  if (activity.type !== "message") return "";
  const content = contentOf(activity);
  return written(world, c, chat, () => chats.post(chat.id, "bot", content, replyTo));
}

function contentOf(activity: z.infer<typeof Activity>): { text: string; card: Card | null } {
  if (JSON.stringify(activity).length * 2 > messageBytesMax) {
    throw new Refusal(413, "MessageSizeTooBig", "Message size too large.");
  }
  return { text: activity.text ?? "", card: activity.attachments?.[0]?.content ?? null };
}

function written<T>(world: World, c: Context, chat: Chat, work: () => T): T {
  return world.database.transaction(() => {
    const result = work();
    const clientRequestId = c.req.header("client-request-id");
    const app = platform.applications.bot.name;
    const { method, path } = c.req;
    recordEffect(world.database, { tenant: chat.tenantId, app, method, path, clientRequestId });
    return result;
  });
}

async function parsed<T>(c: Context, schema: z.ZodType<T>): Promise<T> {
  const result = schema.safeParse(await c.req.json().catch(() => null));
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  throw new Refusal(400, "BadSyntax", `${issue?.path.join(".")}: ${issue?.message}`);
}

const notFound = (what: string): Refusal =>
  new Refusal(404, "ConversationNotFound", `Not found: ${what}.`);

function respondAsConnector(error: Error, c: Context): Response {
  if (!(error instanceof Refusal)) throw error;
  const { code, message, detail } = error;
  const inner = detail === undefined ? {} : { subCode: detail };
  return c.json({ error: { code, ...inner, message } }, error.status);
}
