// What an entry says about a message in clear. Everything else stands behind the salted commitment.
//
// Invariants:
//   L1. No free text, no name of a person and no user principal name enters an entry: only codes,
//       numbers, digests, ids of things, names chosen by us or by an operator, and pseudonyms.

import type { Action, Requester } from "@niivo/contracts/action";
import { Id } from "@niivo/contracts/envelope";
import type { Entry } from "@niivo/contracts/evidence";
import { catalogue } from "@niivo/contracts/tools";
import { topics } from "@niivo/contracts/topology";
import type { SealedEvent } from "./sealed-event.ts";

type Detail = Entry["detail"];

/** The part of an entry that depends on the type of the message. */
export interface Told {
  readonly actor: string;
  readonly action?: NonNullable<Entry["action"]>;
  readonly detail: Detail;
  readonly outcome?: string;
}

/** Gives the pseudonym of a person, by object id; the same person has one per chain. */
export type Pseudonyms = (objectId: string) => string;

/**
 * The clear fields of a message's entry.
 * @param person is asked for each person who appears, so that pseudonyms are drawn for these only.
 */
export function tell(event: SealedEvent, person: Pseudonyms): Told {
  const service = `service:${event.source}`;
  switch (event.type) {
    case "ticket.opened.v1": {
      const { requester, channel } = event.data;
      const { assurance } = requester;
      const multifactor = requester.assurance === "verified" && requester.multifactor;
      return { actor: person(askerOf(requester)), detail: { channel, assurance, multifactor } };
    }
    case "ticket.submitted.v1":
      return { actor: person(event.data.writer.objectId), detail: { channel: "teams" } };
    case "ticket.refused.v1": {
      const { writer, code } = event.data;
      return { actor: person(writer), detail: { channel: "teams" }, outcome: code };
    }
    case "action.requested.v1": {
      const { action, digest, step } = event.data;
      const asked = listed(action.tool) ? { step } : { step, toolListed: false };
      return { actor: `agent:${action.agent}`, action: acting(action, digest), detail: asked };
    }
    case "ticket.waiting.v1":
      return { actor: service, action: { id: event.data.actionId }, detail: stepOf(event.data) };
    case "ticket.resolved.v1":
      return { actor: service, detail: stepOf(event.data), outcome: "resolved" };
    case "ticket.escalated.v1":
      return { actor: service, detail: stepOf(event.data), outcome: event.data.code };
    case "facts.requested.v1":
    case "facts.attested.v1":
      return tellFacts(event, service);
    case "action.allowed.v1":
    case "action.denied.v1":
    case "approval.required.v1":
    case "policy.activated.v1":
      return tellPolicy(event, service, person);
    case "approval.asked.v1":
    case "vote.accepted.v1":
    case "vote.rejected.v1":
    case "approval.granted.v1":
    case "approval.refused.v1":
    case "approval.expired.v1":
      return tellApprovals(event, service, person);
    case "notice.posted.v1":
    case "notice.failed.v1":
      return tellNotice(event, service);
    case "credential.access.v1":
    case "action.started.v1":
    case "secret.stored.v1":
    case "reply.recorded.v1":
      return tellBroker(event, service, person);
    case "secret.revealed.v1":
    case "secret.reveal-refused.v1":
    case "secret.reveal-unknown.v1":
    case "secret.expired.v1":
      return tellLinks(event, service, person);
    case "action.completed.v1":
    case "action.failed.v1":
    case "action.unknown.v1":
    case "action.reconciled.v1":
    case "authorization.lapsed.v1":
    case "receipt.rejected.v1":
      return tellOutcome(event, service);
    case "erasure.confirmed.v1":
      return { actor: service, detail: { ...event.data } };
    case "message.dead-lettered.v1":
      return tellDeadLetter(event, service);
  }
}

type Of<Type extends SealedEvent["type"]> = Extract<SealedEvent, { type: Type }>;

function tellFacts(event: Of<"facts.requested.v1" | "facts.attested.v1">, actor: string): Told {
  const { request, actionId } = event.data;
  const kind =
    event.type === "facts.requested.v1" ? event.data.question.kind : event.data.answer.kind;
  return { actor, action: { id: actionId }, detail: { request, kind } };
}

