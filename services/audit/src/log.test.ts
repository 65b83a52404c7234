import { parkedMaxMs } from "@niivo/contracts/audit";
import { describe, expect, test } from "vitest";
import { SealedEvent } from "./sealed-event.ts";
import { faultsIn, judged } from "./testing/judged.ts";
import { arrival, type SealTurns, sealTurns } from "./testing/seal-turns.ts";
import { people, permutations, startsAt, story, text } from "./testing/story.ts";

const { opened, requested, factsRequested, facts, allowed, access, all, ticket } = story();
const later = new Date(startsAt.getTime() + parkedMaxMs);
const due = (event: SealedEvent) => ({
  kind: "due" as const,
  eventId: event.id,
  ticket: event.ticket,
});

const idsOf = (turns: SealTurns) =>
  turns.entries().flatMap(({ event }) => (event === undefined ? [] : [event.id]));
const typesOf = (turns: SealTurns) => turns.entries().map(({ type }) => type);

/** Each message in a turn of its own. */
function tell(messages: readonly SealedEvent[]): SealTurns {
  const turns = sealTurns();
  for (const message of messages) turns.turn([arrival(message)]);
  return turns;
}

test("L17: without a chain and without the command that opens it there is nothing to seal on", () => {
  expect(() => sealTurns().turn([arrival(opened)], { head: undefined })).toThrow(TypeError);
});

test("L2: the first turn opens the chain, and announces the sealing key", () => {
  const turns = tell([opened]);
  expect(typesOf(turns)).toEqual(["chain.genesis", "sealing-key.announced", "ticket.opened.v1"]);
  const [genesis, announced] = turns.entries();
  expect(genesis).toMatchObject({ seq: 0, prev: genesis?.chain, writer: 1 });
  expect(announced?.detail).toMatchObject({ key: "d".repeat(64) });
});

test("L4: another process announces itself, and the epoch of its entries is one higher", () => {
  const turns = tell([opened]);
  turns.turn([arrival(requested)], {
    writer: { term: 2, instance: "second-process" },
  });
  expect(turns.entries().slice(3)).toMatchObject([
    { type: "writer.takeover", writer: 2, detail: { instance: "second-process" } },
    { type: "action.requested.v1", writer: 2 },
  ]);
});

test("another sealing key is announced before it is used, and each only once", () => {
  const turns = tell([opened, requested]);
  const validity = { notBefore: "", notAfter: "", endorsedBy: "vault" };
  const sealingKey = { digest: "e".repeat(64), ...validity, x: "", y: "", endorsement: "" };
  turns.turn([arrival(factsRequested)], { sealingKey });
  turns.turn([arrival(facts)], { sealingKey });
  expect(typesOf(turns).filter((type) => type === "sealing-key.announced")).toHaveLength(2);
});

test("L4: sealedAt never decreases, whatever the clock does", () => {
  const turns = tell([opened]);
  const earlier = new Date(startsAt.getTime() - 60_000);
  turns.turn([arrival(requested)], { now: earlier });
  expect(turns.entries().at(-1)?.sealedAt).toBe(startsAt.toISOString());
});

describe("L6: causes stand before their effects", () => {
  const inOrder = all.map(({ id }) => id);

  test("in every order of arrival, one message a turn", () => {
    for (const order of permutations(all)) {
      const turns = tell(order);
      expect(idsOf(turns)).toEqual(inOrder);
      expect(turns.known().parked.size).toBe(0);
      expect(faultsIn(judged(turns))).toEqual([]);
    }
  });

  test("in every order of arrival, all in one turn, without a timer", () => {
    for (const order of permutations(all)) {
      const turns = sealTurns();
      const { timers } = turns.turn(order.map(arrival));
      expect(idsOf(turns)).toEqual(inOrder);
      expect(timers).toEqual([]);
    }
  });

  test("a message before its cause is parked with a timer", () => {
    const turns = sealTurns();
    const { timers, messages } = turns.turn([arrival(requested)]);
    expect(messages).toEqual([]);
    expect(timers).toEqual([{ eventId: requested.id, arrival: 0, notBefore: later.toISOString() }]);
  });

  test("L38: a successor that has just begun to receive waits anew before it calls anything missing", () => {
    const turns = sealTurns();
    turns.turn([arrival(requested)]);
    const receivingMs = 10_000;
    const { timers, messages } = turns.turn([due(requested)], { now: later, receivingMs });
    expect(messages).toEqual([]);
    const notBefore = new Date(later.getTime() + parkedMaxMs - receivingMs).toISOString();
    expect(timers).toEqual([{ eventId: requested.id, arrival: 0, notBefore }]);
    turns.turn([arrival(opened)], { now: later, receivingMs });
    expect(turns.entries().flatMap(({ gap }) => gap ?? [])).toEqual([]);
    expect(faultsIn(judged(turns))).toEqual([]);
  });

  test("L38: a clock that was set back keeps nothing waiting, and calls nothing missing too early", () => {
    const setBack = new Date(startsAt.getTime() - 3_600_000);
    const turns = sealTurns();
    turns.turn([arrival(requested)]);
    turns.turn([due(requested)], { now: setBack, receivingMs: 10_000 });
    expect(idsOf(turns)).toEqual([]);
    turns.turn([due(requested)], { now: setBack, receivingMs: parkedMaxMs });
    expect(turns.entries().at(-1)).toMatchObject({ gap: { cause: true } });
  });

  test("a message whose cause is a receipt of ours waits for nothing", () => {
    const turns = tell(all);
    const { started } = story();
    const receipt = "3f2c1d52-8a3c-8e1f-9d4b-0123456789ab";
    turns.published(receipt);
    turns.turn([arrival(started(receipt, { seq: 6, entryHash: "0".repeat(64) }))]);
    expect(typesOf(turns).at(-1)).toBe("action.started.v1");
  });

  test("the platform's chain waits for no cause: it lies in another chain", () => {
    const turns = sealTurns();
    const { messages } = turns.turn([arrival(requested)], { customer: "platform" });
    expect(messages).toHaveLength(1);
  });
});

