// `npm run bench`: what one action costs, through the whole running system and its emulators. The tickets ask
// for a look-up ("Who is …?"), so each is four real actions that only read or say something: model.respond,
// user.facts, model.respond, ticket.reply. No tool of the bench's own exists, so nothing is left out: policy, facts,
// chain, signature, credential and the emulated call are in every figure.

import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ServiceBusClient } from "@azure/service-bus";
import { endpointsOf, productClient } from "@niivo/local/client";
import { freePorts } from "@niivo/local/ports";
import { serviceFiles } from "@niivo/local/service-environment";
import { type System, startSystem } from "@niivo/local/up";
import { customers } from "@niivo/tenant/seed";
import { Command } from "commander";
import { type Cycle, cycleSpread, cyclesOf, ratePerSecond, spreadOf } from "./action-times.ts";
import { type Floor, measureFloor, writesPerAction } from "./floor.ts";
import { machineOf } from "./machine.ts";
import { type Usage, usageOf } from "./process-usage.ts";

const people = customers.contoso.people;
const question = `Who is ${people.svenGraf.userPrincipalName}?`;
const warmUpTickets = 5;
const endsMs = 300_000;
/** Seldom enough that the load generator's own questions cost intake little. */
const pollMs = 1000;
const pageMax = 1000;
const floorRounds = 100;

/** Each hop is the work of one process, so CPU by process is CPU by hop; what lies between is the bus's. */
const hopOf: Readonly<Record<string, string>> = {
  agent: "outcome > next request",
  policy: "requested > allowed or denied, facts judged, outcome settled",
  audit: "allowed > receipt, and every seal",
  broker: "receipt > started > completed, facts fetched",
  intake: "ticket opened, status told",
  tenant: "the emulated vault, directory, Graph and model",
  "service-bus": "all that lies between",
};

const program = new Command("npm run bench --")
  .description("Measures one action alone, many at once, and the durable writes by themselves.")
  .option("--alone <n>", "tickets one after the other", Number, 20)
  .option("--parallel <n>", "tickets at once", Number, 200)
  .option("--profile <folder>", "leave each process's V8 CPU profile there (slower)")
  .parse();
const options = program.opts<{ alone: number; parallel: number; profile?: string }>();

const dataDir = mkdtempSync(join(tmpdir(), "niivo-bench-"));
const system = await startSystem({
  dataDir,
  ports: await freePorts(),
  ...(options.profile === undefined ? {} : { profileDir: options.profile }),
});
const client = productClient(endpointsOf(system.ports));
try {
  const requester = await client.signIn(people.lenaFrei.userPrincipalName, { mfa: true });
  const auditor = await client.signIn(people.alineMoser.userPrincipalName);
  const chain = chainFrom(auditor);
  for (let i = 0; i < warmUpTickets; i += 1) await oneTicket(requester, 50);
  await chain();
  const alone = await measured(chain, async () => {
    for (let i = 0; i < options.alone; i += 1) await oneTicket(requester, 50);
  });
  const parallel = await measured(chain, async () => {
    await Promise.all(Array.from({ length: options.parallel }, () => oneTicket(requester, pollMs)));
  });
  const floor = await floorOf(system);
  report(alone, parallel, floor);
} finally {
  await system.stop();
  rmSync(dataDir, { recursive: true, force: true });
}

async function oneTicket(token: string, everyMs: number): Promise<void> {
  const id = await client.openTicket(token, question);
  const { status } = await client.ticketEnds(token, id, endsMs, everyMs);
  if (status !== "resolved") throw new Error(`ticket ${id} is ${status}`);
}

/** @returns a function that answers with the entries sealed since its last call. */
function chainFrom(token: string): () => Promise<string> {
  let from = 0;
  return async () => {
    let text = "";
    for (;;) {
      const page = await client.entries(token, "contoso", from, pageMax);
      const lines = page.split("\n").filter((line) => line !== "");
      from += lines.length;
      text += lines.map((line) => `${line}\n`).join("");
      if (lines.length < pageMax) return text;
    }
  };
}

interface Measurement {
  readonly cycles: readonly Cycle[];
  readonly usage: readonly (Usage & { readonly cpuMsPerAction: number })[];
}

