// Effects against a Teams that holds state: what hangs in which chat, whatever the order of events.

import { derivedId } from "@niivo/contracts/canonical";
import type { OutgoingCommand } from "@niivo/host/host";
import { memoryStore } from "@niivo/host/memory-store";
import { beforeEach, describe, expect, test } from "vitest";
import {
  actionId,
  ann,
  asked,
  ben,
  cas,
  customer,
  digest,
  eve,
  tenantId,
  ticket,
} from "../test/example.ts";
import { listOpen, readAsk } from "./documents.ts";
import { approvalEffects, type Effect, TeamsUnavailable } from "./effects.ts";
import type { Content, Delivery, Person, Place, Teams } from "./teams.ts";
import { english, textsIn } from "./texts.ts";

const signal = new AbortController().signal;
const about = { actionId, digest };
let events = 0;
const effect = <T extends Effect["type"]>(
  type: T,
  data: Extract<Effect, { type: T }>["data"],
): Effect =>
  ({
    ...{ type, data, id: derivedId("event", String(++events)), source: "approvals" },
    ...{ customer, ticket, time: "2026-01-01T08:00:00.000Z" },
  }) as Effect;

/** A Teams that remembers what hangs where, and fails as it is told. */
function chats() {
  const posts: { to: Person; content: Content; history: Content[] }[] = [];
  const answers = new Map<string, Delivery[]>();
  let onPost: (to: Person) => Promise<void> = async () => {};
  let onUpdate: () => Promise<void> = async () => {};
  const teams = {
    post: async (to, content) => {
      const answer = answers.get(to.objectId)?.shift();
      if (answer !== undefined && answer.kind !== "delivered") return answer;
      await onPost(to);
      posts.push({ to, content, history: [content] });
      const activityId = String(posts.length - 1);
      return { kind: "delivered", conversationId: `a:${to.objectId}`, activityId };
    },
    update: async (at: Place, _, content) => {
      await onUpdate();
      const answer = answers.get("update")?.shift();
      if (answer !== undefined && answer.kind !== "delivered") return answer;
      const post = posts[Number(at.activityId)]!;
      post.content = content;
      post.history.push(content);
      return { kind: "delivered", ...at };
    },
  } satisfies Teams;
  return {
    teams,
    posts,
    cards: () => posts.filter(({ content }) => content.kind === "card"),
    of: (person: string) => posts.find(({ to }) => to.objectId === person)!,
    fail: (person: string, ...deliveries: Delivery[]) => answers.set(person, deliveries),
    whenPosting: (work: typeof onPost) => {
      onPost = work;
    },
    whenUpdating: (work: typeof onUpdate) => {
      onUpdate = work;
    },
  };
}

let store = memoryStore();
let sent: OutgoingCommand[] = [];
let chat = chats();
const effects = () =>
  approvalEffects(
    {
      host: { store, send: async (command) => void sent.push(command) },
      ...{ teams: chat.teams, tenants: new Map([[customer, tenantId]]) },
    },
    { pausesMs: [0, 0] },
  );
const perform = (one: Effect) => effects()(one, signal);
beforeEach(() => {
  store = memoryStore();
  sent = [];
  chat = chats();
});

const askedEffect = effect("approval.asked.v1", asked);
const spoken = new Map<string, "de" | "fr">([
  [ann, "de"],
  [ben, "fr"],
]);
const askedInTheirLanguages = effect("approval.asked.v1", {
  ...asked,
  approvers: asked.approvers.map((one) => {
    const language = spoken.get(one.objectId);
    return language === undefined ? one : { ...one, language };
  }),
});
const grantedEffect = effect("approval.granted.v1", {
  ...about,
  grantedBy: [ann, ben],
  via: "teams",
});
const saysOn = (content: Content) => JSON.stringify(content);

