// The customer's tenant: down, slow, refusing and lying. A ticket may then end with a person instead of a result,
// but it ends, and what was said about one person never happens to another.

import { afterAll, expect, test } from "vitest";
import { z } from "zod";
import { type FaultTicket, faultTickets } from "../src/fault-tickets.ts";
import { contoso, fabrikam, runningSystem } from "../src/running-system.ts";

const running = await runningSystem({ approvalSecondsMax: 120 });
const { system, client } = running;
const tickets = faultTickets(running);
const approver = tickets.grantAll();
afterAll(approver.stop);
const opened: FaultTicket[] = [];

const lena = "/users/[^/]+$";
const stranger = JSON.stringify({
  id: fabrikam.miaRossi.objectId,
  userPrincipalName: fabrikam.miaRossi.userPrincipalName,
  displayName: "Mia Rossi",
  accountEnabled: true,
});

const json = { "content-type": "application/json" };
const html = { "content-type": "text/html" };

const faults = [
  ["slow", { match: `(GET|PATCH) .*${lena}`, delayMs: 3000, times: 4 }],
  ["refusing for a while", { match: `GET .*${lena}`, status: 503, times: 2 }],
  ["throttling", { match: `GET .*${lena}`, status: 429, retryAfter: 1, times: 2 }],
  ["away for a second, it says", { match: `GET .*${lena}`, status: 503, retryAfter: 1, times: 2 }],
  [
    "answering with half of a JSON text",
    { match: `GET .*${lena}`, status: 200, body: '{"id":"', headers: json, times: 2 },
  ],
  [
    "answering with another content type",
    { match: `GET .*${lena}`, status: 200, body: "{}", headers: html, times: 2 },
  ],
  [
    "answering with a status that means nothing here",
    { match: `(GET|PATCH) .*${lena}`, status: 226, times: 2 },
  ],
  ["answering garbage with 200", { match: `GET .*${lena}`, status: 200, body: "<html>", times: 2 }],
  [
    "answering about a person of elsewhere",
    { match: `GET .*${lena}`, status: 200, body: stranger, times: 2 },
  ],
  [
    "answering the model's call with garbage",
    { match: "POST /openai", status: 200, body: "{", times: 2 },
  ],
  [
    "answering the model's call from another region",
    { match: "POST /openai", headers: { "x-ms-region": "East US" }, times: 1 },
  ],
  [
    "losing the answer to a change",
    { match: `PATCH .*${lena}`, status: 500, after: true, times: 1 },
  ],
] as const;

test.each(faults)(
  "F1: %s",
  async (_how, fault) => {
    await client.addFault(fault);
    const both = [await tickets.open("log"), await tickets.open("approved")];
    opened.push(...both);
    for (const ticket of both) await tickets.ends(ticket, tickets.endsMs);
    await client.clearFaults();
  },
  240_000,
);

test("F1: down for some seconds", async () => {
  const both = [await tickets.open("log"), await tickets.open("approved")];
  opened.push(...both);
  await system.kill("tenant");
  await new Promise((resolve) => setTimeout(resolve, 4000));
  await system.start("tenant");
  for (const ticket of both) await tickets.ends(ticket, tickets.endsMs);
}, 240_000);

test("F2, F4: nothing is done twice, nothing is missing, and only the person asked about was changed", async () => {
  expect(opened).toHaveLength(2 * (faults.length + 1));
  await tickets.nothingLostOrDoubled();
  const effects = z
    .array(z.looseObject({ method: z.string(), path: z.string() }))
    .parse(await client.effects());
  const changed = effects.filter(({ method }) => method === "PATCH").map(({ path }) => path);
  expect(changed.length).toBeGreaterThan(0);
  expect(new Set(changed)).toEqual(new Set([`/v1.0/users/${contoso.lenaFrei.objectId}`]));
});
