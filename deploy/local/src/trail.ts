// `npm run trail -- <ticket>`: what happened on a ticket, as a page in a file that any browser opens. The page asks for
// an access token, which a browser does not send by itself, so it is fetched here, as the customer's auditor.

import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { Id } from "@niivo/contracts/envelope";
import { customers } from "@niivo/tenant/seed";
import { Command } from "commander";
import { endpointsOf, productClient } from "./client.ts";
import { fixedPorts } from "./ports.ts";
import { untar } from "./untar.ts";

const program = new Command("npm run trail --")
  .argument("<ticket>", "the ticket's id")
  .option("--as <person>", "an auditor", customers.contoso.people.alineMoser.userPrincipalName)
  .option("--out <file>", "where to, default: .niivo/trail-<ticket>.html")
  .option(
    "--bundle <folder>",
    "leave the ticket's evidence there instead, for the offline verifier",
  )
  .option("--values", "with the messages, for a person who may see them; only with --bundle")
  .parse();
const options = program.opts<{ as: string; out?: string; bundle?: string; values?: boolean }>();
const { as: person, out } = options;

/** Whose person that is. */
function customerOf(user: string): string {
  const found = Object.values(customers).find(({ people }) =>
    Object.values(people).some(({ userPrincipalName }) => userPrincipalName === user),
  );
  if (found === undefined) throw new Error(`nobody is called ${user}`);
  return found.id;
}

try {
  const ticket = Id.parse(program.args[0]);
  const client = productClient(endpointsOf(fixedPorts));
  const token = await client.signIn(person);
  if (options.bundle === undefined) {
    const file = resolve(out ?? `.niivo/trail-${ticket}.html`);
    const page = await client.trailPage(token, ticket);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, page, { mode: 0o600 });
    process.stdout.write(`${file}\n`);
  } else {
    const folder = resolve(options.bundle);
    const values = options.values === true ? { values: "true" as const } : {};
    untar(await client.bundle(token, customerOf(person), { ticket, ...values }), folder);
    process.stdout.write(`${folder}\n`);
  }
} catch (error) {
  process.stderr.write(`niivo: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
