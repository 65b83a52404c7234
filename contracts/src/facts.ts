// Facts about people, read from the customer's directory by the broker on policy's or approvals' own
// request, and attested with the time of reading. The agent has no part in them (R7, R8).

import { z } from "zod";
import { event, Guid, Id, Timestamp } from "./envelope.ts";
import { Language } from "./language.ts";

/** A group of people who may approve is at most this large; a larger one is refused, not cut. */
export const groupMembersMax = 50;

/** A user principal name or an object id, as somebody wrote it. */
export const UserReference = z
  .string()
  .min(3)
  .max(256)
  .regex(/^[^\s/?#\\%]+$/);

export const FactsQuestion = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("user"), user: UserReference }),
  z.strictObject({ kind: z.literal("group"), group: Guid }),
  z.strictObject({ kind: z.literal("member"), group: Guid, person: Guid }),
  z.strictObject({ kind: z.literal("manager"), of: Guid, person: Guid }),
]);
export type FactsQuestion = z.infer<typeof FactsQuestion>;

export const UserFacts = z.strictObject({
  objectId: Guid,
  tenantId: Guid,
  userPrincipalName: z.string().max(256),
  displayName: z.string().max(256),
  enabled: z.boolean(),
  vip: z.boolean(),
  /** Holds a directory role, or is in a role-assignable group. */
  privileged: z.boolean(),
  department: z.string().max(128).optional(),
  manager: Guid.optional(),
  /** What the manager reads, who may be the one to receive a secret for this person. */
  managerLanguage: Language.optional(),
  /** From the directory's `preferredLanguage`; English where that is none of ours. */
  language: Language.optional(),
});
export type UserFacts = z.infer<typeof UserFacts>;

/** Somebody who may approve, and the language their card is written in. */
export const Approver = z.strictObject({
  objectId: Guid,
  displayName: z.string().max(256),
  language: Language.optional(),
});

export const FactsAnswer = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("user"), facts: UserFacts }),
  z.strictObject({
    kind: z.literal("group"),
    group: Guid,
    members: z.array(Approver).max(groupMembersMax),
  }),
  z.strictObject({
    kind: z.literal("member"),
    group: Guid,
    person: Guid,
    enabled: z.boolean(),
    member: z.boolean(),
  }),
  z.strictObject({
    kind: z.literal("manager"),
    of: Guid,
    person: Guid,
    displayName: z.string().max(256),
    enabled: z.boolean(),
    /** Whether `person` is the manager of `of` now. */
    manages: z.boolean(),
    /** What `person` reads. */
    language: Language.optional(),
  }),
  /** Nobody of that name in the customer's own tenant: which is also the answer about another tenant. */
  z.strictObject({ kind: z.literal("not-found") }),
  /** The directory could not be read. No facts means deny (R7). */
  z.strictObject({ kind: z.literal("unavailable") }),
]);
export type FactsAnswer = z.infer<typeof FactsAnswer>;

/** Published by policy about a target, and by approvals about approvers and whoever writes to the bot. */
export const FactsRequested = event("facts.requested.v1", {
  /** Names this question; the answer repeats it. */
  request: Id,
  /** The action they are about; about the writer of a message, the ticket that it becomes. */
  actionId: Id,
  question: FactsQuestion,
});

/** The broker's answer. `mode` on the bus is `requestedBy`, so each asker hears only its own. */
export const FactsAttested = event("facts.attested.v1", {
  request: Id,
  actionId: Id,
  requestedBy: z.enum(["policy", "approvals"]),
  answer: FactsAnswer,
  attestedAt: Timestamp,
});
