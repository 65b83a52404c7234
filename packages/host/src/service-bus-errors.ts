// The library's errors in the host's words.

import { ServiceBusError } from "@azure/service-bus";
import { BusUnavailable } from "./bus-unavailable.ts";
import { FatalError } from "./fatal-error.ts";

const fatalCodes: ReadonlySet<string> = new Set(["UnauthorizedAccess", "MessagingEntityNotFound"]);
const credentialErrors: ReadonlySet<string> = new Set([
  "CredentialUnavailableError",
  "AuthenticationRequiredError",
]);
const refusedStatus: ReadonlySet<unknown> = new Set([400, 401, 403]);

/** A refused credential or a missing entity: waiting does not help. Everything else may pass. */
export function fatalOf(error: unknown, entity: string): FatalError | undefined {
  if (!(error instanceof Error)) return undefined;
  if (error instanceof ServiceBusError && fatalCodes.has(error.code))
    return new FatalError(`the bus refuses ${entity}: ${error.code}`, { cause: error });
  const isRefused =
    credentialErrors.has(error.name) ||
    (error.name === "AuthenticationError" &&
      "statusCode" in error &&
      refusedStatus.has(error.statusCode));
  if (!isRefused) return undefined;
  return new FatalError(`no token for ${entity}: ${error.name}`, { cause: error });
}

export const busErrorOf = (error: unknown, entity: string): FatalError | BusUnavailable =>
  fatalOf(error, entity) ??
  new BusUnavailable(`${entity} did not confirm`, error instanceof Error ? { cause: error } : {});

/** Somebody else may have the message already; there is nothing left to settle. */
export const isLockLost = (error: unknown): boolean =>
  error instanceof ServiceBusError &&
  (error.code === "MessageLockLost" || error.code === "SessionLockLost");

/** No session had a message, or another process took it first: how waiting for a session usually ends. */
export const isNoSession = (error: unknown): boolean =>
  error instanceof ServiceBusError &&
  (error.code === "ServiceTimeout" || error.code === "SessionCannotBeLocked");
