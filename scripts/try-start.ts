// Does what the README's second command does: `npm start` on its own folder, one ticket to its end, Ctrl-C.
// Run by `.ci/run`; it fails with the output when the program does not start, work and stop.

import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const startMs = 60_000;
const stopMs = 30_000;

const dataDir = mkdtempSync(join(tmpdir(), "niivo-start-"));
const child = spawn("npm", ["start", "--", "--data", dataDir], {
  stdio: ["ignore", "pipe", "pipe"],
  detached: true,
});
let output = "";
child.stdout.on("data", (chunk) => {
  output += chunk;
});
child.stderr.on("data", (chunk) => {
  output += chunk;
});
const ended = new Promise<string>((resolve) =>
  child.once("close", (code, signal) => resolve(signal ?? `exit code ${code}`)),
);

try {
  await until(() => output.includes("is running"), startMs, "npm start was not ready in time");
  const ticket = spawnSync(
    "npm",
    ["run", "ticket", "--", "I forgot my password", "--as", "lena.frei@contoso.example"],
    { encoding: "utf8", timeout: 60_000 },
  );
  process.stdout.write(ticket.stdout);
  if (ticket.status !== 0 || !ticket.stdout.includes("resolved"))
    throw new Error(`the first ticket was not resolved: ${ticket.stdout}${ticket.stderr}`);
  interrupt();
  const how = await Promise.race([ended, timeout(stopMs)]);
  // npm ends by the signal itself once the program under it has ended.
  if (how !== "SIGINT" && how !== "exit code 0")
    throw new Error(`npm start ended with ${how ?? "nothing"} after Ctrl-C`);
  await fetch("http://127.0.0.1:7601/healthz").then(
    () => Promise.reject(new Error("intake still runs after Ctrl-C")),
    () => undefined,
  );
  process.stdout.write("npm start: started, resolved a ticket, stopped\n");
} catch (error) {
  process.stderr.write(`${output}\n${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
} finally {
  interrupt();
  await Promise.race([ended, timeout(stopMs)]);
  rmSync(dataDir, { recursive: true, force: true });
}

/** Ctrl-C reaches the whole foreground group of a terminal, npm and the program alike. */
function interrupt(): void {
  if (child.pid === undefined || child.exitCode !== null) return;
  try {
    process.kill(-child.pid, "SIGINT");
  } catch {
    // It has ended already.
  }
}

async function until(condition: () => boolean, withinMs: number, otherwise: string): Promise<void> {
  const deadline = Date.now() + withinMs;
  while (!condition()) {
    if (Date.now() > deadline || child.exitCode !== null) throw new Error(otherwise);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

function timeout(ms: number): Promise<undefined> {
  return new Promise((resolve) => setTimeout(() => resolve(undefined), ms).unref());
}
