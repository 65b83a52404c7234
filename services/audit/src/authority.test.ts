import { receiptWithheld } from "@niivo/contracts/evidence/authority";
import { describe, expect, test } from "vitest";
import { SealedEvent } from "./sealed-event.ts";
import { approvedStory } from "./testing/approved-story.ts";
import { faultsIn, judged } from "./testing/judged.ts";
import { arrival, type SealTurns, sealTurns } from "./testing/seal-turns.ts";
import { customer, people, permutations, story } from "./testing/story.ts";

const receiptId = "3f2c1d52-8a3c-8e1f-9d4b-0123456789ab";
const logged = story();
const approved = approvedStory();

/** A change of some fields of a message, which keeps its type and stands in a counter of its own. */
function changed(event: SealedEvent, fields: object, data: object = {}): SealedEvent {
  const apart = { subject: "apart", sequence: 1 };
  return SealedEvent.parse({ ...event, ...apart, ...fields, data: { ...event.data, ...data } });
}

const naming = (grantedBy: readonly string[] | undefined, allow: SealedEvent) =>
  changed(allow, {}, { grantedBy });

/** A message each turn; the last one is the allow, as the effect of the first. */
function told(messages: readonly SealedEvent[], allow: SealedEvent): SealTurns {
  const turns = sealTurns();
  for (const message of messages) turns.turn([arrival(message)]);
  turns.turn([arrival(changed(allow, { causationid: messages[0]?.id }))]);
  expect(turns.known().parked.size).toBe(0);
  return turns;
}

const outcomeOf = (messages: readonly SealedEvent[], allow: SealedEvent) => {
  const last = told(messages, allow).entries().at(-1);
  expect(last?.type).toBe("action.allowed.v1");
  return last?.outcome;
};

describe("L16: an allow is entitled to a receipt", () => {
  const { opened, requested, allowed } = logged;

  test("when the agent requested the action", () => {
    expect(outcomeOf([opened, requested], allowed)).toBeUndefined();
  });

  test("when people granted what the agent requested", () => {
    const { opened: first, requested: request, granted, allowed: allow } = approved;
    const grant = changed(granted, { causationid: request.id });
    expect(outcomeOf([first, request, grant], allow)).toBeUndefined();
  });

  test("when it names some of those who granted, however their ids are written", () => {
    const { opened: first, requested: request, granted, allowed: allow } = approved;
    const grantedBy = [people.anna, people.boss.toUpperCase()];
    const grant = changed(granted, { causationid: request.id }, { grantedBy });
    expect(outcomeOf([first, request, grant], allow)).toBeUndefined();
  });

  test("in every order in which one turn receives the whole story", () => {
    const orders = permutations(approved.all).filter((_, index) => index % 37 === 0);
    for (const order of orders) {
      const turns = sealTurns();
      turns.turn(order.map(arrival));
      const allow = turns.entries().find(({ type }) => type === "action.allowed.v1");
      expect(allow).toBeDefined();
      expect(allow?.outcome).toBeUndefined();
    }
  });
});

describe("L16: an allow is sealed without a receipt", () => {
  const { opened, requested, allowed } = approved;
  const granted = changed(approved.granted, { causationid: requested.id });
  const asked = [opened, requested];
  const others = story("two");
  const theirs = approvedStory("approved", customer, [people.boss, people.anna]).allowed;
  const grantedOther = changed(granted, {}, { digest: "0".repeat(64) });
  const unasked = changed(granted, { causationid: opened.id });
  const loggedAs = (source: string) => [logged.opened, changed(logged.requested, { source })];

  test.each<[string, readonly SealedEvent[], SealedEvent]>([
    ["nobody requested it", [logged.opened], logged.allowed],
    ["people granted what nobody requested", [opened, unasked], allowed],
    ["the agent requested something else", [others.opened, others.requested], logged.allowed],
    ["nobody granted it", asked, allowed],
    ["people granted something else", [...asked, grantedOther], allowed],
    ["fewer people granted it than it names", [...asked, granted], theirs],
    ["it says approved and names nobody", [...asked, granted], naming(undefined, allowed)],
    ["it names another person", [...asked, granted], naming([people.anna], allowed)],
    ["it says log and names people", asked, changed(allowed, {}, { mode: "log" })],
    ["the request came on policy's topic", loggedAs("policy"), logged.allowed],
    [
      "it came on the broker's topic",
      loggedAs("agent"),
      changed(logged.allowed, { source: "broker" }),
    ],
    [
      "the grant came on policy's topic",
      [...asked, changed(granted, { source: "policy" })],
      allowed,
    ],
    [
      "the grant came on the agent's topic",
      [...asked, changed(granted, { source: "agent" })],
      allowed,
    ],
  ])("because %s", (_, messages, allow) => {
    expect(outcomeOf(messages, allow)).toBe(receiptWithheld);
  });

  test("and a request or a grant that comes after it changes nothing", () => {
    const turns = told([opened], allowed);
    for (const late of [requested, granted]) turns.turn([arrival(late)]);
    turns.turn([arrival(changed(allowed, { causationid: opened.id }))]);
    const allows = turns.entries().filter(({ type }) => type === "action.allowed.v1");
    expect(allows.map(({ outcome }) => outcome)).toEqual([receiptWithheld]);
  });
});

describe("L16: the verifier finds an action that was started", () => {
  const { opened, requested, allowed } = logged;

  /** The action is started all the same, on a receipt that names the allow's entry. */
  function startedAfter(turns: SealTurns): SealTurns {
    const allow = turns.sealed().findLast(({ entry }) => entry.type === "action.allowed.v1");
    turns.published(receiptId);
    const receipt = { seq: allow?.entry.seq ?? 0, entryHash: allow?.hash ?? "" };
    const started = logged.started(receiptId, receipt);
    turns.turn([arrival(changed(started, {}))]);
    return turns;
  }

  test("on an allow that was requested: nothing is wrong", () => {
    const report = judged(startedAfter(told([opened, requested], allowed)));
    expect(faultsIn(report)).toEqual([]);
  });

  test.each([
    ["nobody had requested", [opened], allowed],
    ["nobody had granted", [opened, requested], approvedStory("one").allowed],
  ])("on an allow that %s: unauthorized", (_, messages, allow) => {
    const turns = startedAfter(told(messages, allow));
    const seq = turns.head().size - 1;
    expect(faultsIn(judged(turns))).toContainEqual(
      expect.objectContaining({ code: "UNAUTHORIZED", from: seq }),
    );
  });
});
