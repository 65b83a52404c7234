// What a published message says about the system as a whole: the few numbers an operator watches, read from
// the messages themselves, so that no actor counts anything.

import { z } from "zod";

/** Timers are named for what is due. They are handled long after the span that set them has ended. */
export const isTimer = (type: string): boolean => /\.due\.v\d+$/.test(type);

export type Measure =
  /** Policy's answer to one action. */
  | { readonly kind: "decision"; readonly mode: "log" | "notify" | "approved" | "approve" | "deny" }
  /** People begin (1) or cease (-1) to be asked about an action. */
  | { readonly kind: "approval"; readonly actionId: string; readonly waiting: 1 | -1 }
  | { readonly kind: "dead-letter"; readonly code: string }
  /** What an action cost, in millionths of a Swiss franc. */
  | { readonly kind: "cost"; readonly tool: string; readonly microChf: number };

const Allowed = z.object({ mode: z.enum(["log", "notify", "approved"]) });
const About = z.object({ actionId: z.string() });
const Coded = z.object({ code: z.string() });
const Costly = z.object({ tool: z.string(), costMicroChf: z.int().min(0) });

/** @param message any message of the contracts; of most, nothing is measured. */
export function measuresOf(message: {
  readonly type: string;
  readonly data: unknown;
}): readonly Measure[] {
  const { type, data } = message;
  switch (type) {
    case "action.allowed.v1":
      return read(Allowed, data, ({ mode }) => ({ kind: "decision", mode }));
    case "action.denied.v1":
      return [{ kind: "decision", mode: "deny" }];
    case "approval.required.v1":
      return [{ kind: "decision", mode: "approve" }];
    case "approval.asked.v1":
      return read(About, data, ({ actionId }) => ({ kind: "approval", actionId, waiting: 1 }));
    case "approval.granted.v1":
    case "approval.refused.v1":
    case "approval.expired.v1":
      return read(About, data, ({ actionId }) => ({ kind: "approval", actionId, waiting: -1 }));
    case "message.dead-lettered.v1":
      return read(Coded, data, ({ code }) => ({ kind: "dead-letter", code }));
    case "action.completed.v1":
    case "action.failed.v1":
      return read(Costly, data, ({ tool, costMicroChf: microChf }) => ({
        kind: "cost",
        tool,
        microChf,
      }));
  }
  return [];
}

function read<Schema extends z.ZodType>(
  schema: Schema,
  data: unknown,
  measure: (read: z.output<Schema>) => Measure,
): readonly Measure[] {
  const outcome = schema.safeParse(data);
  return outcome.success ? [measure(outcome.data)] : [];
}
