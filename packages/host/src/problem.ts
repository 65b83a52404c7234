// Errors over HTTP as problem details (RFC 9457). `code` is for programs, `detail` for people; neither ever
// carries a stack, a value that was sent, or another customer's names.

import type { Context } from "hono";
import { bodyLimit as honoBodyLimit } from "hono/body-limit";
import type { MiddlewareHandler } from "hono/types";

const titles = {
  400: "Bad Request",
  401: "Unauthorized",
  403: "Forbidden",
  404: "Not Found",
  405: "Method Not Allowed",
  409: "Conflict",
  410: "Gone",
  413: "Content Too Large",
  415: "Unsupported Media Type",
  429: "Too Many Requests",
  500: "Internal Server Error",
  503: "Service Unavailable",
} as const;

export type ProblemStatus = keyof typeof titles;

/** One thing that is wrong with a request: a JSON pointer (RFC 6901) and a sentence. */
export interface ProblemError {
  readonly pointer: string;
  readonly detail: string;
}

/** A response with `application/problem+json`. */
export function problem(
  c: Context,
  status: ProblemStatus,
  code: string,
  detail: string,
  errors?: readonly ProblemError[],
): Response {
  const body = { type: `urn:niivo:problem:${code}`, title: titles[status], status, code, detail };
  return c.body(JSON.stringify(errors === undefined ? body : { ...body, errors }), status, {
    "content-type": "application/problem+json",
    "cache-control": "no-store",
  });
}

/** What zod found; the shape that both zod and the OpenAPI hook share. */
interface Issue {
  readonly path: readonly PropertyKey[];
  readonly message: string;
}

type Validation =
  | { readonly success: true }
  | { readonly success: false; readonly error: { readonly issues: readonly Issue[] } };

const errorsMax = 50;

/** For `new OpenAPIHono({ defaultHook: validationHook })`: a 400 that names every field. */
export function validationHook(outcome: Validation, c: Context): Response | undefined {
  if (outcome.success) return undefined;
  const errors = outcome.error.issues
    .slice(0, errorsMax)
    .map(({ path, message }) => ({ pointer: pointerOf(path), detail: message }));
  return problem(c, 400, "invalid-request", "The request does not match its schema.", errors);
}

const pointerOf = (path: readonly PropertyKey[]): string =>
  path.map((part) => `/${String(part).replaceAll("~", "~0").replaceAll("/", "~1")}`).join("");

/** Refuses a larger body with 413, also one that does not say its length. */
export const bodyLimit = (bytesMax: number): MiddlewareHandler =>
  honoBodyLimit({
    maxSize: bytesMax,
    onError: (c) => {
      // The rest of the body is not read, so nothing else can come over this connection.
      c.header("connection", "close");
      return problem(c, 413, "too-large", `A body is at most ${bytesMax} bytes.`);
    },
  });
