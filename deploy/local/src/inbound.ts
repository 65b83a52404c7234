// A ticket as the customer's own ticket system brings it: with the application's token, in anybody's name.

import { z } from "zod";
import type { Endpoints } from "./client.ts";

const callMs = 15_000;

async function post(url: string, body: unknown, token?: string): Promise<unknown> {
  const response = await fetch(url, {
    method: "POST",
    headers: {
      "content-type": "application/json",
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    },
    body: JSON.stringify(body),
    signal: AbortSignal.timeout(callMs),
  });
  if (!response.ok) throw new Error(`${url} answered ${response.status}: ${await response.text()}`);
  return await response.json();
}

/** The token of a customer's connector, from the tenant emulator. */
export async function connectorToken(at: Endpoints, customer = "contoso"): Promise<string> {
  const answer = await post(`${at.tenant}/emulator/sign-in`, {
    customer,
    application: "itsm-connector",
  });
  return z.object({ access_token: z.string() }).parse(answer).access_token;
}

/** Brings one ticket. @throws Error for every answer that is not a success. */
export async function inboundTicket(
  at: Endpoints,
  from: string,
  text: string,
): Promise<{ readonly token: string; readonly ticketId: string }> {
  const token = await connectorToken(at);
  const answer = await post(`${at.intake}/v1/tickets/inbound`, { from, text }, token);
  return { token, ticketId: z.object({ id: z.string() }).parse(answer).id };
}
