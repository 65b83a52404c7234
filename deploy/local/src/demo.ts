// `npm run demo`: starts everything on free ports in a temporary folder, runs the stories, verifies every
// chain, searches everything for secrets, and stops. Exit code 0 only if all is as expected.

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { customers } from "@niivo/tenant/seed";
import { Command } from "commander";
import { type Client, endpointsOf, productClient, type Verification } from "./client.ts";
import { report, step } from "./demo-report.ts";
import { searchSinks } from "./leaks.ts";
import { freePorts } from "./ports.ts";
import { type Outcome, repliedLanguages, runStory, stories } from "./scenarios.ts";
import { serviceFiles } from "./service-environment.ts";
import { processSinks, runCanaries, runSinks } from "./sinks.ts";
import { readTickets, runTickets } from "./ticket-file.ts";
import { journalSpans } from "./traces/receiver.ts";
import { ticketTraces } from "./traces/ticket-trace.ts";
import { untar } from "./untar.ts";
import { type System, startSystem } from "./up.ts";
import { witnessName } from "./witness.ts";

export interface DemoOptions {
  readonly json?: boolean;
  readonly tickets?: string;
  readonly kind?: string;
  readonly export?: string;
  readonly plantLeak?: boolean;
  readonly keep?: boolean;
}

const program = new Command("npm run demo --")
  .description("Runs the product's stories from ticket to proof and checks every one.")
  .option("--json", "print one JSON object as the last line")
  .option("--tickets <file>", "also take every row of a JSONL file with a `text` field")
  .option("--kind <kind>", "of that file, only rows whose `kind` is this")
  .option("--export <folder>", "leave a bundle of each chain there, each with a policy file")
  .option("--plant-leak", "put one secret where it does not belong: the search must find it")
  .option("--keep", "do not remove the temporary folder")
  .parse();

