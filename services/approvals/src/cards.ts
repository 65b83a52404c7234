// The cards of an approval in Teams: posted once, and kept true to how it stands.
//
// Invariants:
//   E1. Every approver's card is posted once, or is reported as failed; a repeat posts only what is missing.
//   E2. A card that hangs ends up showing how the approval ended, in whatever order the events come:
//       whoever changes a card looks again afterwards, and changes it again if something was added.
//   E3. A repeat sends the same commands under the same ids.

import type { ApprovalAsked } from "@niivo/contracts/approvals";
import { derivedId } from "@niivo/contracts/canonical";
import type { Received } from "@niivo/contracts/envelope";
import type { Host, OutgoingCommand } from "@niivo/host/host";
import type { z } from "zod";
import { type Ask, type CardPlace, readAsk, readCard, rememberCard } from "./documents.ts";
import { cardFor, standingMark } from "./standing.ts";
import type { Delivery, Teams } from "./teams.ts";

export type AskedEffect = Received<z.infer<typeof ApprovalAsked>>;

/** A card changes when a vote counts and when it ends; more rounds than that mean something is wrong. */
const roundsMax = 6;

export interface CardParts {
  readonly host: Pick<Host, "store" | "send">;
  readonly teams: Teams;
  /** The tenant of each customer. */
  readonly tenants: ReadonlyMap<string, string>;
}

/** Which action's card, of which customer. */
export interface About {
  readonly customer: string;
  readonly actionId: string;
}

export interface Cards {
  /** Posts the card of one approver; `undefined` where nobody needs it any more. */
  readonly post: (
    effect: AskedEffect,
    approver: string,
    signal: AbortSignal,
  ) => Promise<Delivery | undefined>;
  /** Reports that an approver's card could not be posted. */
  readonly giveUp: (effect: AskedEffect, approver: string) => Promise<void>;
  /** Makes a posted card show what is known. */
  readonly show: (about: About, place: CardPlace, signal: AbortSignal) => Promise<Delivery>;
  /** Sends a sentence of ours to one person of the customer. */
  readonly tell: (
    customer: string,
    person: string,
    text: string,
    signal: AbortSignal,
  ) => Promise<Delivery>;
}

export function approvalCards({ host: { store, send }, teams, tenants }: CardParts): Cards {
  const tenantOf = (customer: string): string => {
    const tenantId = tenants.get(customer);
    if (tenantId === undefined) throw new Error(`${customer} is not configured`);
    return tenantId;
  };

  /** E2. Makes one card show what is known, until nothing new has become known meanwhile. */
  const show: Cards["show"] = async ({ customer, actionId }, place, signal) => {
    let ask = await readAsk(store, customer, actionId);
    for (let round = 0; round < roundsMax; round += 1) {
      if (ask?.asked === undefined) return { kind: "delivered", ...place };
      const content = cardFor(ask.asked, ask, place.approver);
      const outcome = await teams.update(place, tenantOf(customer), content, signal);
      if (outcome.kind !== "delivered") return outcome;
      const after: Ask | undefined = await readAsk(store, customer, actionId);
      if (standingMark(after, place.approver) === standingMark(ask, place.approver)) return outcome;
      ask = after;
    }
    return { kind: "unavailable" };
  };

  /** E1. */
  const post: Cards["post"] = async (effect, approver, signal) => {
    const { customer, data: asked } = effect;
    const { actionId } = asked;
    const known = await readCard(store, customer, actionId, approver);
    if (known !== undefined) {
      await send(posted(effect, known));
      return await show({ customer, actionId }, known, signal);
    }
    const ask = await readAsk(store, customer, actionId);
    if (ask?.end !== undefined) return undefined; // Ended meanwhile: nobody needs a card any more.
    const to = { objectId: approver, tenantId: tenantOf(customer) };
    const outcome = await teams.post(to, cardFor(asked, ask, approver), signal);
    if (outcome.kind === "refused") await send(failed(effect, approver, outcome.code));
    if (outcome.kind !== "delivered") return outcome;
    const { conversationId, activityId } = outcome;
    const place = { approver, conversationId, activityId };
    await rememberCard(store, customer, actionId, place); // E1: before anybody hears of it.
    await send(posted(effect, place));
    const now = await readAsk(store, customer, actionId);
    const isCurrent = standingMark(now, approver) === standingMark(ask, approver);
    return isCurrent ? outcome : await show({ customer, actionId }, place, signal);
  };

  return {
    post,
    giveUp: (effect, approver) => send(failed(effect, approver, "teams-unavailable")),
    show,
    tell: (customer, objectId, text, signal) =>
      teams.post({ objectId, tenantId: tenantOf(customer) }, { kind: "text", text }, signal),
  };
}

const posted = (effect: AskedEffect, place: CardPlace): OutgoingCommand =>
  about(effect, place.approver, "card.posted.v1", {
    actionId: effect.data.actionId,
    ...place,
  });

const failed = (effect: AskedEffect, approver: string, code: string): OutgoingCommand =>
  about(effect, approver, "card.failed.v1", { actionId: effect.data.actionId, approver, code });

const about = (
  { id, customer, ticket, data: { actionId } }: AskedEffect,
  approver: string,
  type: string,
  data: unknown,
): OutgoingCommand => ({
  id: derivedId(id, type, approver), // E3
  ...{ type, data, customer, subject: actionId, causationid: id },
  ...(ticket === undefined ? {} : { ticket, correlationid: ticket }),
});
