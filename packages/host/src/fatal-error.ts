// The process cannot go on: a refused credential, a missing subscription, a wrong configuration. It ends
// with one clear line and is started again by whoever supervises it.

export class FatalError extends Error {
  readonly code = "fatal";
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "FatalError";
  }
}
