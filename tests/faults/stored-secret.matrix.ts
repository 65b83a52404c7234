// A broker killed between storing a secret and knowing whether the directory took it: the link works, the chain
// knows of it, and a person takes over. It waits for the end of a lease, which takes a minute.

import { readFileSync } from "node:fs";
import tls from "node:tls";
import { expect, test } from "vitest";
import { browser } from "../src/browser.ts";
import { contoso, runningSystem } from "../src/running-system.ts";

const { system, client, open, sealed } = await runningSystem();
// The emulated Entra has a certificate of this run.
tls.setDefaultCACertificates([
  ...tls.getCACertificates("default"),
  readFileSync(system.caFile, "utf8"),
]);
const lena = contoso.lenaFrei.userPrincipalName;
const origin = `http://localhost:${system.ports.links}`;
const linkPattern = new RegExp(`${origin}/s/contoso/([0-9a-f-]{36})`);

test("a broker that dies with the secret stored says so when it is back, and the link works", async () => {
  await client.addFault({ match: "PATCH .*users", delayMs: 8000, times: 1 });
  const { id, token } = await open(contoso.lenaFrei, "I forgot my password");
  // The link is in the chat, so the secret is stored and Graph is being asked.
  const texts = async () => (await client.chats(lena)).map(({ text }) => text ?? "").join("\n");
  await expect.poll(texts, { timeout: 20_000 }).toMatch(linkPattern);
  await system.kill("broker");
  await system.start("broker");
  const [page = "", secretId = ""] = (await texts()).match(linkPattern) ?? [];
  await sealed(id, "secret.stored", 100_000);
  await sealed(id, "action.unknown: password.reset");
  expect((await client.ticketEnds(token, id, 60_000)).status).toBe("escalated");
  const one = browser(origin);
  await one.signIn(page, { person: lena });
  expect((await one.reveal(secretId)).status).toBe(200);
}, 200_000);
