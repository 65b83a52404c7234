// A refusal on the way to an answer. Each protocol's error handler gives it that protocol's shape.

import type { ContentfulStatusCode } from "hono/utils/http-status";

export class Refusal extends Error {
  readonly status: ContentfulStatusCode;
  readonly code: string;
  readonly detail: string | undefined;
  readonly headers: Readonly<Record<string, string>>;

  /** `detail` is the protocol's second code: an AADSTS number, a vault's inner error. */
  constructor(
    status: ContentfulStatusCode,
    code: string,
    message: string,
    more: { detail?: string; headers?: Record<string, string>; cause?: unknown } = {},
  ) {
    super(message, { cause: more.cause });
    this.name = "Refusal";
    this.status = status;
    this.code = code;
    this.detail = more.detail;
    this.headers = more.headers ?? {};
  }
}
