// What the service's events cause in Teams: cards in the chats of approvers, changed as it goes on, a word to
// whoever's vote did not count, and one to whoever wrote to the bot. The invariants of the cards are in cards.ts.

import { setTimeout as delay } from "node:timers/promises";
import type {
  ApprovalExpired,
  ApprovalGranted,
  ApprovalRefused,
  TicketRefused,
  TicketSubmitted,
  VoteAccepted,
  VoteRejected,
} from "@niivo/contracts/approvals";
import type { Received } from "@niivo/contracts/envelope";
import type { EffectCommand } from "@niivo/host/effects";
import { z } from "zod";
import { type About, type AskedEffect, approvalCards, type CardParts } from "./cards.ts";
import { refusalCodes, rejectionCodes, ticketRefusalCodes } from "./codes.ts";
import { changeAsk, type End, listCards, readAsk, readCard } from "./documents.ts";
import { type NoticeEffect, postNotices } from "./notices.ts";
import { languageOfReader } from "./standing.ts";
import { same } from "./state.ts";
import type { Delivery } from "./teams.ts";
import { textsIn } from "./texts.ts";

type TicketEffect = Received<z.infer<typeof TicketSubmitted> | z.infer<typeof TicketRefused>>;

export type Effect =
  | AskedEffect
  | TicketEffect
  | NoticeEffect
  | Received<
      | z.infer<typeof VoteAccepted>
      | z.infer<typeof VoteRejected>
      | z.infer<typeof ApprovalGranted>
      | z.infer<typeof ApprovalRefused>
      | z.infer<typeof ApprovalExpired>
    >;

type Unheard = z.infer<typeof VoteRejected>["data"];
/** The codes of events that only this service's actor decides. */
const RefusalCodeOfOurs = z.enum(refusalCodes);
const RejectionCodeOfOurs = z.enum(rejectionCodes);
const TicketRefusalCodeOfOurs = z.enum(ticketRefusalCodes);

/** Teams could not be reached for some of it. What was done is remembered; the message comes again. */
export class TeamsUnavailable extends Error {
  readonly code = "teams-unavailable";
  constructor(message: string) {
    super(message);
    this.name = "TeamsUnavailable";
  }
}

/** So many chats are written to at a time; Teams allows 50 requests a second for the whole bot. */
const concurrency = 10;
/** People whom Teams does not answer for are tried again after these pauses, then given up. */
const postingPausesMs = [2_000, 8_000, 20_000] as const;

