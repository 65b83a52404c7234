// Faults that a test asks for: slow or failing calls, a limited number of times. Kept in memory:
// a restart forgets them.

import { setTimeout as delay } from "node:timers/promises";
import { z } from "zod";

const delayMsMax = 300_000;
const faultsMax = 100;

export const FaultRequest = z.strictObject({
  /** Regular expression on "METHOD /path"; a vault's path begins with /vault/<name>. */
  match: z
    .string()
    .min(1)
    .max(200)
    .transform((text, context) => {
      try {
        return new RegExp(text);
      } catch {
        context.addIssue({ code: "custom", message: "not a regular expression" });
        return z.NEVER;
      }
    }),
  delayMs: z.int().min(0).max(delayMsMax).default(0),
  /** The status to answer instead; absent means the call is only slowed. */
  status: z.int().min(200).max(599).optional(),
  /** The body to answer with that status: a lie where the status is 200. Absent: an error of Graph's form. */
  body: z.string().max(10_000).optional(),
  /** Seconds. */
  retryAfter: z.int().min(0).max(3_600).optional(),
  /** Headers to set on the answer, e.g. another `x-ms-region`. */
  headers: z.record(z.string().max(100), z.string().max(1_000)).default({}),
  /** True: the call takes effect and only its answer is replaced. */
  after: z.boolean().default(false),
  times: z.int().min(1).max(10_000),
});
type Fault = z.infer<typeof FaultRequest>;

export interface Faults {
  readonly add: (fault: Fault) => void;
  readonly clear: () => void;
  /** How often the faults asked for have yet to happen. */
  readonly left: () => number;
  /** Uses up one fault that matches, after its delay. */
  readonly take: (call: string) => Promise<Fault | undefined>;
}

export function openFaults(): Faults {
  const pending: { fault: Fault; left: number }[] = [];
  return {
    add: (fault) => {
      if (pending.length >= faultsMax) throw new Error(`more than ${faultsMax} faults are waiting`);
      pending.push({ fault, left: fault.times });
    },
    clear: () => {
      pending.length = 0;
    },
    left: () => pending.reduce((sum, { left }) => sum + left, 0),
    take: async (call) => {
      const index = pending.findIndex(({ fault }) => fault.match.test(call));
      const found = pending[index];
      if (found === undefined) return undefined;
      found.left -= 1;
      if (found.left === 0) pending.splice(index, 1);
      if (found.fault.delayMs > 0) await delay(found.fault.delayMs);
      return found.fault;
    },
  };
}
