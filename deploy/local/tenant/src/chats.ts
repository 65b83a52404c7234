// The 1:1 chats between people and the bot: messages, cards and every version of them.
//
// A card has a base version, which the bot sends and edits, and in place of it the version that a
// press or a refresh returned to this person. Editing the base drops the personal version, as in
// Teams (https://learn.microsoft.com/microsoftteams/platform/task-modules-and-cards/cards/universal-actions-for-adaptive-cards/user-specific-views).

import { createHash, randomUUID } from "node:crypto";
import { z } from "zod";
import type { Database } from "./database.ts";
import { platform } from "./seed.ts";

const Card = z.record(z.string(), z.unknown());
export type Card = z.infer<typeof Card>;
const CardColumn = z
  .string()
  .nullable()
  .transform((text) => (text === null ? null : Card.parse(JSON.parse(text))));

const ChatRow = z
  .object({ id: z.string(), tenant: z.string(), user_id: z.string(), bot_blocked: z.number() })
  .transform((row) => ({
    id: row.id,
    tenantId: row.tenant,
    userId: row.user_id,
    isBotBlocked: row.bot_blocked === 1,
  }));
export type Chat = z.infer<typeof ChatRow>;

const ActivityRow = z.object({
  id: z.string(),
  chat: z.string(),
  author: z.enum(["bot", "person"]),
  at: z.string(),
  text: z.string(),
  card: CardColumn,
  personal_card: CardColumn,
  reply_to: z.string().nullable(),
  updates: z.number(),
});
export type StoredActivity = z.infer<typeof ActivityRow>;

const HistoryRow = z.object({
  at: z.string(),
  cause: z.string(),
  text: z.string(),
  card: CardColumn,
});

export interface Content {
  readonly text: string;
  readonly card: Card | null;
}

const activityColumns = "id, chat, author, at, text, card, personal_card, reply_to, updates";

/** The bot's id in Teams. */
export const botChannelId = `28:${platform.applications.bot.clientId}`;

/** A person's id in Teams: the same for one bot and one person, and no Entra id. */
export const personChannelId = (objectId: string): string =>
  `29:${createHash("sha256").update(`${botChannelId} ${objectId}`).digest("base64url")}`;

export type Chats = ReturnType<typeof openChats>;

export function openChats(database: Database) {
  const remember = (activity: string, cause: string, { text, card }: Content) =>
    database.run(
      "INSERT INTO activity_history (activity, at, cause, text, card) VALUES (?, ?, ?, ?, ?)",
      activity,
      new Date().toISOString(),
      cause,
      text,
      stored(card),
    );
  const find = (tenant: string, userId: string) => {
    const sql = "SELECT * FROM chats WHERE tenant = ? AND user_id = ?";
    return database.first(ChatRow, sql, tenant, userId);
  };
  // Teams numbers its messages by the time in milliseconds; two of one millisecond stay apart.
  let lastId = 0;
  const nextId = (): string => {
    lastId = Math.max(Date.now(), lastId + 1);
    return String(lastId);
  };
  return {
    chat: (id: string) => database.first(ChatRow, "SELECT * FROM chats WHERE id = ?", id),
    find,
    /** The person's chat with the bot; made when there is none. */
    open: (tenant: string, userId: string): Chat => {
      const existing = find(tenant, userId);
      if (existing !== undefined) return existing;
      const id = `a:${randomUUID()}`;
      database.run("INSERT INTO chats VALUES (?, ?, ?, 0)", id, tenant, userId);
      return { id, tenantId: tenant, userId, isBotBlocked: false };
    },
    setBlocked: (chatId: string, isBlocked: boolean) =>
      database.run("UPDATE chats SET bot_blocked = ? WHERE id = ?", Number(isBlocked), chatId),
    activity: (chatId: string, id: string) => {
      const sql = `SELECT ${activityColumns} FROM activities WHERE chat = ? AND id = ? AND deleted = 0`;
      return database.first(ActivityRow, sql, chatId, id);
    },
    /** Oldest first; deleted ones are not seen. */
    activities: (chatId: string) => {
      const sql = `SELECT ${activityColumns} FROM activities WHERE chat = ? AND deleted = 0 ORDER BY seq`;
      return database.all(ActivityRow, sql, chatId);
    },
    history: (activityId: string) => {
      const sql =
        "SELECT at, cause, text, card FROM activity_history WHERE activity = ? ORDER BY seq";
      return database.all(HistoryRow, sql, activityId);
    },
    /** Returns the new activity's id. */
    post: (chatId: string, author: "bot" | "person", content: Content, replyTo: string | null) => {
      const id = nextId();
      const at = new Date().toISOString();
      database.run(
        `INSERT INTO activities (${activityColumns}, deleted) VALUES (?, ?, ?, ?, ?, ?, NULL, ?, 0, 0)`,
        id,
        chatId,
        author,
        at,
        content.text,
        stored(content.card),
        replyTo,
      );
      remember(id, `posted by ${author}`, content);
      return id;
    },
    update: (id: string, content: Content) => {
      const sql =
        "UPDATE activities SET text = ?, card = ?, personal_card = NULL, updates = updates + 1 WHERE id = ?";
      database.run(sql, content.text, stored(content.card), id);
      remember(id, "updated by bot", content);
    },
    setPersonalCard: (id: string, card: Card) => {
      database.run("UPDATE activities SET personal_card = ? WHERE id = ?", stored(card), id);
      remember(id, "returned to the person", { text: "", card });
    },
    remove: (id: string) => database.run("UPDATE activities SET deleted = 1 WHERE id = ?", id),
  };
}

const stored = (card: Card | null): string | null => (card === null ? null : JSON.stringify(card));