describe("asking", () => {
  test("E1: posts one card to every approver and reports each", async () => {
    await perform(askedEffect);
    expect(chat.cards().map(({ to }) => to)).toEqual(
      [ann, ben, cas].map((objectId) => ({ objectId, tenantId })),
    );
    expect(sent.map(({ type }) => type)).toEqual(Array(3).fill("card.posted.v1"));
    expect(sent[0]).toMatchObject({
      ...{
        customer,
        ticket,
        correlationid: ticket,
        subject: actionId,
        causationid: askedEffect.id,
      },
      data: { actionId, approver: ann, conversationId: `a:${ann}`, activityId: "0" },
    });
    expect(await listOpen(store, customer, { after: undefined, limit: 10 })).toEqual([actionId]);
  });

  test("E1, E3: a repeat posts nothing twice and sends the same commands", async () => {
    await perform(askedEffect);
    const first = [...sent];
    await perform(askedEffect);
    expect(chat.posts).toHaveLength(3);
    expect(sent.slice(3)).toEqual(first);
  });

  test("E1: a chat that Teams refuses is reported as failed at once", async () => {
    chat.fail(ben, { kind: "refused", code: "teams-refused" });
    await perform(askedEffect);
    expect(sent.find(({ type }) => type === "card.failed.v1")?.data).toEqual({
      ...{ actionId, approver: ben, code: "teams-refused" },
    });
    expect(chat.cards()).toHaveLength(2);
  });

  test("E1: a chat that cannot be reached is tried again", async () => {
    chat.fail(ben, { kind: "unavailable" }, { kind: "unavailable" });
    await perform(askedEffect);
    expect(chat.cards()).toHaveLength(3);
    expect(sent.map(({ type }) => type)).toEqual(Array(3).fill("card.posted.v1"));
  });

  test("E1: and reported as failed when it stays out of reach", async () => {
    chat.fail(ben, ...Array<Delivery>(3).fill({ kind: "unavailable" }));
    await perform(askedEffect);
    expect(sent.find(({ type }) => type === "card.failed.v1")?.data).toMatchObject({
      ...{ approver: ben, code: "teams-unavailable" },
    });
  });

  test("without a configured tenant nobody is written to", async () => {
    await expect(perform({ ...askedEffect, customer: "fabrikam" })).rejects.toThrow("fabrikam");
    expect(chat.posts).toEqual([]);
  });
});

describe("languages", () => {
  test("every approver's card is in that approver's language, and stays so", async () => {
    await perform(askedInTheirLanguages);
    expect(saysOn(chat.of(ann).content)).toContain(textsIn("de").title);
    expect(saysOn(chat.of(ben).content)).toContain(textsIn("fr").title);
    expect(saysOn(chat.of(cas).content)).toContain(english.title);
    await perform(
      effect("approval.refused.v1", {
        ...{ ...about, refusedBy: ann, code: "refused-by-approver", detail: "…" },
      }),
    );
    const why = "refused-by-approver";
    expect(saysOn(chat.of(ann).content)).toContain(textsIn("de").refusals[why]);
    expect(saysOn(chat.of(ben).content)).toContain(textsIn("fr").refusals[why]);
    expect(saysOn(chat.of(cas).content)).toContain(english.refusals[why]);
  });
});

describe("afterwards", () => {
  test("a grant that counts shows on the voter's card alone", async () => {
    await perform(askedEffect);
    await perform(effect("vote.accepted.v1", { ...about, voter: ann, votes: 1, quorum: 2 }));
    expect(saysOn(chat.of(ann).content)).toContain(english.counted(1, 2));
    expect(saysOn(chat.of(ben).content)).toContain("Action.Execute");
  });

  test.each([
    ["granted", grantedEffect, english.titleGranted],
    [
      "refused",
      effect("approval.refused.v1", {
        ...about,
        refusedBy: ann,
        code: "refused-by-approver",
        detail: "no",
      }),
      english.titleRefused,
    ],
    ["expired", effect("approval.expired.v1", about), english.titleExpired],
  ] as const)("E2: %s shows on every card, without buttons", async (_, end, text) => {
    await perform(askedEffect);
    await perform(end);
    for (const { content } of chat.cards()) {
      expect(saysOn(content)).toContain(text);
      expect(saysOn(content)).not.toContain("Action.Execute");
    }
    expect(await listOpen(store, customer, { after: undefined, limit: 10 })).toEqual([]);
  });

  test("E2: whoever granted is named on the card", async () => {
    await perform(askedEffect);
    await perform(grantedEffect);
    expect(saysOn(chat.of(cas).content)).toMatch(/"Ann".*"Ben"/);
  });

  test("E2: when the end comes before the asking, nobody is asked", async () => {
    await perform(grantedEffect);
    await perform(askedEffect);
    expect(chat.posts).toEqual([]);
    expect((await readAsk(store, customer, actionId))?.asked).toEqual(asked);
    expect(await listOpen(store, customer, { after: undefined, limit: 10 })).toEqual([]);
  });

  test("E2: when the end comes while a card is being posted, that card shows it", async () => {
    chat.whenPosting(async ({ objectId }) => {
      if (objectId === cas) await perform(grantedEffect);
    });
    await perform(askedEffect);
    for (const { content } of chat.cards()) expect(saysOn(content)).toContain(english.titleGranted);
  });

  test("E2: when the end comes while a counted grant is being shown, the end is what stays", async () => {
    await perform(askedEffect);
    let ended = false;
    chat.whenUpdating(async () => {
      if (ended) return;
      ended = true;
      await perform(grantedEffect);
    });
    await perform(effect("vote.accepted.v1", { ...about, voter: ann, votes: 1, quorum: 2 }));
    expect(saysOn(chat.of(ann).content)).toContain(english.titleGranted);
  });

  test("a card that Teams cannot change now brings the event back", async () => {
    await perform(askedEffect);
    chat.fail("update", { kind: "unavailable" });
    await expect(perform(grantedEffect)).rejects.toThrow(TeamsUnavailable);
    await perform(grantedEffect);
    for (const { content } of chat.cards()) expect(saysOn(content)).toContain(english.titleGranted);
  });

  test("a card whose chat is gone for good keeps nobody waiting", async () => {
    await perform(askedEffect);
    chat.fail("update", { kind: "refused", code: "teams-refused" });
    await perform(grantedEffect);
    expect(chat.cards().filter(({ history }) => history.length === 2)).toHaveLength(2);
  });
});

