// `npm start`: the whole system on a laptop. One readable screen, and Ctrl-C stops everything.

import { resolve } from "node:path";
import { Command, InvalidArgumentError } from "commander";
import colors from "picocolors";
import { fixedPorts } from "./ports.ts";
import { type System, startSystem } from "./up.ts";

const seconds = (text: string): number => {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 5 || value > 3600)
    throw new InvalidArgumentError("5 to 3600 seconds");
  return value;
};

const program = new Command("npm start --")
  .description("Starts NIIVO with a local Service Bus and two emulated Microsoft tenants.")
  .option("--data <folder>", "where state, keys and logs are kept", ".niivo")
  .option("--approval-seconds <n>", "people have at most this long to answer a card", seconds)
  .parse();
const options = program.opts<{ data: string; approvalSeconds?: number }>();

const startedAt = Date.now();
const otlpEndpoint = process.env["OTEL_EXPORTER_OTLP_ENDPOINT"];
const interrupted = new Promise<"interrupted">((done) => {
  for (const signal of ["SIGINT", "SIGTERM"] as const)
    process.once(signal, () => done("interrupted"));
});

try {
  const starting = startSystem({
    dataDir: resolve(options.data),
    ports: fixedPorts,
    ...(otlpEndpoint === undefined ? {} : { otlpEndpoint }),
    ...(options.approvalSeconds === undefined
      ? {}
      : { approvalSecondsMax: options.approvalSeconds }),
    restarting: (name, how) =>
      process.stdout.write(`  ${colors.yellow("ended")}  ${name} (${how}); starting it again\n`),
    progress: (name) => process.stdout.write(`  ${colors.green("ready")}  ${name}\n`),
  });
  const system = await starting;
  process.stdout.write(screen(system));
  const end = await Promise.race([interrupted, system.broken]);
  if (end === "interrupted") process.stdout.write("\nStopping.\n");
  await system.stop();
  if (end !== "interrupted") throw new Error(end);
} catch (error) {
  process.stderr.write(
    `${colors.red("niivo:")} ${error instanceof Error ? error.message : error}\n`,
  );
  process.exitCode = 1;
}

function screen(system: System): string {
  const at = (port: number) => `http://127.0.0.1:${port}`;
  const { ports } = system;
  const page = `http://localhost:${ports.tenantHttp}/teams`;
  const rows: readonly (readonly [string, string])[] = [
    ["tickets (intake)", `${at(ports.intake)}/v1/tickets`],
    ["witness (the customer's side)", at(ports.witness)],
    ["audit: verify", `${at(ports.audit)}/v1/customers/contoso/verify`],
    ["approvals: bot endpoint", `${at(ports.approvals)}/api/messages`],
    ["policy, broker, agent: health", `${ports.policy}, ${ports.broker}, ${ports.agent}`],
    ["traces", otlpEndpoint ?? at(ports.traces)],
    ["tenant emulator", `${at(ports.tenantHttp)}/emulator`],
    ["secret links", `${at(ports.links)}/s/…  (the link comes in Teams)`],
    ["local Service Bus", `127.0.0.1:${ports.bus}`],
    ["state and logs", system.dataDir],
  ];
  const width = Math.max(...rows.map(([name]) => name.length));
  const took = ((Date.now() - startedAt) / 1000).toFixed(1);
  return [
    "",
    `${colors.bold("NIIVO")} is running (${took} s). Everything is on this machine: the tenants, the`,
    "Service Bus and the model are emulators, and the model is not an LLM.",
    "",
    ...rows.map(([name, where]) => `  ${name.padEnd(width)}  ${colors.cyan(where)}`),
    "",
    "In a browser, the chats of the demo people (an emulator, not Microsoft Teams; no password):",
    `  ${colors.bold(page)}`,
    "",
    "Or in a second terminal, a first ticket:",
    `  ${colors.bold('npm run ticket -- "I forgot my password" --as lena.frei@contoso.example')}`,
    "",
    "Ctrl-C stops everything.",
    "",
  ].join("\n");
}
