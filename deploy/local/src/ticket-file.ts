// Tickets from a JSONL file: any rows with a `text` field, opened by one ordinary employee, eight at a time.

import { readFileSync } from "node:fs";
import { ticketTextMax } from "@niivo/contracts/tickets";
import { customers } from "@niivo/tenant/seed";
import { z } from "zod";
import type { Client } from "./client.ts";
import { type Outcome, sealedTrail, storyMs } from "./scenarios.ts";

const atOnce = 8;
const Row = z.looseObject({
  text: z.string().min(1).max(ticketTextMax),
  kind: z.string().optional(),
});

/** @throws Error with the line of the first row that is not JSON with a `text`. */
export function readTickets(file: string, kind: string | undefined): readonly string[] {
  const lines = readFileSync(file, "utf8").split("\n");
  return lines.flatMap((line, index) => {
    if (line.trim() === "") return [];
    try {
      const row = Row.parse(JSON.parse(line));
      return kind === undefined || row.kind === kind ? [row.text] : [];
    } catch (cause) {
      throw new Error(`${file} line ${index + 1}: not a JSON object with a "text"`, { cause });
    }
  });
}

export async function runTickets(
  client: Client,
  auditor: string,
  texts: readonly string[],
  progress: (text: string) => void,
): Promise<readonly Outcome[]> {
  const waiting = texts.map((text, index) => ({ text, name: `ticket ${index + 1}` }));
  const outcomes: Outcome[] = [];
  const worker = async () => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const outcome = await runOne(client, auditor, next);
      outcomes.push(outcome);
      progress(`${outcome.status.status}: ${next.text.slice(0, 60).replaceAll("\n", " ")}`);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
  return outcomes;
}

async function runOne(
  client: Client,
  auditor: string,
  { text, name }: { text: string; name: string },
): Promise<Outcome> {
  const token = await client.signIn(customers.contoso.people.lenaFrei.userPrincipalName, {
    mfa: true,
  });
  const ticketId = await client.openTicket(token, text);
  const status = await client.ticketEnds(token, ticketId, storyMs);
  const trail = await sealedTrail(client, await client.signIn(auditor), ticketId);
  return { name, ticketId, status, trail, problems: [] };
}
