// The Teams-like page as it is served: what a browser may do with it, and who may press for a person.

import { afterAll, beforeAll, expect, test } from "vitest";
import { type Running, startRunning } from "./running.ts";

let running: Running;
let origin = "";
beforeAll(async () => {
  running = await startRunning();
  origin = running.tenant.addresses.http;
});
afterAll(() => running.stop());

const paths = ["", "/teams.css", "/teams.js", "/host-config.js", "/icon.svg", "/adaptivecards.js"];

test("whoever opens the emulator's address finds the page", async () => {
  const response = await fetch(origin);
  expect(response.url).toBe(`${origin}/teams`);
  expect(await response.text()).toContain("Emulator, not Microsoft Teams.");
});

test("U1: every file says that nothing but these files may run, and nothing else be asked", async () => {
  for (const path of paths) {
    const response = await fetch(`${origin}/teams${path}`);
    expect(response.status, path).toBe(200);
    const policy = response.headers.get("content-security-policy") ?? "";
    const directives = policy.split("; ");
    expect(directives).toContain("default-src 'none'");
    expect(directives).toContain("script-src 'self'");
    expect(directives).toContain("connect-src 'self'");
    expect(directives).toContain("frame-ancestors 'none'");
    expect(policy).not.toMatch(/unsafe|\*|https?:/);
    expect(response.headers.get("x-content-type-options")).toBe("nosniff");
  }
});

test("U1: the page names no other address, has no inline script and no inline style", async () => {
  const page = await (await fetch(`${origin}/teams`)).text();
  const sources = [...page.matchAll(/(?:src|href)="([^"]*)"/g)].map(([, source]) => source);
  expect(sources.length).toBeGreaterThan(3);
  for (const source of sources) expect(paths.map((path) => `/teams${path}`)).toContain(source);
  expect(page).not.toMatch(/<script(?![^>]*\bsrc=)|<style|\son[a-z]+=|\sstyle=/);
});

test("the cards are drawn by Microsoft's renderer, version 3", async () => {
  const renderer = await (await fetch(`${origin}/teams/adaptivecards.js`)).text();
  expect(renderer).toContain("AdaptiveCards");
  expect(renderer).toContain("adaptivecards#markdownPassthroughPolicy");
});

test("a page of another origin does nothing here", async () => {
  const attempt = (headers: Record<string, string>) =>
    fetch(`${origin}/emulator/say`, {
      ...{ method: "POST", headers },
      body: JSON.stringify({ person: "lena.frei@contoso.example", text: "help" }),
    });
  for (const site of ["cross-site", "same-site"])
    expect((await attempt({ "sec-fetch-site": site })).status).toBe(403);
  const chats = await fetch(`${origin}/emulator/chats?person=lena.frei@contoso.example`);
  expect(await chats.json()).toMatchObject({ messages: [] });
  expect((await attempt({ "sec-fetch-site": "same-origin" })).status).toBe(200);
});

test("a file that is none of the page is not found", async () => {
  expect((await fetch(`${origin}/teams/../src/main.ts`)).status).toBe(404);
  expect((await fetch(`${origin}/teams/package.json`)).status).toBe(404);
});
