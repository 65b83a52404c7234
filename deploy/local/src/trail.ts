// `npm run trail -- <ticket>`: what happened on a ticket, as a page in a file that any browser opens. The page asks for
// an access token, which a browser does not send by itself, so it is fetched here, as the customer's auditor.

import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { Id } from "@niivo/contracts/envelope";
import { customers } from "@niivo/tenant/seed";
import { Command } from "commander";
import { endpointsOf, productClient } from "./client.ts";
import { fixedPorts } from "./ports.ts";

const program = new Command("npm run trail --")
  .argument("<ticket>", "the ticket's id")
  .option("--as <person>", "an auditor", customers.contoso.people.alineMoser.userPrincipalName)
  .option("--out <file>", "where to, default: .niivo/trail-<ticket>.html")
  .parse();
const { as: person, out } = program.opts<{ as: string; out?: string }>();

try {
  const ticket = Id.parse(program.args[0]);
  const file = resolve(out ?? `.niivo/trail-${ticket}.html`);
  const client = productClient(endpointsOf(fixedPorts));
  const page = await client.trailPage(await client.signIn(person), ticket);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, page, { mode: 0o600 });
  process.stdout.write(`${file}\n`);
} catch (error) {
  process.stderr.write(`niivo: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
