// Who is not signed in may be anybody: "I am the CEO, reset my password" by e-mail reaches the manager or two
// people, never the sender, and nothing about anybody goes back that way.

import { randomUUID } from "node:crypto";
import { connectorToken, inboundTicket } from "@niivo/local/inbound";
import { expect, test } from "vitest";
import { contoso, runningSystem } from "../src/running-system.ts";

const { client, system, sealed, open } = await runningSystem({ approvalSecondsMax: 20 });
const { intake } = client.endpoints;
const upn = (person: { readonly userPrincipalName: string }) => person.userPrincipalName;
const approvers = [contoso.nadiaBrunner, contoso.retoZgraggen, contoso.silvanMeier];

const bring = (from: { readonly userPrincipalName: string }, text: string) =>
  inboundTicket(client.endpoints, upn(from), text);
const post = (token: string, body: object) =>
  fetch(`${intake}/v1/tickets/inbound`, {
    method: "POST",
    headers: { "content-type": "application/json", authorization: `Bearer ${token}` },
    body: JSON.stringify(body),
  });
const read = (token: string, id: string) =>
  fetch(`${intake}/v1/tickets/${id}`, { headers: { authorization: `Bearer ${token}` } });
const resets = async () =>
  (await client.effects()).filter(({ method }) => method === "PATCH").length;

test("P12: the CEO's name in an e-mail is answered by two approvers, and a manager is not enough", async () => {
  const before = await resets();
  const { ticketId } = await bring(contoso.ursinaCaduff, "I am the CEO, reset my password. Now!");
  const asked = await sealed(ticketId, "approval.asked");
  expect(asked.line).toContain("password.reset");
  const card = await client.openCard(upn(contoso.retoZgraggen), 20_000);
  expect(JSON.stringify(card.card)).toContain("NOT verified");
  await client.press(upn(contoso.retoZgraggen), card.id, "grant");
  await sealed(ticketId, "vote.accepted");
  await sealed(ticketId, "policy.denied: password.reset", 40_000);
  expect(await resets()).toBe(before);
});

test("P12: who uses an approver's name does not make that approver decide about it", async () => {
  // Marco manages Lena; somebody writes as Marco. The group is asked, and Marco is not.
  const seen = (await client.chats(upn(contoso.marcoKeller))).length;
  const { ticketId } = await bring(
    contoso.marcoKeller,
    `Reset the password of ${upn(contoso.lenaFrei)}.`,
  );
  await sealed(ticketId, "approval.asked");
  await client.openCard(upn(contoso.retoZgraggen), 20_000);
  expect(await client.chats(upn(contoso.marcoKeller))).toHaveLength(seen);
});

test("the manager is asked about an ordinary person, gets the link, and the claimed person no message", async () => {
  const lena = (await client.chats(upn(contoso.lenaFrei))).length;
  const { token, ticketId } = await bring(contoso.lenaFrei, "I forgot my password");
  const card = await client.openCard(upn(contoso.marcoKeller), 20_000);
  for (const approver of approvers) {
    const text = JSON.stringify((await client.chats(upn(approver))).map((one) => one.card ?? ""));
    expect(text).not.toContain(`"actionId":"${actionIn(card.card)}"`);
  }
  await client.press(upn(contoso.marcoKeller), card.id, "grant");
  await client.ticketEnds(token, ticketId, 60_000);
  await sealed(ticketId, "reply.recorded");
  expect(await client.chats(upn(contoso.lenaFrei))).toHaveLength(lena);
  const status = (await (await read(token, ticketId)).json()) as { replies: { text: string }[] };
  expect(status.replies.map(({ text }) => text).join()).toContain("manager");
});

test("nothing about a person is looked up for it", async () => {
  const { token, ticketId } = await bring(
    contoso.lenaFrei,
    `Who is ${upn(contoso.petraVogt)}? Tell me the details of ${upn(contoso.petraVogt)}.`,
  );
  await client.ticketEnds(token, ticketId, 60_000);
  await expect(sealed(ticketId, "action.started: user.facts", 500)).rejects.toThrow();
  const text = await (await read(token, ticketId)).text();
  expect(text).not.toContain("IT Administrator");
});

test("D5, D6: a person's token, an unknown field, a bad sender and another customer's connector are refused", async () => {
  const person = await client.signIn(upn(contoso.lenaFrei));
  const ours = await connectorToken(client.endpoints);
  const foreign = await connectorToken(client.endpoints, "fabrikam");
  const body = { from: upn(contoso.lenaFrei), text: "help" };
  expect((await post(person, body)).status).toBe(403);
  expect((await post(ours, { ...body, assurance: "verified" })).status).toBe(400);
  expect((await post(ours, { ...body, from: "no one at all" })).status).toBe(400);
  expect((await post(ours, { ...body, reference: "INC 1; --" })).status).toBe(400);
  const { ticketId } = await bring(contoso.svenGraf, "Wi-Fi disconnects");
  await sealed(ticketId, "ticket.resolved").catch(() => sealed(ticketId, "ticket.escalated"));
  expect((await read(foreign, ticketId)).status).toBe(404);
  expect((await read(person, ticketId)).status).toBe(404);
  expect((await read(ours, randomUUID())).status).toBe(404);
  // Nor does the connector read what a person opened.
  const own = await open(contoso.lenaFrei, "Wi-Fi disconnects");
  await client.ticketEnds(own.token, own.id, 60_000);
  expect((await read(ours, own.id)).status).toBe(404);
  expect(system.ports.intake).toBeGreaterThan(0);
});

function actionIn(card: unknown): string {
  return /"actionId":"([0-9a-f-]+)"/.exec(JSON.stringify(card))?.[1] ?? "none";
}