/** Performs one event's effect. Rejects with TeamsUnavailable, or with what store and bus throw. */
export function approvalEffects(
  parts: CardParts,
  { pausesMs = postingPausesMs }: { readonly pausesMs?: readonly number[] } = {},
) {
  const cards = approvalCards(parts);
  const { store } = parts.host;
  const postNotice = postNotices(parts, pausesMs);

  const ask = async (effect: AskedEffect, signal: AbortSignal): Promise<void> => {
    const { customer, data, id, ticket } = effect;
    const { actionId } = data;
    await changeAsk(store, customer, actionId, (before) => ({
      ...{ ...before, asked: data, eventId: id },
      ...(ticket === undefined ? {} : { ticket }),
    }));
    const post = (people: readonly string[]) =>
      each(people, async (approver) => {
        const outcome = await cards.post(effect, approver, signal);
        return outcome?.kind === "unavailable" ? [approver] : [];
      });
    let missing = (await post(data.approvers.map(({ objectId }) => objectId))).flat();
    for (const pauseMs of pausesMs) {
      if (missing.length === 0) break;
      await delay(pauseMs, undefined, { signal });
      missing = (await post(missing)).flat();
    }
    signal.throwIfAborted(); // What failed for lack of time is not Teams' failure.
    await each(missing, (approver) => cards.giveUp(effect, approver));
  };

  const end = async ({ customer, actionId }: About, how: End, signal: AbortSignal) => {
    // The actor ends an approval once (A1), so whatever is there already says the same.
    await changeAsk(store, customer, actionId, (before) => ({ ...before, end: how }));
    const places = await listCards(store, customer, actionId);
    complete(await each(places, (place) => cards.show({ customer, actionId }, place, signal)));
  };

  const count = async (about: About, voter: string, votes: number, signal: AbortSignal) => {
    const { customer, actionId } = about;
    await changeAsk(store, customer, actionId, (before) => {
      const others = before.counted.filter((one) => !same(one.voter, voter));
      return { ...before, counted: [...others, { voter, votes }] };
    });
    const place = await readCard(store, customer, actionId, voter);
    if (place !== undefined) complete([await cards.show(about, place, signal)]);
  };

  const tellWhy = async (about: About, { voter, code, language }: Unheard, signal: AbortSignal) => {
    const ask = await readAsk(store, about.customer, about.actionId);
    const texts = textsIn(languageOfReader(ask?.asked, voter) ?? language);
    const text = texts.rejections[RejectionCodeOfOurs.parse(code)];
    complete([await cards.tell(about.customer, voter, text, signal)]);
  };

  const change = async (
    effect: Exclude<Effect, NoticeEffect | TicketEffect>,
    signal: AbortSignal,
  ): Promise<void> => {
    const { customer, type, data } = effect;
    const about = { customer, actionId: data.actionId };
    switch (type) {
      case "approval.asked.v1":
        return await ask(effect, signal);
      case "vote.accepted.v1":
        return await count(about, data.voter, data.votes, signal);
      case "vote.rejected.v1":
        // Somebody of another tenant has no chat that this customer's answers belong into.
        if (data.code === "other-tenant") return;
        return await tellWhy(about, data, signal);
      case "approval.granted.v1":
        return await end(about, { kind: "granted", by: data.grantedBy }, signal);
      case "approval.refused.v1": {
        const by = data.refusedBy === undefined ? {} : { by: data.refusedBy };
        const code = RefusalCodeOfOurs.parse(data.code);
        return await end(about, { kind: "refused", code, ...by }, signal);
      }
      case "approval.expired.v1":
        return await end(about, { kind: "expired" }, signal);
    }
  };

  return async (effect: Effect, signal: AbortSignal): Promise<EffectCommand | undefined> => {
    if (effect.type === "notice.post.v1") return await postNotice(effect, signal);
    if (effect.type === "ticket.submitted.v1" || effect.type === "ticket.refused.v1")
      complete([await tellWriter(cards, effect, signal)]);
    else await change(effect, signal);
    return undefined;
  };
}

/** That their message is a ticket now, or why it is none. */
function tellWriter(
  cards: ReturnType<typeof approvalCards>,
  { customer, type, data, ticket }: TicketEffect,
  signal: AbortSignal,
) {
  if (type === "ticket.submitted.v1") {
    const { objectId, language } = data.writer;
    const text = textsIn(language).ticketOpened(ticket ?? "");
    return cards.tell(customer, objectId, text, signal);
  }
  const texts = textsIn(data.language);
  const text = texts.ticketRefusals[TicketRefusalCodeOfOurs.parse(data.code)];
  return cards.tell(customer, data.writer, text, signal);
}

/** Works on all, a few at a time, and on every one whatever becomes of the others. */
async function each<T, R>(all: readonly T[], work: (one: T) => Promise<R>): Promise<readonly R[]> {
  const results: R[] = [];
  const errors: unknown[] = [];
  for (let at = 0; at < all.length; at += concurrency) {
    const outcomes = await Promise.allSettled(all.slice(at, at + concurrency).map(work));
    for (const outcome of outcomes) {
      if (outcome.status === "fulfilled") results.push(outcome.value);
      else errors.push(outcome.reason);
    }
  }
  if (errors.length > 0) throw errors[0];
  return results;
}

/** A card that Teams refuses is final; one that could not be delivered brings the message back. */
function complete(outcomes: readonly (Delivery | undefined)[]): void {
  const missing = outcomes.filter((one) => one?.kind === "unavailable").length;
  if (missing > 0) throw new TeamsUnavailable(`${missing} of ${outcomes.length} not delivered`);
}
