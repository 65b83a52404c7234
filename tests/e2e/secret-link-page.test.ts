// The secret's page in a real browser: from the link in the chat by keyboard alone to the password, which can
// be copied, is hidden after its minute, and is never there again.

import { existsSync } from "node:fs";
import { type BrowserContextOptions, chromium, type Page } from "playwright-core";
import { afterAll, describe, expect, test } from "vitest";
import { contoso, runningSystem } from "../src/running-system.ts";

const executablePath = "/usr/bin/chromium";
const hasBrowser = existsSync(executablePath);
const withinMs = 30_000;
const shownMs = 60_000;
const phone = { viewport: { width: 360, height: 740 } };
const flags = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-component-update"];

test.skipIf(!hasBrowser)(`there is ${executablePath}; without it the page is not tested`, () => {
  expect(hasBrowser).toBe(true);
});
if (hasBrowser) describe("the page of a one-time secret", pageTests);

async function pageTests() {
  const { system, client, open } = await runningSystem();
  const tenant = `http://localhost:${system.ports.tenantHttp}`;
  const browser = await chromium.launch({ executablePath, headless: true, args: flags });
  const problems: string[] = [];
  afterAll(() => browser.close());

  /** Resets a person's password and returns the page of their chat. */
  const resetAs = async (
    person: { readonly userPrincipalName: string },
    options: BrowserContextOptions = {},
  ): Promise<Page> => {
    const { id, token } = await open(person, "I forgot my password");
    await client.ticketEnds(token, id, withinMs);
    // The emulated Entra has a certificate of this run.
    const context = await browser.newContext({ ...options, ignoreHTTPSErrors: true });
    await context.grantPermissions(["clipboard-read", "clipboard-write"]);
    await context.clock.install();
    context.setDefaultTimeout(withinMs);
    context.on("page", (page) => page.on("pageerror", ({ message }) => problems.push(message)));
    const page = await context.newPage();
    await page.goto(`${tenant}/teams#${person.userPrincipalName}`);
    return page;
  };
  const followLink = async (chat: Page): Promise<Page> => {
    const opened = chat.context().waitForEvent("page");
    await chat.getByRole("log").getByRole("link").last().focus();
    await chat.keyboard.press("Enter");
    return opened;
  };
  const pressed = async (page: Page, name: string) => {
    await page.getByRole("button", { name, exact: true }).focus();
    await page.keyboard.press("Enter");
  };
  const signIn = async (page: Page, displayName: string) => {
    await pressed(page, "Sign in with Microsoft");
    await pressed(page, displayName);
    await page.getByText(`You are signed in as ${displayName}`).waitFor();
  };
  const secret = (page: Page) => page.getByLabel("Temporary password");
  const hasPassword = async (person: string, password: string): Promise<unknown> => {
    const response = await fetch(`${tenant}/emulator/passwords`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ person, password }),
    });
    return response.json();
  };

  test("by keyboard: follow, sign in, reveal, copy; after its minute it is gone for good", async () => {
    const page = await followLink(await resetAs(contoso.lenaFrei, phone));
    await signIn(page, "Lena Frei");
    await pressed(page, "Show the password");
    await secret(page).waitFor();
    const shown = await secret(page).inputValue();
    expect(await hasPassword(contoso.lenaFrei.userPrincipalName, shown)).toEqual({ matches: true });
    expect(await secret(page).evaluate((field) => field.matches(":focus"))).toBe(true);
    expect(await page.evaluate("document.documentElement.scrollWidth <= innerWidth")).toBe(true);

    await page.keyboard.press("Tab");
    await page.keyboard.press("Enter");
    await page.getByText("Copied.").waitFor();
    expect(await page.evaluate("navigator.clipboard.readText()")).toBe(shown);

    await page.clock.runFor(shownMs / 2);
    expect(await secret(page).inputValue()).toBe(shown);
    await page.clock.runFor(shownMs / 2);
    await page.getByText("The password is hidden now").waitFor();
    expect(await secret(page).isVisible()).toBe(false);
    expect(await page.locator("#secret").inputValue()).toBe("");
    expect(await page.content()).not.toContain(shown);

    await page.reload();
    await pressed(page, "Show the password");
    await page.getByText("There is nothing here any more").waitFor();
    expect(await secret(page).isVisible()).toBe(false);
    expect(await page.locator("#secret").inputValue()).toBe("");
  });

  test("who leaves the page and comes back sees nothing, in the dark as well", async () => {
    const page = await followLink(await resetAs(contoso.svenGraf, { colorScheme: "dark" }));
    await signIn(page, "Sven Graf");
    const [red = 255] = await page.evaluate<number[]>(
      "getComputedStyle(document.querySelector('main')).backgroundColor.match(/[0-9]+/g).map(Number)",
    );
    expect(red).toBeLessThan(64);
    await pressed(page, "Show the password");
    await secret(page).waitFor();
    const shown = await secret(page).inputValue();
    await page.goto(`${tenant}/teams`);
    await page.goBack();
    await page.locator("#secret").waitFor({ state: "attached" });
    expect(await page.locator("#secret").inputValue()).toBe("");
    expect(await page.content()).not.toContain(shown);
  });

  test("its script had no error", () => {
    expect(problems).toEqual([]);
  });
}
