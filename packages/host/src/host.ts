// What a service's own code may ask of the host.

import type { Logger } from "./logger.ts";
import type { Store } from "./store.ts";

/** A command to the service's own topic, from its HTTP door or an effect. */
export interface OutgoingCommand {
  readonly id: string;
  readonly type: string;
  readonly data: unknown;
  readonly customer: string;
  readonly ticket?: string;
  /** The state key it is for. */
  readonly subject: string;
  /** Default: the ticket, else the command's own id. */
  readonly correlationid?: string;
  readonly causationid?: string;
  readonly notBefore?: string;
}

export interface Host {
  /** The service's own store. */
  readonly store: Store;
  readonly log: Logger;
  readonly now: () => Date;
  /** For how long it has received without a break (`reception.ts`), in milliseconds; 0 before it receives. */
  readonly receivingMs: () => number;
  /**
   * Sends a command to the service's own topic. Resolves when the bus has stored it.
   * @throws BusUnavailable when that is not known in time; the same id may be sent again.
   * @throws TypeError on a command that its own schema refuses: a bug of the caller.
   */
  readonly send: (command: OutgoingCommand) => Promise<void>;
}
