// Wraps the keys of values anew after the wrapping key was replaced, until none is left under the one before.

import { platformCustomer } from "@niivo/contracts/envelope";
import type { Logger } from "@niivo/host/logger";
import type { ValueKeys } from "./value-keys.ts";

const retryMs = 60 * 1000;

export interface RewrappingOptions {
  readonly keys: Pick<ValueKeys, "rewrap">;
  readonly customers: Iterable<string>;
  readonly log: Pick<Logger, "info" | "warn">;
}

/** Never rejects; what fails is tried again every minute. Resolves when all are wrapped by the key in force. */
export async function rewrapping({ keys, customers, log }: RewrappingOptions): Promise<void> {
  let count = 0;
  for (const customer of [platformCustomer, ...customers])
    for (let isDone = false; !isDone; ) {
      try {
        count += await keys.rewrap(customer);
        isDone = true;
      } catch (error) {
        log.warn({ err: error, customer }, "the keys of values could not be wrapped anew");
        await new Promise((resolve) => setTimeout(resolve, retryMs).unref());
      }
    }
  log.info({ count }, "all keys of values are wrapped by the key in force");
}
