// What a Teams client does with an Adaptive Card: find the button, gather the inputs.
//
// Pure. The client sends the button's data, the inputs' given values over their preset ones, and
// nothing that is not on the card (https://adaptivecards.io/explorer/Action.Execute.html).

import { z } from "zod";
import type { Card } from "./chats.ts";

const depthMax = 64;

const Execute = z.looseObject({
  type: z.literal("Action.Execute"),
  id: z.string().optional(),
  title: z.string().optional(),
  verb: z.string().optional(),
  data: z.unknown().optional(),
  isEnabled: z.boolean().default(true),
  associatedInputs: z.string().default("auto"),
});
export type Execute = z.infer<typeof Execute>;

const Input = z.looseObject({
  type: z.string().startsWith("Input."),
  id: z.string().min(1),
  value: z.unknown().optional(),
  isRequired: z.boolean().default(false),
});
const Refresh = z.looseObject({ action: Execute, userIds: z.array(z.string()).optional() });

export type Gathered =
  | { readonly kind: "gathered"; readonly data: Record<string, unknown> }
  | { readonly kind: "refused"; readonly reason: string };

/** The button with this verb, wherever it is in the card, unless it is switched off. */
export function findExecute(card: Card, verb: string): Execute | undefined {
  // The action under `refresh` is no button: nobody can press it.
  const { refresh: _, ...shown } = card;
  return every(shown, Execute).find((action) => action.verb === verb && action.isEnabled);
}

/** The action that the client runs by itself when this person looks at the card. */
export function findRefresh(card: Card, channelId: string): Execute | undefined {
  const refresh = Refresh.safeParse(card["refresh"]);
  if (!refresh.success) return undefined;
  const { action, userIds } = refresh.data;
  return userIds === undefined || userIds.includes(channelId) ? action : undefined;
}

/** The button's data with the inputs over it; refused when the card has no such input. */
export function gather(card: Card, action: Execute, given: Record<string, unknown>): Gathered {
  const base = z.record(z.string(), z.unknown()).safeParse(action.data);
  const data = base.success ? base.data : {};
  if (action.associatedInputs.toLowerCase() === "none") return { kind: "gathered", data };
  const inputs = every(card, Input);
  const unknown = Object.keys(given).find((id) => !inputs.some((input) => input.id === id));
  if (unknown !== undefined) return { kind: "refused", reason: `no input "${unknown}"` };
  const values = new Map<string, unknown>();
  for (const { id, value, isRequired } of inputs) {
    const entered = given[id] ?? value;
    const isEmpty = entered === undefined || entered === "";
    if (isRequired && isEmpty) return { kind: "refused", reason: `input "${id}" is required` };
    if (entered !== undefined) values.set(id, entered);
  }
  return { kind: "gathered", data: { ...data, ...Object.fromEntries(values) } };
}

/** Every object inside `value` that the schema fits, in the order of the card. */
function every<T>(value: unknown, schema: z.ZodType<T>, depth = 0): T[] {
  if (depth > depthMax || value === null || typeof value !== "object") return [];
  const own = schema.safeParse(value);
  const inner = Object.values(value).flatMap((part) => every(part, schema, depth + 1));
  return own.success ? [own.data, ...inner] : inner;
}