/** A checkpoint covers an entry within ten seconds; the machine may be busy. */
const attestedMs = 60_000;
const askEveryMs = 250;
const startedAt = Date.now();
const options = program.opts<DemoOptions>();
const dataDir = mkdtempSync(join(tmpdir(), "niivo-demo-"));
let system: System | undefined;
try {
  const extra = options.tickets === undefined ? [] : readTickets(options.tickets, options.kind);
  system = await startSystem({
    dataDir,
    ports: await freePorts(),
    journal: true,
    // Nobody answers the cards of a ticket file.
    approvalSecondsMax: options.tickets === undefined ? 10 : 5,
    progress: (name) => step(`started ${name}`),
  });
  const ok = await run(system, extra);
  process.exitCode = ok ? 0 : 1;
} catch (error) {
  process.stderr.write(`niivo: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
} finally {
  await system?.stop();
  if (options.keep === true) step(`kept ${dataDir}`);
  else rmSync(dataDir, { recursive: true, force: true });
}

async function run(running: System, extra: readonly string[]): Promise<boolean> {
  const client = productClient(endpointsOf(running.ports));
  const auditors = {
    contoso: customers.contoso.people.alineMoser.userPrincipalName,
    fabrikam: fabrikamAuditor(),
  };
  const outcomes: Outcome[] = [];
  for (const story of stories) {
    const outcome = await runStory(
      client,
      await client.signIn(auditors[story.customer ?? "contoso"]),
      story,
    );
    outcomes.push(outcome);
    step(`${outcome.problems.length === 0 ? "as expected" : "NOT as expected"}: ${story.name}`);
  }
  if (options.plantLeak === true) outcomes.push(await plantLeak(client));
  outcomes.push(...(await runTickets(client, auditors.contoso, extra, step)));

  const languages = await repliedLanguages(client);
  const chains = await verifyAll(client, auditors);
  const exported = new Map<string, string>();
  for (const [customer, auditor] of auditorsOf(auditors)) {
    exported.set(customer, await entriesOf(client, auditor, customer));
  }
  if (options.export !== undefined)
    await exportBundles(client, running.witnessKey, auditors, resolve(options.export));
  // Stopped first, so that every buffer is on disk before it is searched.
  const environments = processSinks(running.processes());
  await running.stop();
  const search = searchSinks(runCanaries(dataDir), [
    ...runSinks(dataDir, exported),
    ...environments,
  ]);
  return report({
    outcomes,
    chains,
    languages,
    search,
    traces: connectedTraces(outcomes),
    json: options.json === true,
    durationMs: Date.now() - startedAt,
  });
}

/** How many of these tickets are one connected trace, of everything the services exported. */
function connectedTraces(outcomes: readonly Outcome[]): number {
  const spans = journalSpans(readFileSync(serviceFiles(dataDir).tracesJournal, "utf8"));
  const traces = outcomes.map(({ ticketId }) => ticketId).map(ticketTraces(spans));
  for (const { ticket, problems } of traces)
    if (problems.length > 0) step(`ticket ${ticket} is not one trace: ${problems.slice(0, 3)}`);
  return traces.filter(({ problems }) => problems.length === 0).length;
}

function auditorsOf(auditors: { contoso: string; fabrikam: string }) {
  return [
    ["contoso", auditors.contoso],
    ["fabrikam", auditors.fabrikam],
    ["platform", auditors.contoso],
  ] as const;
}

async function verifyAll(
  client: Client,
  auditors: { contoso: string; fabrikam: string },
): Promise<ReadonlyMap<string, Verification>> {
  const verified = new Map<string, Verification>();
  for (const [customer, auditor] of auditorsOf(auditors)) {
    verified.set(customer, await client.verify(await client.signIn(auditor), customer));
  }
  return verified;
}

/** The whole chain, page by page. */
async function entriesOf(client: Client, auditor: string, customer: string): Promise<string> {
  const pageSize = 500;
  const token = await client.signIn(auditor);
  let text = "";
  for (let from = 0; ; from += pageSize) {
    const page = await client.entries(token, customer, from, pageSize);
    text += page;
    if (page.trimEnd().split("\n").length < pageSize) return text;
  }
}

/** What an auditor takes home: a bundle of each chain, and as policy the keys of the vault and of the witness. */
async function exportBundles(
  client: Client,
  witnessKey: string,
  auditors: { contoso: string; fabrikam: string },
  folder: string,
): Promise<void> {
  for (const [customer, auditor] of auditorsOf(auditors)) {
    const token = await client.signIn(auditor);
    await witnessed(client, token, customer);
    untar(await client.bundle(token, customer), join(folder, customer));
    const [vkey = ""] = readFileSync(join(folder, customer, "keys.txt"), "utf8").split("\n");
    const policy = [
      "# Written by the demo. An auditor gets the first key on another way than in the bundle; the second is their own.",
      `log ${vkey}`,
      `witness ${witnessName} ${witnessKey}`,
      `quorum ${witnessName}`,
    ];
    const text = policy.map((line) => `${line}\n`).join("");
    writeFileSync(join(folder, `${customer}.policy.txt`), text);
  }
}

/** Resolves when the newest checkpoint covers the whole chain and has the witness's cosignature. */
async function witnessed(client: Client, token: string, customer: string): Promise<void> {
  for (const deadline = Date.now() + attestedMs; Date.now() < deadline; ) {
    const { entries } = await client.verifyAttested(token, customer, attestedMs);
    const { size, anchors } = await client.checkpoint(token, customer);
    if (size === entries && anchors[witnessName]?.size === size) return;
    await delay(askEveryMs);
  }
  throw new Error(`${customer}: the witness has not cosigned the newest checkpoint`);
}

/** Writes a vault secret into a ticket, as a careless person might: every sink downstream has it then. */
async function plantLeak(client: Client): Promise<Outcome> {
  const secret = runCanaries(dataDir).find(({ kind }) => kind.includes("vault"));
  if (secret === undefined) throw new Error("no vault secret to plant");
  return runStory(
    client,
    await client.signIn(customers.contoso.people.alineMoser.userPrincipalName),
    {
      name: "a planted leak",
      requester: customers.contoso.people.lenaFrei.userPrincipalName,
      text: `What is this on my desk: ${secret.value}`,
      expect: () => [],
    },
  );
}

function fabrikamAuditor(): string {
  const people = Object.values(customers.fabrikam.people);
  const auditor = people.find(({ apiRoles }) => apiRoles.includes("Audit.Read"));
  if (auditor === undefined) throw new TypeError("fabrikam has no auditor");
  return auditor.userPrincipalName;
}
