// Notices, in the actor and in the effects: told once, to today's group, and never silently not.

import { derivedId } from "@niivo/contracts/canonical";
import { memoryStore } from "@niivo/host/memory-store";
import { specify } from "@niivo/host/testing/specify";
import { describe, expect, test } from "vitest";
import {
  actionId,
  ann,
  attestedInput,
  ben,
  customer,
  digest,
  group,
  groupAnswer,
  required,
  start,
  tenantId,
  ticket,
  voteInput,
} from "../test/example.ts";
import { approvals } from "./actor.ts";
import { noticeMs } from "./notice.ts";
import { type Notice, noticeCard } from "./notice-card.ts";
import { noticeLost, postNotices } from "./notices.ts";
import type { Allowed, Event, Input } from "./state.ts";
import type { Content, Delivery } from "./teams.ts";
import { english, textsIn } from "./texts.ts";

const { given } = specify(approvals, start);
const envelope = {
  ...{ id: derivedId("message"), customer, ticket },
  time: start.toISOString(),
};
const { action, requester, target, basis } = required;
const request = derivedId(actionId, "notice");
const at = (ms: number) => new Date(start.getTime() + ms);

const allow: Allowed = {
  ...{ action, digest, requester, target, basis, mode: "notify", attempt: 1 },
  notice: { group, groupName: "identity-approvers" },
  expiresAt: at(300_000).toISOString(),
};
const allowed = (change: Partial<Allowed> = {}): Input => ({
  ...{ ...envelope, source: "policy", type: "action.allowed.v1" },
  data: { ...allow, ...change },
});
const about = { actionId, digest, tool: action.tool, mode: "notify" } as const;
const completed = (of = digest): Input => ({
  ...{ ...envelope, source: "broker", type: "action.completed.v1" },
  data: { ...about, digest: of, result: {}, costMicroChf: 0 },
});
const failed: Input = {
  ...{ ...envelope, source: "broker", type: "action.failed.v1" },
  data: { ...about, code: "graph-refused", detail: "403", costMicroChf: 0 },
};
const delivered = (reached: number, missed: number): Input => ({
  ...{ ...envelope, source: "approvals", type: "notice.delivered.v1" },
  data: { actionId, reached, missed },
});
const due: Input = {
  ...{ ...envelope, source: "approvals", type: "notice.due.v1" },
  data: { actionId },
};

const knowsAllow: Event = { type: "note.notice-allowed", data: allow };
const knowsEnd: Event = {
  type: "note.notice-outcome",
  data: { digest, outcome: { kind: "completed" } },
};
const gathers: readonly Event[] = [
  {
    type: "facts.requested.v1",
    data: { request, actionId, question: { kind: "group", group } },
  },
  { type: "notice.due.v1", data: { actionId }, notBefore: at(noticeMs).toISOString() },
];
const readers = (...ids: string[]) => ids.map((objectId) => ({ objectId }));
const post = (outcome: Notice["outcome"], people: Notice["people"]): Event => ({
  type: "notice.post.v1",
  data: { ...{ actionId, digest, action, requester, target, outcome, people } },
});
const notTold = (code: string): Event => ({
  type: "notice.failed.v1",
  data: { actionId, digest, code },
});
const waiting = [knowsAllow, knowsEnd, ...gathers];

describe("the actor", () => {
  test("N1: nothing happens until the outcome, then today's group is asked for", () => {
    given().when(allowed()).decides(knowsAllow);
    given(knowsAllow)
      .when(completed())
      .decides(knowsEnd, ...gathers);
  });

  test("N3: an outcome that comes before its allow waits for it", () => {
    given().when(completed()).decides(knowsEnd);
    given(knowsEnd)
      .when(allowed())
      .decides(knowsAllow, ...gathers);
  });

  test("everybody in the group is told, once each, and the post is recorded", () => {
    given(...waiting)
      .when(attestedInput(request, groupAnswer(ann, ben, ann)))
      .decides(post({ kind: "completed" }, readers(ann, ben)));
    given(...waiting)
      .when(delivered(2, 1))
      .decides({
        type: "notice.posted.v1",
        data: {
          ...{ actionId, digest, tool: action.tool, agent: action.agent },
          ...{ outcome: "completed", reached: 2, missed: 1 },
        },
      });
  });

  test("a failed action is told too, with its code", () => {
    given(knowsAllow)
      .when(failed)
      .decides(
        {
          type: "note.notice-outcome",
          data: { digest, outcome: { kind: "failed", code: "graph-refused" } },
        },
        ...gathers,
      );
  });

  test.each<[string, Input]>([
    ["nobody-reached", delivered(0, 3)],
    ["nobody-to-tell", attestedInput(request, groupAnswer())],
    ["people-unavailable", attestedInput(request, { kind: "unavailable" })],
  ])("N2: %s is an event", (code, input) => {
    given(...waiting)
      .when(input)
      .decides(notTold(code));
  });

  test("N2: the wait ends, and a timer that comes early is set again", () => {
    given(...waiting)
      .when(due, at(noticeMs))
      .decides(notTold("not-in-time"));
    given(...waiting)
      .when(due, at(noticeMs - 1))
      .decides(...gathers.slice(1));
  });

  test("N3: an outcome of another digest is told to nobody", () => {
    given(knowsAllow)
      .when(completed("0".repeat(64)))
      .decides(
        {
          type: "note.notice-outcome",
          data: { digest: "0".repeat(64), outcome: { kind: "completed" } },
        },
        notTold("digest-mismatch"),
      );
  });

  test("N4: an answer to another question, a second outcome and a late copy tell nothing", () => {
    given(...waiting)
      .when(attestedInput(derivedId("another"), groupAnswer(ann)))
      .decides();
    given(...waiting)
      .when(completed())
      .decides();
    given(...waiting)
      .when(allowed({ attempt: 2 }))
      .decides();
    given(...waiting, notTold("not-in-time"))
      .when(delivered(3, 0))
      .decides();
  });

  test("A4: a vote about it is rejected like any vote nobody was asked for", () => {
    given(...waiting)
      .when(voteInput(ann))
      .decides(
        expect.objectContaining({
          type: "vote.rejected.v1",
          data: expect.objectContaining({ code: "unknown-approval" }) as unknown,
        }) as Event,
      );
  });
});