function tellPolicy(
  event: Of<
    "action.allowed.v1" | "action.denied.v1" | "approval.required.v1" | "policy.activated.v1"
  >,
  actor: string,
  person: Pseudonyms,
): Told {
  switch (event.type) {
    case "action.allowed.v1": {
      const { action, digest, mode, attempt, expiresAt, grantedBy } = event.data;
      const detail = {
        mode,
        attempt,
        expiresAt,
        ...decided(event.data, person),
        ...(grantedBy === undefined ? {} : { grantedBy: people(grantedBy, person) }),
      };
      return { actor, action: acting(action, digest), detail };
    }
    case "action.denied.v1": {
      const { actionId, digest, tool, basis, code } = event.data;
      const detail = basis === undefined ? {} : { policySet: basis.policySet };
      return { actor, action: about(actionId, digest, tool), detail, outcome: code };
    }
    case "approval.required.v1": {
      const { group, quorum, expiresAt } = event.data.terms;
      const detail = { mode: "approve", group, quorum, expiresAt, ...decided(event.data, person) };
      return { actor, action: acting(event.data.action, event.data.digest), detail };
    }
    case "policy.activated.v1":
      return { actor, detail: { ...event.data } };
  }
}

function tellApprovals(
  event: Of<
    | "approval.asked.v1"
    | "vote.accepted.v1"
    | "vote.rejected.v1"
    | "approval.granted.v1"
    | "approval.refused.v1"
    | "approval.expired.v1"
  >,
  service: string,
  person: Pseudonyms,
): Told {
  const action = about(event.data.actionId, event.data.digest);
  switch (event.type) {
    case "approval.asked.v1": {
      const { quorum, expiresAt, approvers } = event.data;
      const detail = { quorum, expiresAt, approvers: approvers.length };
      return { actor: service, action: acting(event.data.action, event.data.digest), detail };
    }
    case "vote.accepted.v1": {
      const { voter, votes, quorum } = event.data;
      return { actor: person(voter), action, detail: { votes, quorum } };
    }
    case "vote.rejected.v1":
      return { actor: person(event.data.voter), action, detail: {}, outcome: event.data.code };
    case "approval.granted.v1": {
      const { via, grantedBy } = event.data;
      return { actor: service, action, detail: { via, grantedBy: people(grantedBy, person) } };
    }
    case "approval.refused.v1": {
      const { refusedBy, code } = event.data;
      const actor = refusedBy === undefined ? service : person(refusedBy);
      return { actor, action, detail: {}, outcome: code };
    }
    case "approval.expired.v1":
      return { actor: service, action, detail: {}, outcome: "expired" };
  }
}

function tellNotice(event: Of<"notice.posted.v1" | "notice.failed.v1">, actor: string): Told {
  const { actionId, digest } = event.data;
  if (event.type === "notice.failed.v1")
    return { actor, action: about(actionId, digest), detail: {}, outcome: event.data.code };
  const { tool, agent, outcome, reached, missed } = event.data;
  const detail = { ran: outcome, agent, reached, missed };
  return { actor, action: about(actionId, digest, tool), detail, outcome: "posted" };
}

function tellBroker(
  event: Of<
    "credential.access.v1" | "action.started.v1" | "secret.stored.v1" | "reply.recorded.v1"
  >,
  actor: string,
  person: Pseudonyms,
): Told {
  switch (event.type) {
    case "credential.access.v1": {
      const { actionId, digest, purpose, credential, vault, principal } = event.data;
      const detail = { purpose, credential, vault, principal };
      return { actor, action: about(actionId, digest), detail };
    }
    case "action.started.v1": {
      const { action, digest, requester, target, receipt } = event.data;
      const detail = {
        receiptSeq: receipt.seq,
        receiptEntry: receipt.entryHash,
        receiptNonce: receipt.nonce,
        requester: person(askerOf(requester)),
        ...(target === undefined ? {} : { target: person(target.objectId) }),
      };
      return { actor, action: acting(action, digest), detail };
    }
    case "reply.recorded.v1":
      return { actor, action: about(event.data.actionId, event.data.digest), detail: {} };
    case "secret.stored.v1": {
      const { actionId, secretId, recipient, expiresAt } = event.data;
      const detail = { secretId, recipient: person(recipient), expiresAt };
      return { actor, action: { id: actionId }, detail };
    }
  }
}

