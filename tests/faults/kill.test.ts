// kill -9 in the middle of an approved action: it ends done once, or as `action.unknown` where the broker
// died between start and outcome of a call that is not safe to repeat. The effect is never there twice.

import { expect, test } from "vitest";
import { contoso, type RunningSystem, runningSystem } from "../src/running-system.ts";

const running: RunningSystem = await runningSystem({ approvalSecondsMax: 60 });
const { system, client, auditor, open, sealed } = running;
const nadia = contoso.nadiaBrunner.userPrincipalName;

const forLena = `Please reset the password of ${contoso.lenaFrei.userPrincipalName}, she forgot it.`;

/** Sven asks for Lena: people are asked, and nothing has happened yet. */
async function pending() {
  const seen = new Set((await client.chats(nadia)).map(({ id }) => id));
  const before = await passwordChanges();
  const ticket = await open(contoso.svenGraf, forLena);
  await sealed(ticket.id, "approval.asked");
  const card = await client.openCard(nadia, 20_000, seen);
  return { ...ticket, card, before };
}

async function passwordChanges(): Promise<number> {
  const effects = await client.effects();
  return effects.filter(({ method }) => method === "PATCH").length;
}

async function endsWell(ticket: { id: string; token: string; before: number }, end: RegExp) {
  await client.ticketEnds(ticket.token, ticket.id, 110_000);
  await sealed(ticket.id, "ticket.");
  const lines = (await client.trail(await auditor(), ticket.id)).map(({ line }) => line);
  const outcomes = lines.filter((line) => end.test(line));
  expect(outcomes, lines.join("\n")).toHaveLength(1);
  expect((await passwordChanges()) - ticket.before).toBeLessThanOrEqual(1);
  expect((await client.verify(await auditor(), "contoso")).verdict).toBe("OK");
  return outcomes[0] ?? "";
}

const anyOutcome = /^action\.(completed|failed|unknown): password\.reset/;

test("the broker dies before the answer is pressed: the action is done once", async () => {
  const ticket = await pending();
  await system.kill("broker");
  await client.press(nadia, ticket.card.id, "grant");
  await system.start("broker");
  const outcome = await endsWell(ticket, anyOutcome);
  expect(outcome).toContain("action.completed");
});

test("the broker dies while Graph is at work: unknown, and never a second call", async () => {
  const ticket = await pending();
  await client.addFault({ match: "PATCH .*users", delayMs: 4000, times: 1 });
  await client.press(nadia, ticket.card.id, "grant");
  await sealed(ticket.id, "action.started: password.reset");
  await untilVaultWasRead(ticket.id);
  await system.kill("broker");
  await system.start("broker");
  const outcome = await endsWell(ticket, anyOutcome);
  expect(outcome).toContain("action.unknown");
}, 180_000);

test("audit dies with the allow unsealed: nothing starts until it is back, then once", async () => {
  const ticket = await pending();
  await system.kill("audit");
  await client.press(nadia, ticket.card.id, "grant");
  await new Promise((resolve) => setTimeout(resolve, 3000));
  expect((await passwordChanges()) - ticket.before).toBe(0);
  await system.start("audit");
  const outcome = await endsWell(ticket, anyOutcome);
  expect(outcome).toContain("action.completed");
});

test("audit dies while the action runs: the outcome is sealed when it is back", async () => {
  const ticket = await pending();
  await client.addFault({ match: "PATCH .*users", delayMs: 2000, times: 1 });
  await client.press(nadia, ticket.card.id, "grant");
  await sealed(ticket.id, "action.started: password.reset");
  await system.kill("audit");
  await system.start("audit");
  const outcome = await endsWell(ticket, anyOutcome);
  expect(outcome).toContain("action.completed");
});

/** The executor has its credential: the call to Graph is next, and the emulator holds it. */
async function untilVaultWasRead(ticketId: string): Promise<void> {
  await sealed(ticketId, "credential.access: executor-niivo-l1-desk-password");
  await new Promise((resolve) => setTimeout(resolve, 1500));
}
