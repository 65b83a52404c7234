// Effects: only announced secrets, at most once, and always an end.

import type { FactsQuestion } from "@niivo/contracts/facts";
import { memoryStore } from "@niivo/host/memory-store";
import { describe, expect, test } from "vitest";
import { brokerEffects, type EffectInput, type EffectParts } from "./effects.ts";
import { type Execution, type Executor, failed, type SecretAnswer } from "./ports.ts";
import { secretLinks } from "./secret-links.ts";
import { fakeGraph, linkKey, noSessions, refused, sessionsOf } from "./testing/executions.ts";
import {
  action,
  command,
  customer,
  digest,
  id,
  ids,
  instant,
  now,
  platformVaultUrl,
  requester,
  target,
} from "./testing/fixtures.ts";

const started = (change: object = {}, customerId = "contoso"): EffectInput => ({
  ...command("action.started.v1", {
    action: { ...action, ...change },
    digest,
    mode: "approved" as const,
    requester,
    target,
    receipt: { chain: digest, seq: 1, entryHash: digest, nonce: digest },
  }),
  customer: customerId,
});
const question: FactsQuestion = { kind: "member", group: id(1), person: ids.lena };
const order = (customerId = "contoso"): EffectInput => ({
  ...command("facts.fetch.v1", {
    request: id(80),
    actionId: ids.action,
    requestedBy: "approvals" as const,
    question,
  }),
  customer: customerId,
});
const signal = new AbortController().signal;

function effectsWith(execute: Executor, change: Partial<EffectParts> = {}) {
  const reads: string[] = [];
  const bugs: string[] = [];
  const effects = brokerEffects({
    customers: [customer],
    platformVaultUrl,
    readSecret: async ({ vaultUrl, name }) => {
      reads.push(`${new URL(vaultUrl).host}/${name}`);
      return { kind: "secret", value: () => "value" };
    },
    sessions: noSessions,
    executors: { "password.reset": execute, "ticket.reply": execute },
    storedSecret: async () => undefined,
    now: () => now,
    onBug: (actionId) => bugs.push(actionId),
    ...change,
  });
  return { effects, reads, bugs };
}
const done = failed("test", "done");