async function measured(
  chain: () => Promise<string>,
  work: () => Promise<void>,
): Promise<Measurement> {
  const before = new Map(system.processes().map((one) => [one.name, usageOf(one).cpuMs]));
  await work();
  const after = system.processes().map(usageOf);
  // The last entries are sealed a moment after the ticket's end was told.
  await new Promise((resolve) => setTimeout(resolve, 1000));
  const cycles = cyclesOf(await chain());
  const usage = after.map((one) => {
    const cpuMsPerAction = (one.cpuMs - (before.get(one.name) ?? 0)) / cycles.length;
    return { ...one, cpuMsPerAction };
  });
  return { cycles, usage };
}

async function floorOf({ ports }: System): Promise<Floor> {
  const key = readFileSync(serviceFiles(dataDir).busKey("approvals"), "utf8").trim();
  const bus = new ServiceBusClient(
    `Endpoint=sb://127.0.0.1:${ports.bus};SharedAccessKeyName=approvals;SharedAccessKey=${key};UseDevelopmentEmulator=true;`,
  );
  try {
    return await measureFloor(bus, "approvals", floorRounds);
  } finally {
    await bus.close();
  }
}

function report(alone: Measurement, parallel: Measurement, floor: Floor): void {
  const result = {
    at: new Date().toISOString(),
    machine: machineOf(),
    alone: summaryOf(alone),
    parallel: { tickets: options.parallel, ...summaryOf(parallel) },
    floor: { ...writesPerAction, ...floor },
  };
  process.stdout.write(`${table(result)}\n${JSON.stringify(result)}\n`);
}

function summaryOf({ cycles, usage }: Measurement) {
  const byTool = Map.groupBy(cycles, ({ tool }) => tool);
  const byHop = Map.groupBy(
    cycles.flatMap(({ hops }) => hops),
    ({ hop }) => hop,
  );
  return {
    actions: cycles.length,
    perSecond: ratePerSecond(cycles),
    cycleMs: cycleSpread(cycles),
    tools: Object.fromEntries([...byTool].map(([tool, some]) => [tool, cycleSpread(some)])),
    hops: Object.fromEntries(
      [...byHop].map(([hop, some]) => [hop, spreadOf(some.map(({ ms }) => ms))]),
    ),
    cpuMsPerAction: usage.reduce((sum, one) => sum + one.cpuMsPerAction, 0),
    processes: Object.fromEntries(
      usage.map(({ name, cpuMsPerAction, peakMiB }) => [
        name,
        { hop: hopOf[name] ?? "none", cpuMsPerAction, peakMiB },
      ]),
    ),
  };
}

type Summary = ReturnType<typeof summaryOf>;

function table(result: { alone: Summary; parallel: Summary; floor: Floor }): string {
  const { alone, parallel, floor } = result;
  const row = (name: string, ...cells: readonly (string | number)[]) =>
    [name.padEnd(44), ...cells.map((cell) => shown(cell).padStart(9))].join("");
  const spread = (name: string, one: Summary["cycleMs"] | undefined) =>
    one === undefined ? row(name) : row(name, one.p50, one.p95, one.p99, one.count);
  return [
    row("milliseconds", "p50", "p95", "p99", "count"),
    spread("one ticket alone, all actions", alone.cycleMs),
    ...Object.entries(alone.tools).map(([tool, one]) => spread(`  ${tool}`, one)),
    ...Object.entries(alone.hops).map(([hop, one]) => spread(`    ${hop}`, one)),
    spread("many tickets at once, all actions", parallel.cycleMs),
    ...Object.entries(parallel.tools).map(([tool, one]) => spread(`  ${tool}`, one)),
    spread("durable writes alone, one at a time", floor.alone),
    "",
    row("actions per second", "alone", "at once", "floor"),
    row("", alone.perSecond, parallel.perSecond, floor.perSecond),
    "",
    row("CPU ms per action", "alone", "at once", "peak MiB"),
    ...Object.entries(parallel.processes).map(
      ([name, one]) =>
        `${row(`  ${name}`, alone.processes[name]?.cpuMsPerAction ?? 0, one.cpuMsPerAction, one.peakMiB)}   ${hopOf[name] ?? ""}`,
    ),
    row("  all", alone.cpuMsPerAction, parallel.cpuMsPerAction),
    "",
  ].join("\n");
}

function shown(cell: string | number): string {
  return typeof cell === "string" ? cell : cell.toFixed(cell < 100 ? 1 : 0);
}
