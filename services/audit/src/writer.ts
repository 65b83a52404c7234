// Who seals: one process in one term of the lease (`writer-lease.ts`).

import { FatalError } from "@niivo/host/fatal-error";

export interface Writer {
  /** Grows by one whenever the lease changes hands: the writer's epoch in every entry. */
  readonly term: number;
  /** Names the process among all that ever sealed. */
  readonly instance: string;
}

/** Another process writes now (L19). This one must not go on as if nothing were. */
export class Fenced extends FatalError {
  constructor() {
    super("another process took over the writing of the chains");
    this.name = "Fenced";
  }
}
