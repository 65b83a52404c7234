// Everybody reads their own language, whatever the ticket is written in: the requester the reply, and each
// approver the card, up to how it ended and why a vote did not count.

import type { Language } from "@niivo/contracts/language";
import { sentence } from "@niivo/languages/sentences";
import { replyLanguage } from "@niivo/local/reply-language";
import { expect, test } from "vitest";
import { contoso, fabrikam, runningSystem } from "../src/running-system.ts";

const waitMs = 60_000;
const { client, open } = await runningSystem();

interface Person {
  readonly userPrincipalName: string;
}

const cardOf = async (person: Person) => client.openCard(person.userPrincipalName, waitMs);
const textsOf = async (person: Person) =>
  (await client.chats(person.userPrincipalName)).map(({ text }) => text ?? "");

/** The language of the last reply in a requester's chat. */
const repliedIn = async (person: Person) => replyLanguage((await textsOf(person)).at(-1) ?? "");

test.each([
  ["de", contoso.lenaFrei, "Ich habe mein Passwort vergessen und kann mich nicht mehr anmelden."],
  ["fr", contoso.svenGraf, "J’ai oublié mon mot de passe et je n’arrive plus à me connecter."],
  ["it", fabrikam.miaRossi, "Ho dimenticato la password e non riesco più ad accedere."],
  ["en", contoso.retoZgraggen, "I forgot my password."],
  ["de", contoso.marcoKeller, "Mon mot de passe a expiré."],
] as const)(
  "whoever reads %s is answered in it, whatever they write",
  async (language, person, text) => {
    const { id, token } = await open(person, text);
    const status = await client.ticketEnds(token, id, waitMs);
    expect(status).toMatchObject({ status: "resolved" });
    expect(await repliedIn(person)).toBe(language);
  },
);

test("each approver's card is in that approver's language, to its end", async () => {
  const spoken: readonly (readonly [Person, Language])[] = [
    [contoso.nadiaBrunner, "de"],
    [contoso.silvanMeier, "fr"],
    [contoso.retoZgraggen, "en"],
  ];
  const { id, token } = await open(
    contoso.ursinaCaduff,
    "Ho un nuovo telefono, reimpostate la MFA.",
  );
  for (const [approver, language] of spoken) {
    const card = JSON.stringify((await cardOf(approver)).card);
    expect(card).toContain(sentence(language, "card.title"));
    expect(card).toContain(sentence(language, "card.quorum", { people: 2 }));
    expect(card).toContain(sentence(language, "card.vip"));
  }

  const { userPrincipalName: nadia } = contoso.nadiaBrunner;
  const card = await cardOf(contoso.nadiaBrunner);
  const first = await client.press(nadia, card.id, "grant");
  expect(first.value).toBe(sentence("de", "press.checking"));
  // The card may no longer offer it; a replayed press comes all the same.
  await client.press(nadia, card.id, "grant", { data: dataOf(card.card) });
  await expect
    .poll(() => textsOf(contoso.nadiaBrunner), { timeout: waitMs })
    .toContain(sentence("de", "rejection.already-voted"));

  const { userPrincipalName: silvan } = contoso.silvanMeier;
  await client.press(silvan, (await cardOf(contoso.silvanMeier)).id, "refuse");
  await client.ticketEnds(token, id, waitMs);
  for (const [approver, language] of spoken)
    await expect
      .poll(async () => JSON.stringify(await client.chats(approver.userPrincipalName)), {
        timeout: waitMs,
      })
      .toContain(sentence(language, "refusal.refused-by-approver"));
  expect(await repliedIn(contoso.ursinaCaduff)).toBe("en");
});

test("a notice and the message with a secret's link are in their reader's language too", async () => {
  const { id, token } = await open(contoso.lenaFrei, "Per favore disconnettetemi ovunque.");
  await client.ticketEnds(token, id, waitMs);
  expect(await repliedIn(contoso.lenaFrei)).toBe("de");
  for (const [approver, language] of [
    [contoso.nadiaBrunner, "de"],
    [contoso.silvanMeier, "fr"],
    [contoso.retoZgraggen, "en"],
  ] as const) {
    const notices = async () =>
      (await client.chats(approver.userPrincipalName))
        .map(({ card }) => JSON.stringify(card ?? {}))
        .filter((card) => card.includes("sessions.revoke"));
    await expect.poll(notices, { timeout: waitMs }).toEqual([
      // JSON writes nothing of these sentences in another way.
      expect.stringContaining(sentence(language, "notice.no-answer")),
    ]);
    expect((await notices())[0]).toContain(sentence(language, "card.tool"));
  }

  // The resets of the first tests: Sven reads French, Mia Italian.
  for (const [person, language] of [
    [contoso.lenaFrei, "de"],
    [contoso.svenGraf, "fr"],
    [fabrikam.miaRossi, "it"],
  ] as const) {
    const links = (await textsOf(person)).filter((text) => /\/s\/[\w-]+\//.test(text));
    expect(links).toHaveLength(1);
    expect(links[0]).toContain(sentence(language, "link.for-you"));
    expect(links[0]).toContain(sentence(language, "link.never-asked"));
  }
});

/** What the card's buttons carry. */
function dataOf(card: unknown): Record<string, unknown> {
  const found = /"data":(\{[^{}]*"actionId"[^{}]*\})/.exec(JSON.stringify(card));
  if (found?.[1] === undefined) throw new Error("the card has no data");
  return JSON.parse(found[1]) as Record<string, unknown>;
}
