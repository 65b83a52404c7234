// The whole policy service in this process: real bindings, commits and envelopes, on a memory bus.

import { type Action, actionDigest } from "@niivo/contracts/action";
import { derivedId } from "@niivo/contracts/canonical";
import type { Envelope, TopicName } from "@niivo/contracts/envelope";
import { policy } from "@niivo/contracts/policy";
import { subscriptions } from "@niivo/contracts/topology";
import { inProcess } from "@niivo/host/testing/in-process";
import { describe, expect, test } from "vitest";
import type { activation } from "../src/activation.ts";
import type { Input } from "../src/input.ts";
import { announcePolicySet, policyBindings } from "../src/service.ts";
import { about, contoso, defaultText, facts, now, setOf, ticket, verified } from "./people.ts";
import { answers, grants, opened, question, requests } from "./story.ts";

const reads = subscriptions.filter(({ reader }) => reader === "policy");
const me = verified("ann");
const bob = verified("bob");

function start(text = defaultText, more: Partial<Parameters<typeof inProcess>[0]> = {}) {
  const options = { customers: [contoso], policySet: setOf(text), approvalSecondsMax: 1800 };
  const running = inProcess({
    name: "policy",
    contract: policy,
    bindings: () => policyBindings(options),
    customers: options.customers,
    subscriptions: reads,
    startsAt: now,
    ...more,
  });
  let sent = 0;
  return {
    ...running,
    announce: () => announcePolicySet(running.host, options),
    /** Publishes what a neighbour says, and lets the service handle it and all that follows. */
    say: async ({ source, id, type, data }: Input) => {
      sent += 1;
      const envelope = {
        ...{ specversion: "1.0", id, source, type, data, subject: ticket, sequence: sent },
        ...{ time: running.clock.now().toISOString(), customer: contoso.id, ticket },
        correlationid: ticket,
      } satisfies Envelope;
      await running.bus.publisher(source).publish([{ envelope }]);
      await running.bus.idle();
    },
    published: (topic: TopicName = "policy") =>
      running.bus.stored(topic).filter(({ type }) => !type.startsWith("decision.due")),
  };
}

const types = (envelopes: readonly Envelope[]) => envelopes.map(({ type }) => type);
const attestedAgain = (wanted: Action, attestedAt: string) =>
  answers(wanted, facts("ann"), { request: question(wanted, 2), attestedAt });

describe("one service", () => {
  test("asks for facts and allows", async () => {
    const reset = about("password.reset", "ann");
    const service = start();
    for (const message of [opened(me), requests(reset), answers(reset, facts("ann"))])
      await service.say(message);
    expect(types(service.published())).toEqual(["facts.requested.v1", "action.allowed.v1"]);
    expect(service.published().at(-1)).toMatchObject({
      ...{ source: "policy", customer: "contoso", ticket, sequence: 2 },
      data: { digest: actionDigest(reset), mode: "log" },
    });
    expect(reads.flatMap((one) => service.bus.deadLetters(`${one.topic}/${one.name}`))).toEqual([]);
  });

  test("is asked before its ticket is known, and decides all the same", async () => {
    const reset = about("password.reset", "ann");
    const service = start();
    for (const message of [requests(reset), opened(me), answers(reset, facts("ann"))])
      await service.say(message);
    expect(types(service.published()).at(-1)).toBe("action.allowed.v1");
  });

  test("P7: asks people, then decides again on facts read after their grant", async () => {
    const reset = about("password.reset", "ann");
    const service = start();
    for (const message of [opened(bob), requests(reset), answers(reset, facts("ann"))])
      await service.say(message);
    service.clock.advance(600_000);
    await service.say(grants(reset, [derivedId("person", "carl")]));
    await service.say(attestedAgain(reset, service.clock.now().toISOString()));
    expect(types(service.published())).toEqual([
      "facts.requested.v1",
      "approval.required.v1",
      "facts.requested.v1",
      "action.allowed.v1",
    ]);
    expect(service.published().at(-1)).toMatchObject({ data: { mode: "approved" } });
  });

  test("P8: denies by its own timer when the facts do not come", async () => {
    const reset = about("password.reset", "ann");
    const service = start();
    await service.say(opened(me));
    await service.say(requests(reset));
    service.clock.advance(239_999);
    await service.bus.idle();
    expect(types(service.published())).toEqual(["facts.requested.v1"]);
    service.clock.advance(1);
    await service.bus.idle();
    expect(service.published().at(-1)).toMatchObject({ data: { code: "facts-unavailable" } });
  });

  test("a redelivered request is decided once", async () => {
    const reset = about("password.reset", "ann");
    const service = start();
    for (const message of [opened(me), requests(reset), requests(reset)])
      await service.say(message);
    expect(new Set(service.published().map(({ id }) => id)).size).toBe(1);
  });

  test("a successor on the same store goes on where the first ended", async () => {
    const reset = about("password.reset", "ann");
    const { bus, store, clock, ...first } = start();
    await first.say(opened(me));
    await first.say(requests(reset));
    bus.crash();
    const second = start(defaultText, { bus, store, clock });
    await second.say(answers(reset, facts("ann")));
    expect(types(second.published()).at(-1)).toBe("action.allowed.v1");
  });
});

describe("P11: the policy set in force", () => {
  const sets = (envelopes: readonly Envelope[]) =>
    envelopes
      .filter(({ type }) => type === "policy.activated.v1")
      .map(({ data }) => policy.events["policy.activated.v1"].shape.data.parse(data).policySet);

  test("P11: is published once, and again only when it changes, back included", async () => {
    const { bus, store, clock, ...first } = start();
    await first.announce();
    await bus.idle();
    for (const text of [defaultText, "", "", defaultText]) {
      bus.crash();
      clock.advance(1000);
      const next = start(text, { bus, store, clock });
      await next.announce();
      await bus.idle();
    }
    const [one, none] = [setOf(defaultText).digest, setOf("").digest];
    expect(sets(bus.stored("policy"))).toEqual([one, none, one]);
  });

  test("P11: concerns no ticket", async () => {
    const service = start();
    await service.announce();
    await service.bus.idle();
    const event = service.published().find(({ type }) => type === "policy.activated.v1");
    expect(event).toMatchObject({ customer: "contoso", data: { policies: 17 } });
    expect(event?.ticket).toBeUndefined();
  });
});

test("the actors read exactly what the topology sends them", () => {
  const inputs: Record<Input["type"], true> = {
    "ticket.opened.v1": true,
    "action.requested.v1": true,
    "ticket.resolved.v1": true,
    "ticket.escalated.v1": true,
    "facts.attested.v1": true,
    "approval.granted.v1": true,
    "approval.refused.v1": true,
    "approval.expired.v1": true,
    "authorization.lapsed.v1": true,
    "action.completed.v1": true,
    "action.failed.v1": true,
    "action.unknown.v1": true,
    "decision.due.v1": true,
  };
  type Control = Parameters<(typeof activation)["decide"]>[0]["type"];
  const controls: Record<Control, true> = { "policy.activate.v1": true };
  const bound = policyBindings({
    customers: [contoso],
    policySet: setOf(""),
    approvalSecondsMax: 1800,
  }).map((binding) => binding.subscriptions.flatMap((one) => one.types).toSorted());
  expect(bound).toEqual([
    Object.keys(inputs).toSorted(),
    Object.keys(controls),
    ["erasure.ordered.v1"],
  ]);
});