describe("L6: what waits in vain is sealed at its timer, with a gap mark", () => {
  test("without its cause", () => {
    const turns = sealTurns();
    turns.turn([arrival(requested)]);
    turns.turn([due(requested)], { now: later });
    expect(turns.entries().at(-1)).toMatchObject({ gap: { cause: true, missing: 0 } });
    expect(judged(turns).verdicts).toMatchObject({
      integrity: "OK",
      completeness: "INGRESS_GAP",
    });
  });

  test("without the message before it, and then what waited for it follows without a mark", () => {
    const turns = tell([opened, requested, facts, allowed]);
    turns.turn([due(facts)], { now: later });
    turns.turn([due(allowed)], { now: later });
    expect(turns.entries().slice(-2)).toMatchObject([
      { type: "facts.attested.v1", gap: { cause: true, missing: 0 } },
      { type: "action.allowed.v1", gap: { cause: false, missing: 1 } },
    ]);
  });

  test("with what is parked and belongs before it sealed first", () => {
    const turns = tell([facts, allowed, access]);
    turns.turn([due(access)], { now: later });
    expect(idsOf(turns)).toEqual([facts, allowed, access].map(({ id }) => id));
    turns.turn([due(facts)], { now: later });
    expect(idsOf(turns)).toHaveLength(3);
  });

  test("and the late message closes the gap, in its own words", () => {
    const turns = tell([opened, requested, facts, allowed]);
    turns.turn([due(facts), due(allowed)], { now: later });
    expect(judged(turns).verdicts.completeness).toBe("INGRESS_GAP");
    turns.turn([arrival(factsRequested)], { now: later });
    expect(turns.entries().at(-1)).toMatchObject({ detail: { late: true } });
    expect(faultsIn(judged(turns))).toEqual([]);
  });

  test("a timer that comes early is set again, and nothing is lost", () => {
    const turns = sealTurns();
    turns.turn([arrival(requested)]);
    const { timers, messages } = turns.turn([due(requested)]);
    expect(messages).toEqual([]);
    expect(timers).toEqual([{ eventId: requested.id, arrival: 0, notBefore: later.toISOString() }]);
  });

  test("two messages that name each other as causes are both sealed", () => {
    const one = { ...opened, causationid: requested.id };
    const turns = tell([one, requested]);
    turns.turn([due(one)], { now: later });
    expect(idsOf(turns).toSorted()).toEqual([opened.id, requested.id].toSorted());
  });
});

describe("L5: one message is sealed once", () => {
  test("a repeat adds nothing, sealed or parked, in one turn or in two", () => {
    const turns = tell([opened, opened, access, access]);
    turns.turn([arrival(opened), arrival(access)]);
    expect(idsOf(turns)).toEqual([opened.id]);
    expect(turns.known().parked.size).toBe(1);
  });

  test("the same id with another content is recorded with both digests", () => {
    const forged = { ...opened, correlationid: requested.id };
    const turns = tell([opened, forged]);
    const conflict = turns.entries().at(-1);
    expect(conflict).toMatchObject({ type: "ingress.conflict", outcome: "conflict" });
    expect(conflict?.detail["met"]).not.toBe(conflict?.detail["arrived"]);
    expect(judged(turns).verdicts.integrity).toBe("OK");
    expect(faultsIn(judged(turns))).toMatchObject([
      { code: "INGRESS_CONFLICT", from: conflict?.seq },
    ]);
  });

  test("L7: a publisher that takes another's id in advance hides nothing", () => {
    const squatter: SealedEvent = { ...requested, id: opened.id, causationid: undefined };
    const turns = tell([squatter, opened]);
    expect(typesOf(turns).slice(2)).toEqual(["action.requested.v1", "ticket.opened.v1"]);
  });
});

