// One approved ticket is one connected trace through every process, and nothing that a person wrote or is
// called, and no secret, is in what telemetry sends.

import { readFileSync } from "node:fs";
import { searchSinks } from "@niivo/local/leaks";
import { serviceFiles } from "@niivo/local/service-environment";
import { runCanaries } from "@niivo/local/sinks";
import { journalSpans } from "@niivo/local/traces/receiver";
import { ticketTraces } from "@niivo/local/traces/ticket-trace";
import { expect, test } from "vitest";
import { contoso, runningSystem } from "../src/running-system.ts";

const { system, client, open, sealed } = await runningSystem();

test("an approved ticket is one connected trace, and telemetry names nobody", async () => {
  const text = "I have a new phone, please reset MFA for my account";
  const { id, token } = await open(contoso.ursinaCaduff, text);
  for (const approver of [contoso.nadiaBrunner, contoso.retoZgraggen]) {
    const { userPrincipalName } = approver;
    const card = await client.openCard(userPrincipalName, 30_000);
    await client.press(userPrincipalName, card.id, "grant");
  }
  await client.ticketEnds(token, id, 60_000);
  await sealed(id, "ticket.resolved");
  const page = await fetch(`http://127.0.0.1:${system.ports.traces}/tickets/${id}`);
  expect(page.headers.get("content-security-policy")).toContain("default-src 'none'");
  // What the services still hold is sent when they drain.
  await system.stop();

  const sent = readFileSync(serviceFiles(system.dataDir).tracesJournal, "utf8");
  const spans = journalSpans(sent);
  const { problems, spans: own, mainTraceId } = ticketTraces(spans)(id);
  expect(problems).toEqual([]);
  const main = own.filter(({ traceId }) => traceId === mainTraceId);
  expect(main.filter(({ parentSpanId }) => parentSpanId === undefined)).toHaveLength(1);
  for (const service of ["intake", "agent", "policy", "approvals", "broker", "audit"])
    expect(main.map((span) => span.service)).toContain(`niivo-${service}`);
  const names = new Set(own.map(({ name }) => name));
  for (const name of hops) expect(names).toContain(name);
  const press = own.find(({ name }) => name === "POST /api/messages");
  expect(press?.traceId).not.toBe(mainTraceId);

  const found = searchSinks(runCanaries(system.dataDir), [
    { name: "telemetry", bytes: Buffer.from(sent) },
  ]);
  expect(found.leaks).toEqual([]);
  const people = Object.values(contoso).flatMap((one) => [one.userPrincipalName, one.displayName]);
  for (const name of [text, "new phone", "@contoso.example", ...people])
    expect(sent).not.toContain(name);
  for (const metric of metrics) expect(sent).toContain(metric);
});

const hops = [
  "POST /v1/tickets",
  "send tickets",
  "process tickets/intake",
  "process tickets/agent",
  "process agent/policy",
  "process policy/approvals",
  "process approvals/approvals",
  "process approvals/policy",
  "process policy/broker",
  "process policy/audit",
  "process audit/broker",
  "process broker/broker-effects",
  "process broker/agent",
  "execute_tool mfa.reset",
  "keyvault.get_secret",
  "entra.token",
  "GET /users/{id}/authentication/methods",
  "POST /v3/conversations/{id}/activities",
];

const metrics = [
  "niivo.message.age",
  "niivo.policy.decisions",
  "niivo.approvals.waiting",
  "niivo.audit.seal.latency",
  "niivo.effect.duration",
  "gen_ai.client.token.usage",
  "niivo.action.cost",
];
