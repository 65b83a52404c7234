// `npm run answer -- grant --as <person>`: presses the newest open card in a demo person's Teams chat. The
// tenant emulator sends the bot the same signed invoke that Teams would.

import { Argument, Command } from "commander";
import colors from "picocolors";
import { endpointsOf, productClient } from "./client.ts";
import { fixedPorts } from "./ports.ts";

const program = new Command("npm run answer --")
  .addArgument(new Argument("<verb>", "what to press").choices(["grant", "refuse"]))
  .requiredOption("--as <person>", "user principal name of the approver")
  .parse();
const verb = program.args[0] === "grant" ? "grant" : "refuse";
const { as: person } = program.opts<{ as: string }>();

try {
  const client = productClient(endpointsOf(fixedPorts));
  const card = await client.openCard(person, 5000);
  const { value } = await client.press(person, card.id, verb);
  process.stdout.write(
    `${person} pressed ${verb}: ${typeof value === "string" ? value : "sent"}\n`,
  );
} catch (error) {
  const line = error instanceof Error ? error.message : String(error);
  process.stderr.write(`${colors.red("niivo:")} ${line}\n`);
  process.exitCode = 1;
}
