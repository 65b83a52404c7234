// Why something was not done to an entity, or not done with it. Both doors translate the code:
// AMQP into an error condition, the administration API into an HTTP status.

export type EntityErrorCode =
  /** No entity or rule of that name. */
  | "not-found"
  | "already-exists"
  /** The description breaks a rule; the message says which. */
  | "invalid"
  /** The change is not one that an existing entity can make (such as `requiresSession`). */
  | "not-allowed"
  /** The entity is full, or the namespace has as many as it may. */
  | "quota"
  /** The entity's status forbids it. */
  | "disabled"
  /** The store cannot be written now; the same again may succeed. */
  | "unavailable";

export class EntityError extends Error {
  override readonly name = "EntityError";
  readonly code: EntityErrorCode;

  constructor(code: EntityErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
