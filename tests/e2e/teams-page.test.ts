// The Teams-like page in a real browser: a person writes to the bot, the approvers' cards appear, one of them
// presses by keyboard, and everybody sees what came of it.

import { existsSync } from "node:fs";
import { derivedId } from "@niivo/contracts/canonical";
import { customers } from "@niivo/tenant/seed";
import { type BrowserContextOptions, chromium, type Page } from "playwright-core";
import { afterAll, describe, expect, test } from "vitest";
import { z } from "zod";
import { contoso, runningSystem } from "../src/running-system.ts";

const executablePath = "/usr/bin/chromium";
const hasBrowser = existsSync(executablePath);
// A message goes through all services before its card hangs: seconds, and many of them on a machine that is busy.
const withinMs = 60_000;

const Chat = z.object({
  conversationId: z.string(),
  messages: z.array(z.object({ id: z.string(), author: z.string() })),
});

const phone = { viewport: { width: 360, height: 740 } };
const flags = [
  ...["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"],
  ...["--disable-background-networking", "--disable-component-update", "--disable-sync"],
];

test.skipIf(!hasBrowser)(`there is ${executablePath}; without it the page is not tested`, () => {
  expect(hasBrowser).toBe(true);
});
if (hasBrowser) describe("the Teams-like page", pageTests);

async function pageTests() {
  const { system, sealed } = await runningSystem({ approvalSecondsMax: 120 });
  const origin = `http://localhost:${system.ports.tenantHttp}`;
  // Playwright gives it a profile of its own, which ends with it.
  const browser = await chromium.launch({ executablePath, headless: true, args: flags });
  const problems: string[] = [];
  afterAll(() => browser.close());

  const asPerson = async (
    person: { readonly userPrincipalName: string } | undefined,
    options: BrowserContextOptions = {},
  ): Promise<Page> => {
    const context = await browser.newContext(options);
    context.setDefaultTimeout(withinMs);
    const page = await context.newPage();
    page.on("pageerror", ({ message }) => problems.push(message));
    page.on("console", (line) => line.type() === "error" && problems.push(line.text()));
    page.on("request", (request) => {
      if (!request.url().startsWith(origin)) problems.push(`asked for ${request.url()}`);
    });
    await page.goto(person === undefined ? origin : `${origin}/teams#${person.userPrincipalName}`);
    return page;
  };
  const write = async (page: Page, text: string) => {
    await page.getByLabel("Message to NIIVO").fill(text);
    await page.keyboard.press("Enter");
  };
  const chat = (page: Page) => page.getByRole("log");
  const says = (page: Page, text: string | RegExp) =>
    chat(page).getByText(text).first().waitFor({ state: "visible" });
  /** The id of the ticket that the person's first message became. */
  const firstTicketOf = async (person: { readonly userPrincipalName: string }) => {
    const answer = await fetch(`${origin}/emulator/chats?person=${person.userPrincipalName}`);
    const { conversationId, messages } = Chat.parse(await answer.json());
    const written = messages.find(({ author }) => author === "person");
    const { tenantId } = customers.contoso;
    return derivedId("ticket", "teams", tenantId, conversationId, written?.id ?? "");
  };
  const isWithinWidth = (page: Page) =>
    page.evaluate("document.documentElement.scrollWidth <= window.innerWidth");

  test("a message becomes a ticket, its card is granted by keyboard, and all see it", async () => {
    const ursina = await asPerson(contoso.ursinaCaduff);
    const nadia = await asPerson(contoso.nadiaBrunner);
    const reto = await asPerson(contoso.retoZgraggen, phone);
    await write(ursina, "I have a new phone, please reset MFA for my account");
    await says(ursina, "Your ticket is open");

    const grant = nadia.getByRole("button", { name: "Freigeben" });
    await grant.waitFor();
    await says(nadia, "VIP");
    await nadia.getByLabel("Message to NIIVO").focus();
    for (let steps = 0; steps < 40; steps += 1) {
      await nadia.keyboard.press("Shift+Tab");
      if (await grant.evaluate((button) => button.matches(":focus"))) break;
    }
    await nadia.keyboard.press("Enter");
    await says(nadia, "Ihre Antwort zählt: 1 von 2.");
    expect(await grant.count()).toBe(0);

    expect(await isWithinWidth(reto)).toBe(true);
    await reto.getByRole("button", { name: "Grant" }).click();
    await Promise.all([says(nadia, "Freigegeben"), says(reto, "Granted")]);
    expect(await reto.getByRole("button", { name: "Grant" }).count()).toBe(0);
    await says(ursina, "I have removed your registered multifactor methods");

    const ticket = await firstTicketOf(contoso.ursinaCaduff);
    await says(ursina, `Your ticket is open (${ticket.slice(0, 8)})`);
    await sealed(ticket, "ticket.submitted");
    await sealed(ticket, "ticket.opened");
    await sealed(ticket, "ticket.resolved");
  });

  test("an approver refuses on a phone, in the dark, and the requester is told", async () => {
    const silvan = await asPerson(contoso.silvanMeier, { ...phone, colorScheme: "dark" });
    const ursina = await asPerson(contoso.ursinaCaduff);
    await write(ursina, "Please reset MFA for my account once more");
    await chat(ursina).getByText("Your ticket is open").nth(1).waitFor();
    await silvan.getByRole("button", { name: "Refuser" }).click();
    await says(silvan, "Une des personnes consultées a refusé.");
    await says(ursina, "did not agree");
    expect(await isWithinWidth(silvan)).toBe(true);
    const [r, g, b] = await silvan.evaluate<number[]>(
      "getComputedStyle(document.querySelector('main')).backgroundColor.match(/[0-9]+/g).map(Number)",
    );
    expect(Math.max(r ?? 255, g ?? 255, b ?? 255)).toBeLessThan(64);
  });

  test("what people write stays text, and a pasted password stays nowhere but in their own chat", async () => {
    const lena = await asPerson(contoso.lenaFrei);
    await write(lena, "<img src=x onerror=alert(1)> my password is Hunter2-Hunter2");
    await says(lena, "<img src=x onerror=alert(1)>");
    await says(lena, "Ihr Ticket ist eröffnet");
    expect(await lena.locator("img").count()).toBe(0);
    const prompts = await (await fetch(`${origin}/emulator/prompts`)).text();
    expect(prompts).not.toContain("Hunter2");
  });

  test("somebody whose account is disabled is told that it became no ticket", async () => {
    const jonas = await asPerson(contoso.jonasHuber);
    await write(jonas, "Please let me in again");
    await says(jonas, "Ihr Konto ist deaktiviert");
    const refusal = await sealed(await firstTicketOf(contoso.jonasHuber), "ticket.refused");
    expect(refusal.outcome).toBe("writer-disabled");
  });

  test("it says what it is, asks for no password, and one picks a person by keyboard", async () => {
    const page = await asPerson(undefined, phone);
    expect(new URL(page.url()).pathname).toBe("/teams");
    await page.getByText("Emulator, not Microsoft Teams.").waitFor();
    expect(await page.locator("input").count()).toBe(0);
    await page.getByRole("button", { name: /Mia Rossi/ }).focus();
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { name: "Mia Rossi" }).waitFor();
    expect(await isWithinWidth(page)).toBe(true);
    await page.getByRole("button", { name: "People" }).click();
    await page.getByRole("button", { name: /Mia Rossi/ }).waitFor();
  });

  test("the browser reported no error, no refused script and no other address", () => {
    expect(problems).toEqual([]);
  });
}
