// Mode `notify`: the action runs without anybody being asked, the approvers' group is told afterwards, and
// that people could not be told is recorded and holds nothing up.

import { expect, test } from "vitest";
import { contoso, fabrikam, runningSystem } from "../src/running-system.ts";

const { client, system, open, sealed } = await runningSystem();
const approvers = [contoso.nadiaBrunner, contoso.retoZgraggen, contoso.silvanMeier];
const cardsOf = async (person: { readonly userPrincipalName: string }) =>
  (await client.chats(person.userPrincipalName)).map(({ card }) => JSON.stringify(card ?? {}));

test("sessions are ended at once, and every approver reads who, what and by which agent", async () => {
  const { id, token } = await open(
    contoso.ursinaCaduff,
    "I think my account was hacked, please end my sessions.",
  );
  expect((await client.ticketEnds(token, id, 60_000)).status).toBe("resolved");
  const told = await sealed(id, "notice.posted: sessions.revoke");
  expect(told.outcome).toBe("posted");
  for (const approver of approvers) {
    const notices = (await cardsOf(approver)).filter((card) => card.includes("sessions.revoke"));
    expect(notices).toHaveLength(1);
    expect(notices[0]).toContain(contoso.ursinaCaduff.userPrincipalName);
    expect(notices[0]).toContain("niivo-l1-desk");
    expect(notices[0]).not.toContain("Action.Execute");
  }
  // Nobody else hears of it: not the other customer's approvers, not for the model's answers.
  expect(JSON.stringify(await client.chats(fabrikam.miaRossi.userPrincipalName))).not.toContain(
    "sessions.revoke",
  );
  expect((await cardsOf(contoso.nadiaBrunner)).join()).not.toContain("model.respond");
  const effects = await client.effects();
  const revocation = `/v1.0/users/${contoso.ursinaCaduff.objectId}/revokeSignInSessions`;
  expect(effects.filter(({ path }) => path === revocation)).toHaveLength(1);
});

test("a licence is assigned by its part number; without a usage location it is not, and both are told", async () => {
  const good = await open(contoso.lenaFrei, "I need a licence for Microsoft Project.");
  await sealed(good.id, "action.completed: license.assign");
  await sealed(good.id, "notice.posted: license.assign");
  const bad = await open(contoso.svenGraf, "Please assign me a licence for SPE_E3.");
  const failed = await sealed(bad.id, "action.failed: license.assign");
  expect(failed.line).toContain("usage-location-missing");
  await sealed(bad.id, "notice.posted: license.assign");
  expect((await cardsOf(contoso.nadiaBrunner)).join()).toContain("usage-location-missing");
  expect((await client.ticketEnds(bad.token, bad.id, 60_000)).status).toBe("escalated");
});

test("N2: where nobody can be told, the ticket is solved all the same and the failure is sealed", async () => {
  for (const { userPrincipalName: person } of approvers) {
    const answer = await fetch(`http://127.0.0.1:${system.ports.tenantHttp}/emulator/people`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ person, removeFromGroup: "identity-approvers" }),
    });
    expect(answer.status).toBe(204);
  }
  const { id, token } = await open(contoso.lenaFrei, "Please sign me out everywhere.");
  expect((await client.ticketEnds(token, id, 60_000)).status).toBe("resolved");
  expect((await sealed(id, "notice.failed")).line).toContain("nobody-to-tell");
});
