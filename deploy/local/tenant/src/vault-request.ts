// What the vault's routes share: how names look, who asks, and bodies.

import type { Context } from "hono";
import type { z } from "zod";
import { Refusal } from "./refusal.ts";
import type { VaultOperation } from "./vault-access.ts";

/** Patterns of a path's parts. */
export const name = "[0-9a-zA-Z-]{1,127}";
export const version = "[0-9a-f]{32}";

/** Lets the caller do this to the secret or key of this name. @throws Refusal */
export type Guard = (c: Context, operation: VaultOperation, name: string) => Promise<void>;

/** @throws Refusal 400 that names what is wrong with the body. */
export function parse<T>(schema: z.ZodType<T>, body: unknown): T {
  const parsed = schema.safeParse(body);
  if (parsed.success) return parsed.data;
  const fields = parsed.error.issues.map(({ path, message }) => `${path.join(".")}: ${message}`);
  throw new Refusal(400, "BadParameter", fields.join("; "));
}