describe("a vote that did not count", () => {
  const rejected = (code: string) =>
    effect("vote.rejected.v1", { ...about, voter: eve, code, detail: english.rejections.closed });

  test("is explained to whoever cast it", async () => {
    await perform(rejected("closed"));
    expect(chat.posts.map(({ to, content }) => [to, content])).toEqual([
      [
        { objectId: eve, tenantId },
        { kind: "text", text: english.rejections.closed },
      ],
    ]);
  });

  test("is explained in the language of an approver, whatever their client speaks", async () => {
    await perform(askedInTheirLanguages);
    await perform(
      effect("vote.rejected.v1", {
        ...{ ...about, voter: ann, code: "already-voted", detail: "…" },
        language: "it",
      }),
    );
    expect(chat.posts.at(-1)?.content).toEqual({
      kind: "text",
      text: textsIn("de").rejections["already-voted"],
    });
  });

  test("is explained to a stranger in the language of their client", async () => {
    await perform(
      effect("vote.rejected.v1", {
        ...{ ...about, voter: eve, code: "not-an-approver", detail: "…" },
        language: "it",
      }),
    );
    expect(chat.posts.at(-1)?.content).toEqual({
      kind: "text",
      text: textsIn("it").rejections["not-an-approver"],
    });
  });

  test("is not explained to somebody of another tenant", async () => {
    await perform(rejected("other-tenant"));
    expect(chat.posts).toEqual([]);
  });
});

describe("whoever wrote to the bot is told", () => {
  test("that it is a ticket, and which", async () => {
    const userPrincipalName = "eve@contoso.example";
    const writer = { objectId: eve, tenantId, displayName: "Eve", userPrincipalName };
    const seed = "5e".repeat(32);
    await perform(effect("ticket.submitted.v1", { writer, activityId: "f:1", text: "help", seed }));
    expect(chat.of(eve)).toMatchObject({
      to: { objectId: eve, tenantId },
      content: { kind: "text", text: english.ticketOpened(ticket) },
    });
    expect(english.ticketOpened(ticket)).toContain(ticket.slice(0, 8));
  });

  test("in the language the directory says", async () => {
    const userPrincipalName = "eve@contoso.example";
    const person = { objectId: eve, tenantId, displayName: "Eve", userPrincipalName };
    const writer = { ...person, language: "fr" } as const;
    const seed = "5e".repeat(32);
    await perform(effect("ticket.submitted.v1", { writer, activityId: "f:1", text: "help", seed }));
    const text = textsIn("fr").ticketOpened(ticket);
    expect(chat.of(eve).content).toEqual({ kind: "text", text });
  });

  test("why it is none, in the client's language where the directory says none", async () => {
    const code = "writer-unknown";
    const detail = english.ticketRefusals[code];
    const language = "it";
    await perform(
      effect("ticket.refused.v1", { writer: eve, activityId: "f:1", code, detail, language }),
    );
    const text = textsIn("it").ticketRefusals[code];
    expect(chat.of(eve).content).toEqual({ kind: "text", text });
  });

  test("why it is none; and Teams being away brings the message back", async () => {
    const code = "writer-disabled";
    const refused = effect("ticket.refused.v1", {
      ...{ writer: eve, activityId: "f:1", code },
      detail: english.ticketRefusals[code],
    });
    chat.fail(eve, { kind: "unavailable" });
    await expect(perform(refused)).rejects.toThrow(TeamsUnavailable);
    await perform(refused);
    expect(chat.of(eve).content).toEqual({ kind: "text", text: english.ticketRefusals[code] });
  });
});