const notice: Notice = {
  ...{ actionId, digest, action, requester, target, people: readers(ann, ben) },
  outcome: { kind: "completed" },
};

describe("the card", () => {
  test("shows what ran, for whom, by whom, the digest, and no button", () => {
    const text = JSON.stringify(noticeCard(notice, english));
    for (const part of [action.tool, "tom@contoso.example", "Rita Requester", action.agent])
      expect(text).toContain(part);
    expect(text).toContain(`#${digest.slice(0, 6)}`);
    expect(text).not.toContain("Action.");
  });

  test("says why it failed", () => {
    const card = noticeCard(
      { ...notice, outcome: { kind: "failed", code: "no-units-left" } },
      english,
    );
    expect(JSON.stringify(card)).toContain("no-units-left");
  });

  test("arguments that no card can carry are left out, and it says so", () => {
    const large = { ...action, arguments: { user: "x".repeat(40_000) } };
    const text = JSON.stringify(noticeCard({ ...notice, action: large }, english));
    expect(text.length).toBeLessThan(25_000);
    expect(text).toMatch(/too large/);
  });
});

describe("posting", () => {
  const signal = new AbortController().signal;
  const effect = {
    ...{ ...envelope, source: "approvals" as const, type: "notice.post.v1" as const },
    data: notice,
  };
  function chats(...answers: Delivery["kind"][]) {
    const posts: { readonly person: string; readonly content: Content }[] = [];
    const teams = {
      post: async (to: { readonly objectId: string }, content: Content): Promise<Delivery> => {
        const kind = answers.shift() ?? "delivered";
        if (kind === "unavailable") return { kind };
        if (kind === "refused") return { kind, code: "teams-refused" };
        posts.push({ person: to.objectId, content });
        return { kind, conversationId: "a:1", activityId: "1" };
      },
      update: async (): Promise<Delivery> => ({ kind: "unavailable" }),
    };
    return { teams, posts };
  }
  const parts = (teams: ReturnType<typeof chats>["teams"], store = memoryStore()) => ({
    host: { store, send: async () => {} },
    teams,
    tenants: new Map([[customer, tenantId]]),
  });
  const says = (reached: number, missed: number) => ({
    type: "notice.delivered.v1",
    data: { actionId, reached, missed },
  });

  test("O1: a repeat posts to nobody who has it already", async () => {
    const { teams, posts } = chats();
    const perform = postNotices(parts(teams), []);
    expect(await perform(effect, signal)).toEqual(says(2, 0));
    expect(await perform(effect, signal)).toEqual(says(2, 0));
    expect(posts.map(({ person }) => person)).toEqual([ann, ben]);
  });

  test("everybody is told in the language the directory says", async () => {
    const { teams, posts } = chats();
    const people = [{ objectId: ann, language: "fr" as const }, { objectId: ben }];
    await postNotices(parts(teams), [])({ ...effect, data: { ...notice, people } }, signal);
    expect(posts.map(({ content }) => JSON.stringify(content))).toEqual([
      expect.stringContaining(textsIn("fr").notice.noAnswer),
      expect.stringContaining(english.notice.noAnswer),
    ]);
    expect(posts[0]?.content).toMatchObject({ summary: textsIn("fr").notice.notification });
  });

  test("O2: who cannot be reached is tried again, then counted as missed", async () => {
    const once = chats("unavailable");
    expect(await postNotices(parts(once.teams), [1])(effect, signal)).toEqual(says(2, 0));
    const never = chats("unavailable", "refused", "unavailable");
    expect(await postNotices(parts(never.teams), [1])(effect, signal)).toEqual(says(0, 2));
  });

  test("O2: a notice that nobody could finish counts as missed by all", () => {
    expect(noticeLost(effect)).toEqual(says(0, 2));
  });
});
