// What the effects remember of an action, apart from the actor's state: what was asked, how it stands, and
// where its cards hang. In the service's own store, in the customer's partition:
//
//   ask:<actionId>              what was asked, which grants were counted, and the end
//   open:<actionId>             exists while it is open: the index of GET /v1/approvals
//   card:<actionId>:<approver>  a posted card
//   notice:<actionId>:<person>  exists where a notice hangs in that person's chat
//
// Effects of one action run in any order and at the same time (their subscription has no sessions), so each
// only adds its own event, by compare-and-swap, and shows whatever then is known.

import { ApprovalAsked } from "@niivo/contracts/approvals";
import { canonicalJson, type Json } from "@niivo/contracts/canonical";
import { Guid, Id } from "@niivo/contracts/envelope";
import { groupMembersMax } from "@niivo/contracts/facts";
import type { Operation, Store, StoreReader } from "@niivo/host/store";
import { z } from "zod";
import { refusalCodes } from "./codes.ts";

/** Longer than any approval is open, and than any late message may come. */
const keptSeconds = 30 * 24 * 60 * 60;
const attemptsMax = 8;

const End = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("granted"), by: z.array(Guid).max(5) }),
  z.strictObject({ kind: z.literal("refused"), by: Guid.optional(), code: z.enum(refusalCodes) }),
  z.strictObject({ kind: z.literal("expired") }),
]);
export type End = z.infer<typeof End>;

const Ask = z.strictObject({
  /** Absent while only something later is known, and for what nobody was ever asked. */
  asked: ApprovalAsked.shape.data.optional(),
  /** The `approval.asked` event, and its ticket: where commands about it belong. */
  eventId: Id.optional(),
  ticket: Id.optional(),
  counted: z.array(z.strictObject({ voter: Guid, votes: z.int() })).max(groupMembersMax),
  end: End.optional(),
});
export type Ask = z.infer<typeof Ask>;

const CardPlace = z.strictObject({
  approver: Guid,
  conversationId: z.string().min(1).max(500),
  activityId: z.string().min(1).max(500),
});
export type CardPlace = z.infer<typeof CardPlace>;

const askId = (actionId: string) => `ask:${actionId}`;
const openId = (actionId: string) => `open:${actionId}`;
const cardId = (actionId: string, approver: string) => `card:${actionId}:${approver.toLowerCase()}`;

export async function readAsk(
  store: StoreReader,
  customer: string,
  actionId: string,
): Promise<Ask | undefined> {
  const found = await store.read(customer, askId(actionId));
  return found === undefined ? undefined : Ask.parse(found.body);
}

/**
 * Changes what is remembered of an action, by compare-and-swap; returns what then is remembered.
 * @throws when others were faster too often: the message comes again.
 */
export async function changeAsk(
  store: Store,
  customer: string,
  actionId: string,
  change: (ask: Ask) => Ask,
): Promise<Ask> {
  for (let attempt = 0; attempt < attemptsMax; attempt += 1) {
    const id = askId(actionId);
    const found = await store.read(customer, id);
    const next = change(found === undefined ? { counted: [] } : Ask.parse(found.body));
    const body = plain(next);
    const ttlSeconds = keptSeconds;
    const write: Operation =
      found === undefined
        ? { kind: "create", id, body, ttlSeconds }
        : { kind: "replace", id, body, ttlSeconds, etag: found.etag };
    const outcome = await store.commit(customer, [write, indexOf(actionId, next)]);
    if (outcome.kind === "committed") return next;
  }
  throw new Error(`${actionId}: others were faster ${attemptsMax} times`);
}

/** Whatever is asked and has not ended is in the index; nothing else is. */
const indexOf = (actionId: string, { asked, end }: Ask): Operation =>
  asked !== undefined && end === undefined
    ? { kind: "upsert", id: openId(actionId), body: { actionId }, ttlSeconds: keptSeconds }
    : { kind: "delete", id: openId(actionId) };

/** Ids of open approvals in order, after one. */
export async function listOpen(
  store: StoreReader,
  customer: string,
  page: { readonly after: string | undefined; readonly limit: number },
): Promise<readonly string[]> {
  const { after, limit } = page;
  const from = after === undefined ? {} : { after: openId(after) };
  const found = await store.list(customer, { prefix: openId(""), limit, ...from });
  return found.map(({ id }) => id.slice(openId("").length));
}

export async function readCard(
  store: StoreReader,
  customer: string,
  actionId: string,
  approver: string,
): Promise<CardPlace | undefined> {
  const found = await store.read(customer, cardId(actionId, approver));
  return found === undefined ? undefined : CardPlace.parse(found.body);
}

export async function rememberCard(
  store: Store,
  customer: string,
  actionId: string,
  place: CardPlace,
): Promise<void> {
  const id = cardId(actionId, place.approver);
  await store.commit(customer, [
    { kind: "upsert", id, body: plain(place), ttlSeconds: keptSeconds },
  ]);
}

export async function listCards(
  store: StoreReader,
  customer: string,
  actionId: string,
): Promise<readonly CardPlace[]> {
  const found = await store.list(customer, {
    prefix: cardId(actionId, ""),
    limit: groupMembersMax,
  });
  return found.map(({ body }) => CardPlace.parse(body));
}

const noticeId = (actionId: string, person: string) => `notice:${actionId}:${person.toLowerCase()}`;

export async function hasNotice(
  store: StoreReader,
  customer: string,
  actionId: string,
  person: string,
): Promise<boolean> {
  return (await store.read(customer, noticeId(actionId, person))) !== undefined;
}

export async function rememberNotice(
  store: Store,
  customer: string,
  actionId: string,
  person: string,
): Promise<void> {
  const id = noticeId(actionId, person);
  await store.commit(customer, [
    { kind: "upsert", id, body: { actionId }, ttlSeconds: keptSeconds },
  ]);
}

/** As JSON: absent members are absent, not undefined. */
const plain = (document: Ask | CardPlace): Json => JSON.parse(canonicalJson(document));

/** The ids of everything that may be remembered of an action. */
export async function documentsOf(
  store: StoreReader,
  customer: string,
  actionId: string,
): Promise<readonly string[]> {
  const lists = [cardId(actionId, ""), noticeId(actionId, "")].map((prefix) =>
    store.list(customer, { prefix, limit: groupMembersMax }),
  );
  const found = (await Promise.all(lists)).flat().map(({ id }) => id);
  return [askId(actionId), openId(actionId), ...found];
}