test("L7: a long wait ends in as many turns as it needs, and nobody is left behind", () => {
  const many = Array.from(
    { length: 40 },
    (_, index): SealedEvent => ({
      ...opened,
      id: `00000000-0000-8000-8000-${String(index).padStart(12, "0")}`,
      sequence: index + 1,
    }),
  );
  const turns = tell(many.slice(1));
  let timers = turns.turn([arrival(many[0]!)]).timers;
  let rounds = 0;
  for (; timers.length > 0; rounds += 1)
    timers = turns.turn(
      timers.map(({ eventId }) => ({ kind: "due" as const, eventId, ticket: opened.ticket })),
    ).timers;
  expect(rounds).toBeGreaterThan(2);
  expect(idsOf(turns)).toEqual(many.map(({ id }) => id));
});

test("an allow that another ticket's message would release waits for its own timer", () => {
  const other: SealedEvent = { ...facts, ticket: story("two").ticket };
  const turns = tell([opened, requested, factsRequested, allowed]);
  turns.turn([arrival(other)]);
  expect(typesOf(turns).at(-1)).toBe("facts.attested.v1");
  turns.turn([due(allowed)], { now: later });
  expect(turns.entries().at(-1)).toMatchObject({ type: "action.allowed.v1" });
  expect(turns.entries().at(-1)?.gap).toBeUndefined();
});

test("a ticket's entries are linked back to its first", () => {
  const links = tell(all)
    .entries()
    .flatMap(({ seq, ticket: link }) => (link === undefined ? [] : [{ at: seq, ...link }]));
  expect(links.map(({ at, prev }) => [prev, at])).toEqual([
    [undefined, 2],
    [2, 3],
    [3, 4],
    [4, 5],
    [5, 6],
    [6, 7],
  ]);
  expect(links.every(({ id }, index) => id === ticket && links[index]?.seq === index)).toBe(true);
});

test("L1: no free text and no name of a person stands in an entry", () => {
  const { started, completed, resolved } = story();
  const receipt = "3f2c1d52-8a3c-8e1f-9d4b-0123456789ab";
  const turns = tell(all);
  turns.published(receipt);
  for (const event of [
    started(receipt, { seq: 6, entryHash: "0".repeat(64) }),
    completed,
    resolved,
  ])
    turns.turn([arrival(event)]);
  const written = turns
    .sealed()
    .map(({ text: bytes }) => bytes)
    .join("\n");
  for (const secret of [text, "Anna", "muster", "contoso.example", ...Object.values(people)])
    expect(written.toLowerCase()).not.toContain(secret.toLowerCase());
  expect(written).toContain("psn:");
});

test("L1: a message in Teams is told by its writer's pseudonym and its end, never by its words", () => {
  const { requester } = opened.type === "ticket.opened.v1" ? opened.data : failed();
  if (requester.assurance !== "verified") throw new TypeError("the story has a verified requester");
  const { objectId, tenantId, displayName, userPrincipalName } = requester;
  const writer = { objectId, tenantId, displayName, userPrincipalName };
  const written = { activityId: "f:1", text, seed: "7".repeat(64) };
  const said = (id: string, type: string, sequence: number, data: unknown) =>
    SealedEvent.parse({
      ...{ ...opened, id, type, source: "approvals", sequence, data },
      causationid: undefined,
    });
  const refusal = { writer: objectId, activityId: "f:2", code: "no-text", detail: text };
  const turns = tell([
    said("3f2c1d52-8a3c-8e1f-9d4b-0123456789ac", "ticket.submitted.v1", 1, { writer, ...written }),
    said("3f2c1d52-8a3c-8e1f-9d4b-0123456789ad", "ticket.refused.v1", 2, refusal),
  ]);
  const [submitted, refused] = turns.entries().slice(-2);
  expect(submitted).toMatchObject({ type: "ticket.submitted.v1", detail: { channel: "teams" } });
  expect(refused).toMatchObject({ type: "ticket.refused.v1", outcome: "no-text" });
  expect(submitted?.actor).toMatch(/^psn:/);
  expect(refused?.actor).toBe(submitted?.actor);
  const bytes = turns
    .sealed()
    .map((sealed) => sealed.text)
    .join("\n");
  for (const secret of [text, displayName, userPrincipalName, objectId, "f:1"])
    expect(bytes).not.toContain(secret);
});

const failed = (): never => {
  throw new Error("the story changed");
};

test("L1: a tool that does not exist is not named", () => {
  if (requested.type !== "action.requested.v1") throw new Error("the story changed");
  const { action } = requested.data;
  const named = {
    ...requested,
    data: { ...requested.data, action: { ...action, tool: "anna.muster" } },
  };
  const turns = tell([opened, named]);
  const entry = turns.entries().at(-1);
  expect(entry?.action?.tool).toBeUndefined();
  expect(entry?.detail["toolListed"]).toBe(false);
});
