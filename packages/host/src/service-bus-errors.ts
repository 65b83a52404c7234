// The library's errors in the host's words.

import { ServiceBusError, type ServiceBusErrorCode } from "@azure/service-bus";
import { BusUnavailable } from "./bus-unavailable.ts";
import { FatalError } from "./fatal-error.ts";

const fatalCodes: ReadonlySet<string> = new Set(["UnauthorizedAccess", "MessagingEntityNotFound"]);
const credentialErrors: ReadonlySet<string> = new Set([
  "CredentialUnavailableError",
  "AuthenticationRequiredError",
]);
const refusedStatus: ReadonlySet<unknown> = new Set([400, 401, 403]);

/** After its last retry the library throws all its tries together; the last one says how it stands. */
const lastOf = (error: unknown): unknown =>
  error instanceof AggregateError ? lastOf(error.errors.at(-1)) : error;

/** A refused credential or a missing entity: waiting does not help. Everything else may pass. */
export function fatalOf(thrown: unknown, entity: string): FatalError | undefined {
  const error = lastOf(thrown);
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
  hasCode(error, "MessageLockLost", "SessionLockLost");

/** No session had a message, or another process took it first: how waiting for a session usually ends. */
export const isNoSession = (error: unknown): boolean =>
  hasCode(error, "ServiceTimeout", "SessionCannotBeLocked");

function hasCode(thrown: unknown, ...codes: readonly ServiceBusErrorCode[]): boolean {
  const error = lastOf(thrown);
  return error instanceof ServiceBusError && codes.includes(error.code);
}
