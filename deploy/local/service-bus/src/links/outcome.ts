// The AMQP outcome a client sends, as what it means to a Service Bus queue.

import { z } from "zod";
import type { Outcome } from "../entities/settlement.ts";
import { encodeValue } from "../wire/values.ts";

const Properties = z.record(z.string(), z.unknown()).nullish();
const Modified = z.object({
  undeliverable_here: z.boolean().nullish(),
  message_annotations: Properties,
});
const Rejected = z.object({
  error: z.object({ description: z.string().nullish(), info: Properties }).nullish(),
});

/** Undefined for a state that is no outcome, such as a partial receipt, or that is malformed. */
export function outcomeOf(state: unknown): Outcome | undefined {
  try {
    return read(state);
  } catch {
    // rhea decodes lazily and throws on what it does not know; outside its own reader an exception
    // would end the process.
    return undefined;
  }
}

function read(state: unknown): Outcome | undefined {
  switch (kindOf(state)) {
    case "accepted":
      return { kind: "complete" };
    case "released":
      return { kind: "abandon", modify: new Map() };
    case "modified": {
      const parsed = Modified.safeParse(fieldsOf(state));
      if (!parsed.success) return undefined;
      const modify = encodeProperties(parsed.data.message_annotations ?? {});
      return { kind: parsed.data.undeliverable_here === true ? "defer" : "abandon", modify };
    }
    case "rejected":
      return deadLetterOf(fieldsOf(state));
    default:
      return undefined;
  }
}

function deadLetterOf(fields: unknown): Outcome {
  const error = Rejected.safeParse(fields).data?.error;
  const { DeadLetterReason, DeadLetterErrorDescription, ...others } = error?.info ?? {};
  const text = (value: unknown) => (typeof value === "string" ? value : undefined);
  return {
    kind: "dead-letter",
    reason: text(DeadLetterReason),
    description: text(DeadLetterErrorDescription) ?? error?.description ?? undefined,
    modify: encodeProperties(others),
  };
}

// rhea's outcome classes carry their name as `composite_type`, and their fields as accessors.
function kindOf(state: unknown): string | undefined {
  const made = typeof state === "object" && state !== null ? state.constructor : undefined;
  return made !== undefined && "composite_type" in made ? String(made.composite_type) : undefined;
}

function fieldsOf(state: unknown): unknown {
  if (typeof state !== "object" || state === null) return {};
  const fields: Record<string, unknown> = {};
  for (const name in state) fields[name] = Reflect.get(state, name);
  return fields;
}

/** Application properties as the bus keeps them. */
export function encodeProperties(properties: Readonly<Record<string, unknown>>) {
  return new Map(
    Object.entries(properties).map(([name, value]) => [name, encodeValue(value)] as const),
  );
}
