// What the auditors' routes have in common: who comes in, and how each is refused.

import { z } from "@hono/zod-openapi";
import { platformCustomer } from "@niivo/contracts/envelope";
import type { Caller, CallerVariables } from "@niivo/host/http-token";
import { problem } from "@niivo/host/problem";
import type { StoreReader } from "@niivo/host/store";
import type { Context, MiddlewareHandler } from "hono";
import { readHead } from "./stored-chain.ts";

/** What every route has: only auditors come in. */
export interface Auditor {
  readonly security: { entra: string[] }[];
  readonly middleware: MiddlewareHandler<CallerVariables>;
}

const problemContent = {
  "application/problem+json": {
    schema: z.looseObject({ code: z.string(), detail: z.string(), status: z.int() }),
  },
};
// A wide type on purpose: `problem` makes the response, not the framework's typed `c.json`.
export const refusal = (
  description: string,
): { description: string; content?: typeof problemContent } => ({
  description,
  content: problemContent,
});

export const refusals = {
  400: refusal("The request does not match its schema."),
  401: refusal("No valid token."),
  403: refusal("The token does not allow it."),
  404: refusal("There is no such chain or ticket."),
};

export const mayRead = (caller: Caller, customer: string): boolean =>
  customer === platformCustomer || customer === caller.customer.id; // L14

export const foreign = (c: Context) =>
  problem(c, 403, "foreign-customer", "The token is of another customer than the path.");

export const noChain = (c: Context) =>
  problem(c, 404, "no-chain", "There is no chain: nothing was sealed, or everything was removed.");

/** Beside the right to read evidence, whoever holds this role sees the messages behind the commitments. */
export const valuesRole = "Audit.ReadValues";

export const unknownTicket = (c: Context) =>
  problem(c, 404, "unknown-ticket", "Your customer's chain knows no such ticket.");

export const notRecorded = (c: Context) =>
  problem(c, 503, "not-recorded", "That you read this could not be recorded now."); // L25

export const noCheckpoint = (c: Context) =>
  problem(
    c,
    404,
    "no-checkpoint",
    "No checkpoint of this chain is signed yet, or none of this size.",
  );

/** The refusal of a caller who asks for another customer's chain, or for one that is not there. */
export async function chainRefusal(
  c: Context<CallerVariables>,
  store: StoreReader,
  customer: string,
): Promise<Response | undefined> {
  if (!mayRead(c.get("caller"), customer)) return foreign(c);
  return (await readHead(store, customer)) === undefined ? noChain(c) : undefined; // L15
}
