// Reads what left the system towards the model and towards people, for tests that search it for secrets.

import { DatabaseSync } from "node:sqlite";
import { z } from "zod";
import { databaseFile } from "./database.ts";

const Texts = z.array(z.object({ text: z.string() }));

/** Every prompt the model endpoint got and every text and card in a chat, with all former versions. */
export function readShown(dataDir: string): { prompts: string[]; chats: string[] } {
  const connection = new DatabaseSync(databaseFile(dataDir), { readOnly: true });
  const texts = (query: string) =>
    Texts.parse(connection.prepare(query).all()).map(({ text }) => text);
  try {
    return {
      prompts: texts("SELECT request AS text FROM prompts ORDER BY seq"),
      chats: [
        ...texts("SELECT text || coalesce(card, '') AS text FROM activities ORDER BY seq"),
        ...texts("SELECT text || coalesce(card, '') AS text FROM activity_history ORDER BY seq"),
      ],
    };
  } finally {
    connection.close();
  }
}
