// The `broker` topic. Published by the broker alone: what it read about people, which credential it is
// about to take, what it started and what came of it. No secret has a place in any of these (R5).

import { z } from "zod";
import { Action, Requester } from "./action.ts";
import type { Json } from "./canonical.ts";
import {
  command,
  event,
  Guid,
  Hex256,
  Id,
  MessageDeadLettered,
  Prose,
  ReasonCode,
  Timestamp,
  type TopicContract,
} from "./envelope.ts";
import { ErasureConfirmed } from "./erasure.ts";
import { FactsAnswer, FactsAttested, FactsQuestion, UserFacts } from "./facts.ts";
import { Mode } from "./policy.ts";
import { replyTextMax } from "./tools.ts";

/** The lease of an effect; every outbound deadline within it is shorter. */
export const effectLeaseMs = 60 * 1000;

const about = { actionId: Id, digest: Hex256, tool: z.string().min(1).max(64) };
/** The allow's mode, by which approvals hears the outcomes it gives notice of, and no others. */
const outcome = { ...about, mode: Mode };
const Result: z.ZodType<{ readonly [name: string]: Json }> = z.record(z.string(), z.json());

/** Durable on the bus before the vault is read (R6). */
export const CredentialAccess = event("credential.access.v1", {
  actionId: Id,
  purpose: z.enum(["action", "facts", "reveal"]),
  /** The vault secret's name, never its value. */
  credential: z.string().regex(/^[a-z][a-z0-9-]{1,126}$/),
  /** The vault's host. */
  vault: z.string().min(1).max(253),
  /** The principal that acts with it: an agent identity or an executor. */
  principal: z.string().min(1).max(128),
  digest: Hex256.optional(),
});

/** The receipt is consumed and the effect begins. Nothing starts it a second time. */
export const ActionStarted = event("action.started.v1", {
  action: Action,
  digest: Hex256,
  mode: Mode,
  requester: Requester,
  target: UserFacts.optional(),
  receipt: z.strictObject({
    chain: Hex256,
    seq: z.int().min(0),
    entryHash: Hex256,
    nonce: Hex256,
  }),
});

/** Costs are in millionths of a Swiss franc, so that sums stay integers. */
const costMicroChf = z.int().min(0);

export const ActionCompleted = event("action.completed.v1", {
  ...outcome,
  /** Of the tool's own closed result schema. */
  result: Result,
  costMicroChf,
});

export const ActionFailed = event("action.failed.v1", {
  ...outcome,
  code: ReasonCode,
  detail: Prose,
  costMicroChf,
});

/** Started, and nobody knows whether it happened: for a person, never a silent retry (R6). */
export const ActionUnknown = event("action.unknown.v1", { ...outcome, detail: Prose });

/** A result that came after the outcome was settled as unknown. Evidence, not a second outcome. */
export const ActionReconciled = event("action.reconciled.v1", {
  ...outcome,
  outcome: z.enum(["completed", "failed"]),
  code: ReasonCode.optional(),
});

/** The allow or its receipt came too late. Policy may decide again. */
export const AuthorizationLapsed = event("authorization.lapsed.v1", {
  ...about,
  code: ReasonCode,
});

/** A receipt that proves nothing: forged, altered, replayed, or about something else. */
export const ReceiptRejected = event("receipt.rejected.v1", {
  actionId: Id,
  digest: Hex256,
  code: ReasonCode,
});

/** A reply for the application that brought an unverified ticket. Intake keeps it; nobody's chat shows it. */
export const ReplyRecorded = event("reply.recorded.v1", {
  actionId: Id,
  digest: Hex256,
  text: z.string().min(1).max(replyTextMax),
});

/** A secret result waits, encrypted, for its one reader. */
export const SecretStored = event("secret.stored.v1", {
  actionId: Id,
  secretId: Id,
  recipient: Guid,
  expiresAt: Timestamp,
});

/** Command to the broker's own effects: read these facts, after `credential.access` is on the bus. */
export const FactsFetch = command("facts.fetch.v1", {
  request: Id,
  actionId: Id,
  requestedBy: z.enum(["policy", "approvals"]),
  question: FactsQuestion,
});

/** Command: what the directory answered. */
export const FactsFetched = command("facts.fetched.v1", {
  request: Id,
  actionId: Id,
  requestedBy: z.enum(["policy", "approvals"]),
  answer: FactsAnswer,
  attestedAt: Timestamp,
});

/** Where a secret result waits, and for whom. */
const storedSecret = z.strictObject({ secretId: Id, recipient: Guid, expiresAt: Timestamp });

/** Command: how the effect of `action.started` ended. */
export const EffectEnded = command("effect.ended.v1", {
  actionId: Id,
  outcome: z.discriminatedUnion("kind", [
    z.strictObject({
      kind: z.literal("completed"),
      result: Result,
      costMicroChf,
      secret: storedSecret.optional(),
      reply: z.string().min(1).max(replyTextMax).optional(),
    }),
    z.strictObject({ kind: z.literal("failed"), code: ReasonCode, detail: Prose, costMicroChf }),
    z.strictObject({
      kind: z.literal("unknown"),
      detail: Prose,
      /** It may be in force: it stays for its reader, and the chain has to know of it. */
      secret: storedSecret.optional(),
    }),
  ]),
});

/** Timer: the authorization has run out if nothing has started. */
export const AuthorizationDue = command("authorization.due.v1", { actionId: Id });

/** Timer: the effect's lease is over; without a result the outcome is unknown. */
export const LeaseDue = command("lease.due.v1", { actionId: Id });

export const broker = {
  topic: "broker",
  events: {
    [FactsAttested.shape.type.value]: FactsAttested,
    [CredentialAccess.shape.type.value]: CredentialAccess,
    [ActionStarted.shape.type.value]: ActionStarted,
    [ActionCompleted.shape.type.value]: ActionCompleted,
    [ActionFailed.shape.type.value]: ActionFailed,
    [ActionUnknown.shape.type.value]: ActionUnknown,
    [ActionReconciled.shape.type.value]: ActionReconciled,
    [AuthorizationLapsed.shape.type.value]: AuthorizationLapsed,
    [ReceiptRejected.shape.type.value]: ReceiptRejected,
    [SecretStored.shape.type.value]: SecretStored,
    [ReplyRecorded.shape.type.value]: ReplyRecorded,
    [ErasureConfirmed.shape.type.value]: ErasureConfirmed,
    [MessageDeadLettered.shape.type.value]: MessageDeadLettered,
  },
  commands: {
    [FactsFetch.shape.type.value]: FactsFetch,
    [FactsFetched.shape.type.value]: FactsFetched,
    [EffectEnded.shape.type.value]: EffectEnded,
    [AuthorizationDue.shape.type.value]: AuthorizationDue,
    [LeaseDue.shape.type.value]: LeaseDue,
  },
} as const satisfies TopicContract;
