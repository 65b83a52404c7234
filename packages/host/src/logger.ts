// The log: one JSON line per record on standard output, without secrets. Members with a secret's name are
// replaced whole; what looks like a token or a signature is cut out of every line, whoever wrote it there.

import { isSpanContextValid, trace } from "@opentelemetry/api";
import { type DestinationStream, pino } from "pino";

export type Logger = pino.Logger;

const hidden = "[hidden]";
const depthMax = 8;

/** Names, without case, dashes and underscores, whose values are never written. */
const secretNames: ReadonlySet<string> = new Set([
  "authorization",
  "password",
  "passphrase",
  "secret",
  "clientsecret",
  "token",
  "accesstoken",
  "refreshtoken",
  "clientassertion",
  "key",
  "apikey",
  "accountkey",
  "sharedaccesskey",
  "privatekey",
  "sig",
  "signature",
  "connectionstring",
  "cookie",
  "setcookie",
  "seed",
  "nonce",
]);

const secretPatterns: readonly RegExp[] = [
  /SharedAccessSignature\s+[^\s"\\]+/gi,
  /SharedAccessKey=[^;\s"\\]+/gi,
  /\b(?:sig|code|client_secret|client_assertion)=[^&\s"\\]+/gi,
  /\b(?:Bearer|Basic)\s+[\w.~+/=-]{8,}/gi,
  /\beyJ[\w-]{5,}\.[\w-]{5,}\.[\w-]*/g,
];

/** @param destination standard output unless given. */
export function createLogger(
  name: string,
  level: "debug" | "info" | "warn" | "error" = "info",
  destination: DestinationStream = pino.destination(1),
): Logger {
  const options: pino.LoggerOptions = {
    name,
    level,
    base: { name },
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { log: (record) => Object.fromEntries(entriesWithoutSecrets(record, 0)) },
    serializers: { err: (record: unknown) => record }, // Errors are records by then.
    mixin: activeSpan,
    hooks: { streamWrite: scrub },
  };
  return pino(options, destination);
}

/** Names the span of this moment, so that a line of the log is found from a trace and a trace from a line. */
function activeSpan(): object {
  const span = trace.getActiveSpan()?.spanContext();
  if (span === undefined || !isSpanContextValid(span)) return {};
  return { trace_id: span.traceId, span_id: span.spanId };
}

/** Cuts signatures, bearer tokens and JWTs out of a text. */
export const scrub = (text: string): string =>
  secretPatterns.reduce((rest, pattern) => rest.replace(pattern, hidden), text);

function withoutSecrets(value: unknown, depth: number): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (depth >= depthMax) return "[deep]";
  if (value instanceof Error) return errorRecord(value, depth);
  if (value instanceof Date) return value.toISOString();
  if (Array.isArray(value)) return value.map((member) => withoutSecrets(member, depth + 1));
  return Object.fromEntries(entriesWithoutSecrets(value, depth));
}

const entriesWithoutSecrets = (value: object, depth: number): [string, unknown][] =>
  Object.entries(value).map(([name, member]) => [
    name,
    isSecretName(name) ? hidden : withoutSecrets(member, depth + 1),
  ]);

const isSecretName = (name: string): boolean =>
  secretNames.has(name.toLowerCase().replace(/[-_]/g, ""));

/** An error as its name, code, message, stack and cause; what libraries hang on it besides is left out. */
function errorRecord(error: Error, depth: number): Record<string, unknown> {
  const code = "code" in error ? { code: String(error.code) } : {};
  const cause = error.cause === undefined ? {} : { cause: withoutSecrets(error.cause, depth + 1) };
  // Where there were several, they were tries of one thing, and the last says how it stands.
  const last = error instanceof AggregateError ? error.errors.at(-1) : undefined;
  const errors = last === undefined ? {} : { last: withoutSecrets(last, depth + 1) };
  const { name, message, stack } = error;
  return { name, ...code, message, stack, ...cause, ...errors };
}
