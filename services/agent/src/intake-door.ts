// What both doors of intake share: a signed-in person's, and the one of the customer's own applications.

import { randomUUID } from "node:crypto";
import { z } from "@hono/zod-openapi";
import { derivedId } from "@niivo/contracts/canonical";
import type { HostEnvironment } from "@niivo/host/env";
import type { Host } from "@niivo/host/host";
import type { Caller } from "@niivo/host/http-token";

/** Enough for the longest text with every character escaped. */
export const bodyBytesMax = 64 * 1024;
export const seedBytes = 32;

export interface IntakeDoor {
  readonly host: Pick<Host, "send" | "store">;
  readonly environment: Pick<HostEnvironment, "customers" | "entraAuthorityHost" | "entraAudience">;
}

export const IdempotencyKey = z.uuid().openapi({
  description: "The same key of the same person names the same ticket; the first text counts.",
});

const problemContent = {
  "application/problem+json": {
    schema: z.looseObject({
      type: z.string(),
      title: z.string(),
      status: z.int(),
      code: z.string(),
      detail: z.string(),
    }),
  },
};
// A wide type on purpose: `problem` makes the response, not the framework's typed `c.json`.
export const refusal = (
  description: string,
): { description: string; content?: typeof problemContent } => ({
  description,
  content: problemContent,
});

export const ticketId = (caller: Caller, key: string | undefined): string =>
  key === undefined
    ? randomUUID()
    : derivedId("ticket", caller.customer.id, caller.objectId, key.toLowerCase());
