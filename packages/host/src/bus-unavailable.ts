// The bus did not confirm in time: the message may or may not be stored. HTTP answers 503 to it.

export class BusUnavailable extends Error {
  readonly code = "bus-unavailable";
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "BusUnavailable";
  }
}
