// `npm run ticket -- "text" --as <person>`: opens a ticket in the running system and follows it live:
// what the agent asks, what policy and people answer, what is sealed, until the ticket ends.

import { setTimeout as delay } from "node:timers/promises";
import { customers } from "@niivo/tenant/seed";
import { Command } from "commander";
import colors from "picocolors";
import { type Client, endpointsOf, productClient } from "./client.ts";
import { fixedPorts } from "./ports.ts";

const followMs = 40 * 60 * 1000;
const pageMs = 1000;

const program = new Command("npm run ticket --")
  .argument("<text>", "what the employee writes")
  .option("--as <person>", "user principal name", "lena.frei@contoso.example")
  .parse();
const [text = ""] = program.args;
const { as: person } = program.opts<{ as: string }>();

try {
  await follow(productClient(endpointsOf(fixedPorts)));
} catch (error) {
  const cause = error instanceof Error && error.message === "fetch failed" ? undefined : error;
  const line =
    cause === undefined
      ? "NIIVO is not running here: start it with `npm start` in another terminal"
      : String(cause instanceof Error ? cause.message : cause);
  process.stderr.write(`${colors.red("niivo:")} ${line}\n`);
  process.exitCode = 1;
}

async function follow(client: Client): Promise<void> {
  const token = await client.signIn(person, { mfa: true });
  const auditor = await client.signIn(auditorBeside(person));
  const before = new Set((await client.chats(person)).map(({ id }) => id));
  const id = await client.openTicket(token, text);
  print(`${colors.bold(`ticket ${id}`)} opened by ${person}: ${text}`);
  const traces = `http://127.0.0.1:${fixedPorts.traces}`;
  if (await answers(traces)) print(`  its trace: ${colors.cyan(`${traces}/tickets/${id}`)}`);
  print("");
  let shown = 0;
  let hinted = false;
  const deadline = Date.now() + followMs;
  for (;;) {
    const status = await client.ticket(token, id).catch(() => undefined);
    const trail = await client.trail(auditor, id);
    for (const { line } of trail.slice(shown)) print(`  ${line}`);
    shown = trail.length;
    for (const message of await client.chats(person)) {
      if (before.has(message.id) || !message.text) continue;
      before.add(message.id);
      print(`  ${colors.cyan("agent says:")} ${message.text}`);
    }
    if (status?.status === "waiting" && !hinted) {
      hinted = true;
      print(colors.yellow("  People are asked in Teams. To answer as one of them:"));
      print(colors.yellow(`    npm run answer -- grant --as ${approverBeside(person)}`));
    }
    const ended = status?.status === "resolved" || status?.status === "escalated";
    const sealed = trail.some(({ type }) => /^ticket\.(resolved|escalated)/.test(type));
    if (ended && sealed) {
      print("");
      print(`${colors.bold(status.status)}: ${status.summary ?? ""}`);
      print(`  all of it as a page: ${colors.cyan(`npm run trail -- ${id}`)}`);
      return;
    }
    if (Date.now() > deadline) throw new Error("the ticket did not end in time");
    await delay(150);
  }
}

/** Whether the page of traces runs: with a collector of one's own (OTEL_EXPORTER_OTLP_ENDPOINT) it does not. */
function answers(page: string): Promise<boolean> {
  return fetch(page, { signal: AbortSignal.timeout(pageMs) }).then(
    ({ ok }) => ok,
    () => false,
  );
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

/** The auditor and an approver of the customer whose domain the person has. */
function customerOf(upn: string) {
  const found = Object.values(customers).find((customer) =>
    Object.values(customer.people).some(({ userPrincipalName }) => userPrincipalName === upn),
  );
  if (found === undefined) throw new Error(`nobody is called ${upn}: see the tenant's README`);
  return found;
}

function auditorBeside(upn: string): string {
  const people = Object.values(customerOf(upn).people);
  return people.find(({ apiRoles }) => apiRoles.includes("Audit.Read"))?.userPrincipalName ?? upn;
}

function approverBeside(upn: string): string {
  const { people, groups } = customerOf(upn);
  const approver = Object.values(people).find(
    ({ objectId, userPrincipalName }) =>
      userPrincipalName !== upn && groups.identityApprovers.members.includes(objectId),
  );
  return approver?.userPrincipalName ?? "";
}
