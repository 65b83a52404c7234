// Why a link is not opened or not kept, as the AMQP errors that the SDK understands.

import type { AmqpError, Receiver, Sender } from "rhea";
import type { EntityError, EntityErrorCode } from "../entities/entity-error.ts";

export type Refusal =
  | { readonly kind: "unauthorized"; readonly address: string }
  | { readonly kind: "not-found"; readonly address: string }
  | { readonly kind: "disabled"; readonly address: string }
  | { readonly kind: "not-allowed"; readonly reason: string }
  | { readonly kind: "session-taken"; readonly sessionId: string }
  | { readonly kind: "session-lock-lost"; readonly sessionId: string }
  | { readonly kind: "no-session" };

/** Closes a link with the error: an attach that is still unanswered is answered first. */
export function refuse(link: Sender | Receiver, refusal: Refusal): void {
  link.close(errorOf(refusal));
}

/** The AMQP error that says so. */
export function errorOf(refusal: Refusal): AmqpError {
  switch (refusal.kind) {
    case "unauthorized":
      return error("amqp:unauthorized-access", `no right on "${refusal.address}"`);
    case "not-found":
      // The SDK takes a link for a missing entity only if the text has the status code.
      return error("amqp:not-found", `"${refusal.address}" does not exist. status-code: 404`);
    case "disabled":
      return error("com.microsoft:entity-disabled", `"${refusal.address}" is disabled`);
    case "not-allowed":
      return error("amqp:not-allowed", refusal.reason);
    case "session-taken":
      return error(
        "com.microsoft:session-cannot-be-locked",
        `the session "${refusal.sessionId}" is held by another receiver`,
      );
    case "session-lock-lost":
      return error(
        "com.microsoft:session-lock-lost",
        `the lock on the session "${refusal.sessionId}" has expired`,
      );
    case "no-session":
      return error("com.microsoft:timeout", "no session became free in time");
  }
}

/** The AMQP error for a message above the size that the link's attach allows. */
export const tooLarge = (bytesMax: number): AmqpError =>
  error(
    "amqp:link:message-size-exceeded",
    `the message is larger than the ${bytesMax} bytes the link allows`,
  );

/** The AMQP error for a refusal of the entities. */
export function amqpErrorOf({ code, message }: EntityError): AmqpError {
  return error(CONDITIONS[code], message);
}

const CONDITIONS: Readonly<Record<EntityErrorCode, string>> = {
  "not-found": "amqp:not-found",
  "already-exists": "com.microsoft:entity-already-exists",
  invalid: "com.microsoft:argument-error",
  "not-allowed": "amqp:not-allowed",
  quota: "amqp:resource-limit-exceeded",
  disabled: "com.microsoft:entity-disabled",
  unavailable: "com.microsoft:server-busy",
};

const error = (condition: string, description: string): AmqpError => ({ condition, description });
