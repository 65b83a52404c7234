// Emulator only: what a person does in Teams, as JSON: look at a chat, press a button, write.

import { type Context, Hono } from "hono";
import { z } from "zod";
import { callBot, Overrides } from "./bot-calls.ts";
import { findExecute, findRefresh, gather } from "./card-actions.ts";
import { type Card, type Chat, type Chats, personChannelId, type StoredActivity } from "./chats.ts";
import type { User } from "./directory.ts";
import type { World } from "./world.ts";

const cardType = "application/vnd.microsoft.card.adaptive";
const Name = z.string().min(1).max(320);
const Id = z.string().min(1).max(200);
const Press = z.strictObject({
  person: Name,
  activityId: Id,
  verb: z.string().min(1).max(200),
  inputs: z.record(z.string(), z.unknown()).default({}),
  overrides: Overrides.default({}),
});
const Refresh = z.strictObject({ person: Name, activityId: Id, overrides: Overrides.default({}) });
const Say = z.strictObject({
  person: Name,
  text: z.string().min(1).max(28_000),
  overrides: Overrides.default({}),
});
const Block = z.strictObject({ person: Name, blocked: z.boolean() });
const CardAnswer = z.object({ value: z.record(z.string(), z.unknown()) });

export function teamsControls(world: World, chats: Chats): Hono {
  const app = new Hono();
  app.get("/emulator/chats", (c) => {
    const person = world.directory.userByName(c.req.query("person") ?? "");
    if (person === undefined) return c.json({ error: "unknown person" }, 404);
    const chat = chats.find(person.tenantId, person.id);
    const messages = chat === undefined ? [] : chats.activities(chat.id);
    return c.json({
      person: person.userPrincipalName,
      conversationId: chat?.id ?? null,
      botBlocked: chat?.isBotBlocked ?? false,
      messages: messages.map((activity) => seen(activity, person)),
    });
  });
  app.get("/emulator/history", (c) => c.json(chats.history(c.req.query("activity") ?? "")));
  app.post("/emulator/press", async (c) => {
    const request = Press.safeParse(await c.req.json().catch(() => null));
    if (!request.success) return badRequest(c, request.error);
    const found = find(world, chats, request.data);
    return found === undefined
      ? c.json({ error: "this person sees no such card" }, 404)
      : await press(world, chats, c, found, request.data);
  });
  app.post("/emulator/refresh", async (c) => {
    const request = Refresh.safeParse(await c.req.json().catch(() => null));
    if (!request.success) return badRequest(c, request.error);
    const found = find(world, chats, request.data);
    const answer = found && (await refresh(world, chats, found, request.data.overrides));
    return answer === undefined
      ? c.json({ error: "this person sees no card that refreshes" }, 404)
      : c.json(answer);
  });
  app.post("/emulator/say", async (c) => {
    const request = Say.safeParse(await c.req.json().catch(() => null));
    if (!request.success) return badRequest(c, request.error);
    const { text, overrides } = request.data;
    const person = world.directory.userByName(request.data.person);
    if (person === undefined) return c.json({ error: "unknown person" }, 404);
    const chat = chats.open(person.tenantId, person.id);
    const id = chats.post(chat.id, "person", { text, card: null }, null);
    const content = { type: "message", text, textFormat: "plain" };
    return c.json(await callBot(world, chat, person, content, { activityId: id, ...overrides }));
  });
  app.post("/emulator/block", async (c) => {
    const request = Block.safeParse(await c.req.json().catch(() => null));
    if (!request.success) return badRequest(c, request.error);
    const person = world.directory.userByName(request.data.person);
    if (person === undefined) return c.json({ error: "unknown person" }, 404);
    chats.setBlocked(chats.open(person.tenantId, person.id).id, request.data.blocked);
    return c.body(null, 204);
  });
  return app;
}

const badRequest = (c: Context, error: z.ZodError): Response =>
  c.json({ error: "bad request", issues: error.issues }, 400);

interface Found {
  readonly person: User;
  readonly chat: Chat;
  readonly activity: StoredActivity;
  readonly base: Card;
}

function find(world: World, chats: Chats, wanted: { person: string; activityId: string }) {
  const person = world.directory.userByName(wanted.person);
  const chat = person && chats.find(person.tenantId, person.id);
  const activity = chat && chats.activity(chat.id, wanted.activityId);
  if (!person || !chat || !activity?.card) return undefined;
  return { person, chat, activity, base: activity.card } satisfies Found;
}

function seen(activity: StoredActivity, person: User) {
  const { id, at, author, text, card, personal_card, reply_to, updates } = activity;
  const canRefresh = card !== null && findRefresh(card, personChannelId(person.id)) !== undefined;
  const shown = personal_card ?? card;
  return { id, at, author, text, card: shown, updated: updates, replyToId: reply_to, canRefresh };
}

async function press(
  world: World,
  chats: Chats,
  c: Context,
  found: Found,
  { verb, inputs, overrides, activityId }: z.infer<typeof Press>,
): Promise<Response> {
  // A client refreshes a card for the people it names before they can press anything.
  const isFresh = found.activity.personal_card !== null || overrides.data !== undefined;
  if (!isFresh) await refresh(world, chats, found, {});
  const current = chats.activity(found.chat.id, activityId) ?? found.activity;
  const card = current.personal_card ?? found.base;
  const button = findExecute(card, verb);
  // Forged data needs no button: that is what the forgery tests.
  if (button === undefined && overrides.data === undefined) {
    return c.json({ error: `this person sees no button with the verb "${verb}"` }, 409);
  }
  const gathered = button && gather(card, button, inputs);
  if (gathered?.kind === "refused" && overrides.data === undefined) {
    return c.json({ error: gathered.reason }, 409);
  }
  const data = overrides.data ?? (gathered?.kind === "gathered" ? gathered.data : {});
  const { id, title } = button ?? {};
  const invoked = { type: "Action.Execute", id, title, verb, data };
  const trigger = overrides.trigger ?? "manual";
  return c.json(await invoke(world, chats, found, { action: invoked, trigger }, overrides));
}

async function refresh(world: World, chats: Chats, found: Found, overrides: Overrides) {
  const action = findRefresh(found.base, personChannelId(found.person.id));
  if (action === undefined) return undefined;
  const { type, id, verb, data } = action;
  const value = { action: { type, id, verb, data: data ?? {} }, trigger: "automatic" };
  return await invoke(world, chats, found, value, overrides);
}

async function invoke(
  world: World,
  chats: Chats,
  { chat, person, activity }: Found,
  value: unknown,
  overrides: Overrides,
) {
  const content = { type: "invoke", name: "adaptiveCard/action", replyToId: activity.id, value };
  const answer = await callBot(world, chat, person, content, overrides);
  const card = CardAnswer.safeParse(answer);
  if (answer.statusCode === 200 && answer.type === cardType && card.success) {
    chats.setPersonalCard(activity.id, card.data.value);
  }
  return answer;
}
