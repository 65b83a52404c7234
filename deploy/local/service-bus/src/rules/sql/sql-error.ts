// A text that is not of the rule language.

export class SqlError extends Error {
  override readonly name = "SqlError";
  /** Offset of the character at which it was noticed. */
  readonly at: number;

  constructor(message: string, at: number) {
    super(message);
    this.at = at;
  }
}
