// The action: what an agent asks for, a person approves, and the broker runs. One digest names it
// everywhere (R4). Its nonce is 256 bits that only the ticket's holders can compute, so the digest
// says nothing about a person once the ticket's text is erased.

import { z } from "zod";
import { digestOf, type Json, keyedDigest } from "./canonical.ts";
import { CustomerId, Guid, Hex256, Id, Timestamp } from "./envelope.ts";
import { UserReference } from "./facts.ts";
import { Language } from "./language.ts";

export const AgentName = z.string().regex(/^[a-z][a-z0-9-]{2,62}$/);
/** Any name an agent may utter. Whether a tool of that name exists is policy's question. */
export const ToolName = z
  .string()
  .regex(/^[a-z][a-z0-9]*(\.[a-z][a-z0-9-]*){1,3}$/)
  .max(64);

/** Arguments beyond this many canonical bytes make an action `too-large`. */
export const argumentBytesMax = 128 * 1024;

const JsonObject: z.ZodType<{ readonly [name: string]: Json }> = z.record(
  z.string().max(100),
  z.json(),
);

export const Action = z.strictObject({
  id: Id,
  nonce: Hex256,
  ticket: Id,
  customer: CustomerId,
  agent: AgentName,
  tool: ToolName,
  arguments: JsonObject,
});
export type Action = z.infer<typeof Action>;

/** SHA-256 over the canonical JSON of the action: 64 hexadecimal characters. */
export const actionDigest = (action: Action): string => digestOf(action);

/** The nonce of an action: keyed by the ticket's 256-bit seed, which is drawn at intake. */
export const actionNonce = (seed: string, actionId: string): string => keyedDigest(seed, actionId);

/** Signed in by Entra at intake or in Teams. */
const VerifiedRequester = z.strictObject({
  assurance: z.literal("verified"),
  objectId: Guid,
  tenantId: Guid,
  displayName: z.string().min(1).max(256),
  userPrincipalName: z.string().min(3).max(256),
  /** When the person signed in (token claim `auth_time`), and whether with a second factor (`amr`). */
  signedInAt: Timestamp.optional(),
  multifactor: z.boolean(),
  /** The directory's `preferredLanguage`, as the token has it. No policy sees it. */
  language: Language.optional(),
});

/** Brought by an application of the customer. There is no object id here to be mistaken for a person. */
const UnverifiedRequester = z.strictObject({
  assurance: z.literal("unverified"),
  /** Of the application's token, so the customer is sure (R12). */
  tenantId: Guid,
  /** The sender as the application wrote it: an address or a user principal name. Nobody checked it. */
  claims: UserReference,
  application: z.strictObject({ objectId: Guid, name: z.string().min(1).max(256) }),
});

/** Who asked, and how surely we know them. From intake alone; an agent's word on it counts nothing. */
export const Requester = z.discriminatedUnion("assurance", [
  VerifiedRequester,
  UnverifiedRequester,
]);
export type Requester = z.infer<typeof Requester>;

/** The object id of the person who asked, where we are sure of one. */
export const personOf = (requester: Requester): string | undefined =>
  requester.assurance === "verified" ? requester.objectId : undefined;

/** The language of the person who asked, where the directory named it. */
export const languageOfRequester = (requester: Requester): Language | undefined =>
  requester.assurance === "verified" ? requester.language : undefined;

/** How the requester is called towards people: a claim is shown as it was written. */
export const nameOf = (
  requester: Requester,
): { readonly name: string; readonly address: string } =>
  requester.assurance === "verified"
    ? { name: requester.displayName, address: requester.userPrincipalName }
    : { name: requester.claims, address: requester.claims };