describe("a started action", () => {
  test("E1 reads what was announced for its tool, and nothing else", async () => {
    const answers: SecretAnswer[] = [];
    const readAll = async ({ readSecret }: Execution) => {
      for (const name of ["executor-password-secret", "secret-link-key", "facts-secret"])
        answers.push(await readSecret(name));
      return done;
    };
    const { effects, reads } = effectsWith(readAll);
    await effects.perform(started(), signal);
    expect(reads).toEqual([
      "contoso-niivo.vault.azure.net/executor-password-secret",
      "contoso-niivo.vault.azure.net/secret-link-key",
    ]);
    expect(answers.at(-1)).toMatchObject({ kind: "failed", code: "credential-unannounced" });
  });
  test("E1 the bot's secret is read from the platform's vault", async () => {
    const { effects, reads } = effectsWith(async ({ readSecret }) => {
      await readSecret("bot-client-secret");
      return done;
    });
    await effects.perform(started({ tool: "ticket.reply" }), signal);
    expect(reads).toEqual(["niivo-platform.vault.azure.net/bot-client-secret"]);
  });
  test("ends as its executor says, under the action's id and its own time", async () => {
    const seen: Execution[] = [];
    const { effects } = effectsWith(async (execution) => {
      seen.push(execution);
      return done;
    });
    expect(await effects.perform(started(), signal)).toEqual({
      type: "effect.ended.v1",
      data: { actionId: ids.action, outcome: done },
    });
    expect(seen[0]?.work.requestId).toBe(ids.action);
    expect(seen[0]?.startedAt).toEqual(now);
    expect(seen[0]?.target).toEqual(target);
  });
  test.each([
    ["a customer", started({}, "initech")],
    ["an agent", started({ agent: "somebody-else" })],
    ["a tool", started({ tool: "account.delete" })],
  ])("without %s that is configured fails and reads nothing", async (_name, message) => {
    const { effects, reads } = effectsWith(async () => done);
    const { data } = await effects.perform(message, signal);
    expect(data).toMatchObject({ outcome: { kind: "failed", code: "not-configured" } });
    expect(reads).toEqual([]);
  });
  test("E2 an executor that throws leaves the outcome unknown, and its message unsaid", async () => {
    const { effects, bugs } = effectsWith(() => Promise.reject(new Error("password hunter2")));
    const ended = await effects.perform(started(), signal);
    expect(ended.data).toMatchObject({ outcome: { kind: "unknown" } });
    expect(JSON.stringify(ended)).not.toContain("hunter2");
    expect(bugs).toEqual([ids.action]);
  });
  test("E2 only a tool that is safe to repeat is repeated; an interrupted one is unknown", async () => {
    const { effects } = effectsWith(async () => done);
    const repeated = [
      "password.reset",
      "mfa.reset",
      "ticket.reply",
      "user.facts",
      "model.respond",
    ].filter((tool) => effects.repeatSafe(started({ tool })));
    expect(repeated).toEqual(["user.facts", "model.respond"]);
    expect(effects.repeatSafe(order())).toBe(true);
    expect(await effects.interrupted(started())).toMatchObject({
      type: "effect.ended.v1",
      data: { actionId: ids.action, outcome: { kind: "unknown" } },
    });
  });
  test("E4 what an interrupted or broken effect has stored is told of, by its id alone", async () => {
    const store = memoryStore();
    const links = secretLinks(store);
    const plain = () => "Never-Said-1";
    const broken: Executor = async () => {
      const key = () => linkKey;
      const about = { customer: "contoso", ticket: ids.ticket, actionId: ids.action };
      await links.store({ ...about, recipient: ids.lena, plain, key, now });
      throw new Error("bug");
    };
    const { effects } = effectsWith(broken, { storedSecret: links.find });
    const before = await effects.interrupted(started());
    expect(before.data).toMatchObject({ outcome: { kind: "unknown" } });
    expect(JSON.stringify(before)).not.toContain("secretId");
    for (const ended of [
      await effects.perform(started(), signal),
      await effects.interrupted(started()),
    ]) {
      expect(ended.data).toMatchObject({
        outcome: {
          kind: "unknown",
          secret: { recipient: ids.lena, expiresAt: instant(86_400_000) },
        },
      });
      expect(JSON.stringify(ended)).not.toContain(plain());
    }
  });
  test("E3 the executor's signal ends when the lease's does", async () => {
    const lease = new AbortController();
    const { effects } = effectsWith(({ work }) => {
      lease.abort();
      return Promise.resolve(failed("test", String(work.signal.aborted)));
    });
    const { data } = await effects.perform(started(), lease.signal);
    expect(data).toMatchObject({ outcome: { detail: "true" } });
  });
});

describe("an order for facts", () => {
  const answered = (answer: object) => ({
    type: "facts.fetched.v1",
    data: {
      request: id(80),
      actionId: ids.action,
      requestedBy: "approvals",
      answer,
      attestedAt: instant(0),
    },
  });
  test("is answered from the directory, as the reader of facts", async () => {
    const { graph } = fakeGraph(() => refused(404));
    const { sessions, openedAs } = sessionsOf(graph);
    const { effects } = effectsWith(async () => done, { sessions });
    expect(await effects.perform(order(), signal)).toEqual(answered({ kind: "not-found" }));
    expect(openedAs).toEqual(["facts"]);
  });
  test("R7 without a token, a customer or an end is unavailable", async () => {
    const unavailable = answered({ kind: "unavailable" });
    const { effects } = effectsWith(async () => done);
    expect(await effects.perform(order(), signal)).toEqual(unavailable);
    expect(await effects.perform(order("initech"), signal)).toEqual(unavailable);
    expect(await effects.interrupted(order())).toEqual(unavailable);
  });
  test("R7 a bug while reading is unavailable", async () => {
    const { graph } = fakeGraph(() => {
      throw new Error("bug");
    });
    const { effects, bugs } = effectsWith(async () => done, {
      sessions: sessionsOf(graph).sessions,
    });
    expect(await effects.perform(order(), signal)).toEqual(answered({ kind: "unavailable" }));
    expect(bugs).toEqual([ids.action]);
  });
});