// Who saw a secret is who acts: the entry's actor is the person at the page.
function tellLinks(
  event: Of<
    | "secret.revealed.v1"
    | "secret.reveal-refused.v1"
    | "secret.reveal-unknown.v1"
    | "secret.expired.v1"
  >,
  service: string,
  person: Pseudonyms,
): Told {
  const { secretId, actionId } = event.data;
  const told = {
    actor: event.type === "secret.expired.v1" ? service : person(event.data.by),
    ...(actionId === undefined ? {} : { action: { id: actionId } }),
    detail: { secretId },
  };
  const code = event.type === "secret.reveal-refused.v1" ? event.data.code : undefined;
  return code === undefined ? told : { ...told, outcome: code };
}

function tellOutcome(
  event: Of<
    | "action.completed.v1"
    | "action.failed.v1"
    | "action.unknown.v1"
    | "action.reconciled.v1"
    | "authorization.lapsed.v1"
    | "receipt.rejected.v1"
  >,
  actor: string,
): Told {
  const { actionId, digest } = event.data;
  const action =
    event.type === "receipt.rejected.v1"
      ? about(actionId, digest)
      : about(actionId, digest, event.data.tool);
  switch (event.type) {
    case "action.completed.v1": {
      const { costMicroChf } = event.data;
      return { actor, action, detail: { costMicroChf }, outcome: "completed" };
    }
    case "action.failed.v1": {
      const { costMicroChf, code } = event.data;
      return { actor, action, detail: { costMicroChf }, outcome: code };
    }
    case "action.unknown.v1":
      return { actor, action, detail: {}, outcome: "unknown" };
    case "action.reconciled.v1":
      return { actor, action, detail: {}, outcome: event.data.outcome };
    case "authorization.lapsed.v1":
    case "receipt.rejected.v1":
      return { actor, action, detail: {}, outcome: event.data.code };
  }
}

// A message that could not be read may say anything: of what it calls itself only what we know counts (L1).
function tellDeadLetter(event: Of<"message.dead-lettered.v1">, actor: string): Told {
  const { topic, subscription, messageId, messageType, code, digest, bytes } = event.data;
  const detail = {
    topic,
    subscription,
    digest,
    bytes,
    ...(Id.safeParse(messageId).success && messageId !== undefined ? { messageId } : {}),
    ...(messageType !== undefined && knownTypes.has(messageType) ? { messageType } : {}),
  };
  return { actor, detail, outcome: code };
}

const knownTypes: ReadonlySet<string> = new Set(
  Object.values(topics).flatMap(({ events, commands }) => [
    ...Object.keys(events),
    ...Object.keys(commands),
  ]),
);

/** Who asked: a person, or the application that brought an unverified ticket. Never whom it claims to be. */
const askerOf = (requester: Requester): string =>
  requester.assurance === "verified" ? requester.objectId : requester.application.objectId;

// An agent may utter any name as a tool's. Only one of the catalogue is shown (L1).
const listed = (tool: string): boolean => Object.hasOwn(catalogue, tool);

const about = (id: string, digest?: string, tool?: string): NonNullable<Told["action"]> => ({
  id,
  ...(digest === undefined ? {} : { digest }),
  ...(tool !== undefined && listed(tool) ? { tool } : {}),
});

const acting = (action: Action, digest: string) => about(action.id, digest, action.tool);

const stepOf = ({ step }: { readonly step: number }): Detail => ({ step });

const people = (objectIds: readonly string[], person: Pseudonyms): string =>
  objectIds.map(person).join(" ");

function decided(
  data: Of<"action.allowed.v1" | "approval.required.v1">["data"],
  person: Pseudonyms,
): Detail {
  const { requester, target, claimant, basis } = data;
  return {
    policySet: basis.policySet,
    requester: person(askerOf(requester)),
    ...(claimant === undefined ? {} : { claimant: person(claimant) }),
    ...(target === undefined ? {} : { target: person(target.objectId) }),
  };
}
