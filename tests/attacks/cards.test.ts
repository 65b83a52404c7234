// R8: what is pressed on a card counts only from an approver, once, in time, for the digest that was shown,
// in an activity that the Bot Connector signed. Everything else is refused, told and recorded.

import { sentence } from "@niivo/languages/sentences";
import { customers } from "@niivo/tenant/seed";
import { expect, test } from "vitest";
import { contoso, runningSystem } from "../src/running-system.ts";

const { client, sealed, open } = await runningSystem({ approvalSecondsMax: 15 });
const nadia = contoso.nadiaBrunner.userPrincipalName;
const reto = contoso.retoZgraggen.userPrincipalName;
const text = "I have a new phone, please reset MFA for my account.";

async function pending(person: { readonly userPrincipalName: string } = contoso.ursinaCaduff) {
  const seen = new Set((await client.chats(nadia)).map(({ id }) => id));
  const ticket = await open(person, text);
  await sealed(ticket.id, "approval.asked");
  const card = await client.openCard(nadia, 20_000, seen);
  return { ticket: ticket.id, token: ticket.token, card };
}

const told = async (person: string) =>
  (await client.chats(person)).map((message) => JSON.stringify(message)).join("\n");

test("A2: one person pressing twice is one vote, and is told so", async () => {
  const { ticket, card } = await pending();
  await client.press(nadia, card.id, "grant");
  await sealed(ticket, "vote.accepted");
  // The card no longer offers it; a replayed or forged press comes all the same.
  await client.press(nadia, card.id, "grant", { data: dataOf(card.card) });
  const rejected = await sealed(ticket, "vote.rejected");
  expect(rejected.line).toContain("already-voted");
  await expect(sealed(ticket, "approval.granted", 2000)).rejects.toThrow();
  expect(await told(nadia)).toContain(sentence("de", "rejection.already-voted"));
});

test("A2: the requester, a stranger and a person of another tenant cannot grant", async () => {
  const { ticket, card } = await pending();
  const data = dataOf(card.card);
  const from = (aadObjectId: string) =>
    client.press(nadia, card.id, "grant", { aadObjectId, data });
  await from(contoso.ursinaCaduff.objectId);
  expect((await sealed(ticket, "vote.rejected")).line).toMatch(/is-requester|is-target/);
  await from(contoso.lenaFrei.objectId);
  await sealedWith(ticket, "not-an-approver");
  await client.press(nadia, card.id, "grant", { tenantId: customers.fabrikam.tenantId, data });
  await expect(sealed(ticket, "vote.accepted", 2000)).rejects.toThrow();
});

test("A2: a press for another digest does not count", async () => {
  const { ticket, card } = await pending();
  const data = { ...dataOf(card.card), digest: "0".repeat(64) };
  await client.press(nadia, card.id, "grant", { data });
  await sealedWith(ticket, "other-digest");
});

test("A3: silence is refusal, and a press after that is recorded and does not count", async () => {
  const { ticket, token, card } = await pending();
  const data = dataOf(card.card);
  await sealed(ticket, "approval.expired", 40_000);
  await client.press(nadia, card.id, "grant", { data });
  await sealed(ticket, "vote.rejected");
  await client.ticketEnds(token, ticket, 60_000);
  await expect(sealed(ticket, "action.started: mfa.reset", 1000)).rejects.toThrow();
  expect(JSON.stringify((await client.chats(reto)).at(-1)?.card ?? {})).not.toContain(
    "Action.Execute",
  );
});

test.each(["expired", "wrong-audience", "wrong-issuer", "entra", "none"] as const)(
  "a press whose token is %s is 401 and decides nothing",
  async (kind) => {
    const { ticket, card } = await pending();
    const result = await client
      .press(nadia, card.id, "grant", { token: kind, data: dataOf(card.card) })
      .catch((error: unknown) => String(error));
    expect(JSON.stringify(result)).toContain("401");
    await expect(sealed(ticket, "vote.", 1500)).rejects.toThrow();
  },
);

test("a refresh is not a decision", async () => {
  const { ticket, card } = await pending();
  await client.press(nadia, card.id, "grant", { trigger: "automatic", data: dataOf(card.card) });
  await expect(sealed(ticket, "vote.", 1500)).rejects.toThrow();
});

const sealedWith = (ticket: string, code: string) => sealed(ticket, "vote.rejected", 20_000, code);

/** What the card's buttons carry. */
function dataOf(card: unknown): { actionId: string; digest: string } {
  const found = /"data":(\{[^{}]*"actionId"[^{}]*\})/.exec(JSON.stringify(card));
  if (found?.[1] === undefined) throw new Error("the card has no data");
  return JSON.parse(found[1]) as { actionId: string; digest: string };
}
