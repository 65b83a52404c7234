// The `policy` topic. Published by the policy service alone: whether an action may run, whether people
// are asked first, and on which policy set that was decided.

import { z } from "zod";
import { Action, Requester } from "./action.ts";
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
import { FactsRequested, UserFacts } from "./facts.ts";

/** An allow is good for this long; the receipt for it must be consumed within that time. */
export const authorizationMs = 5 * 60 * 1000;
/** Facts older than this are read again before a decision. */
export const factsAgeMaxMs = 60 * 1000;
/** Policy decides again at most this often when an authorization lapses. */
export const attemptsMax = 3;

/** On what a decision rests. */
const Basis = z.strictObject({
  /** SHA-256 of the policy set's text. */
  policySet: Hex256,
  /** The Cedar policies that determined the answer; `floor` where the code floor raised it. */
  policies: z.array(z.string().min(1).max(100)).max(50),
});

/** Why people are asked, and whom. */
export const ApprovalTerms = z.strictObject({
  group: Guid,
  groupName: z.string().min(1).max(64),
  /** Where given, this person is asked, as the target's manager, and the group is not. */
  manager: Guid.optional(),
  quorum: z.int().min(1).max(5),
  expiresAt: Timestamp,
});

/** How an allowed action runs. */
export const Mode = z.enum(["log", "notify", "approved"]);

/** The group that is told of an action after the fact. */
const Audience = z.strictObject({ group: Guid, groupName: z.string().min(1).max(64) });

const decided = {
  action: Action,
  digest: Hex256,
  requester: Requester,
  /** Attested by the broker; absent for tools that have no target person. */
  target: UserFacts.optional(),
  /** The person whose name an unverified requester used. Believed in nothing: excluded from approving. */
  claimant: Guid.optional(),
  basis: Basis,
};

/** The broker may start `action`, once, after audit's receipt for the same digest, before `expiresAt`. */
export const ActionAllowed = event("action.allowed.v1", {
  ...decided,
  mode: Mode,
  /** Whom approvals tells what came of it; with mode `notify` always, and only then. */
  notice: Audience.optional(),
  /** The object ids of the people who granted it; only with mode `approved`. */
  grantedBy: z.array(Guid).min(1).max(5).optional(),
  expiresAt: Timestamp,
  /** 1, then one more for each lapsed authorization. */
  attempt: z.int().min(1).max(attemptsMax),
});

/** Final. The action will not run. */
export const ActionDenied = event("action.denied.v1", {
  actionId: Id,
  digest: Hex256,
  tool: z.string().min(1).max(64),
  code: ReasonCode,
  detail: Prose,
  basis: Basis.optional(),
});

/** People have to grant it first. */
export const ApprovalRequired = event("approval.required.v1", {
  ...decided,
  terms: ApprovalTerms,
  reason: Prose,
});

/** The policy set of a customer from now on. Control: concerns no ticket. */
export const PolicyActivated = event("policy.activated.v1", {
  policySet: Hex256,
  policies: z.int().min(0).max(1000),
});

/** Command: the service found another policy set than the one it activated last. */
export const PolicyActivate = command("policy.activate.v1", {
  policySet: Hex256,
  policies: z.int().min(0).max(1000),
});

/** Timer: what this decision waits for (facts, people) should have come by now. */
export const DecisionDue = command("decision.due.v1", { actionId: Id });

export const policy = {
  topic: "policy",
  events: {
    [FactsRequested.shape.type.value]: FactsRequested,
    [ActionAllowed.shape.type.value]: ActionAllowed,
    [ActionDenied.shape.type.value]: ActionDenied,
    [ApprovalRequired.shape.type.value]: ApprovalRequired,
    [PolicyActivated.shape.type.value]: PolicyActivated,
    [ErasureConfirmed.shape.type.value]: ErasureConfirmed,
    [MessageDeadLettered.shape.type.value]: MessageDeadLettered,
  },
  commands: {
    [PolicyActivate.shape.type.value]: PolicyActivate,
    [DecisionDue.shape.type.value]: DecisionDue,
  },
} as const satisfies TopicContract;
