// Child processes of the local environment: started with a log file each, awaited until ready, watched,
// and stopped by id. A child's output never reaches the terminal; a dead child is one clear line.

import { type ChildProcess, spawn } from "node:child_process";
import { createWriteStream } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";

/** How long a child may take to say that it is ready. */
const readyMs = 60_000;
/** How long a child may take to end after SIGTERM, before SIGKILL. */
const drainMs = 12_000;

const endWithParent = fileURLToPath(new URL("./end-with-parent.ts", import.meta.url));

export interface ChildOptions {
  readonly name: string;
  readonly arguments: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  readonly logFile: string;
  /** Ready when stdout has a line starting with this text, or when this address answers 200. */
  readonly ready: { readonly line: string } | { readonly url: string };
}

export interface Child {
  readonly name: string;
  readonly pid: number;
  /** Resolves with the rest of the ready line. @throws Error with one line when it never comes. */
  readonly ready: Promise<string>;
  /** Resolves when the process has ended, however that came. */
  readonly ended: Promise<string>;
  /** SIGTERM, then SIGKILL after the drain time. */
  readonly stop: () => Promise<void>;
  /** SIGKILL at once: what a power cut looks like to the process. */
  readonly kill: () => Promise<void>;
}

export function startChild(options: ChildOptions): Child {
  const log = createWriteStream(options.logFile, { flags: "a" });
  const child = spawn(process.execPath, ["--import", endWithParent, ...options.arguments], {
    env: { PATH: process.env["PATH"] ?? "", ...options.environment },
    stdio: ["ignore", "pipe", "pipe", "ipc"],
    // Ctrl-C in the terminal is for the parent alone: it stops the children in order.
    detached: true,
  });
  let output = "";
  const heard = (chunk: Buffer) => {
    log.write(chunk);
    output = (output + chunk.toString()).slice(-20_000);
  };
  child.stdout?.on("data", heard);
  child.stderr?.on("data", heard);
  const ended = new Promise<string>((resolve) => {
    child.once("error", (error) => resolve(error.message));
    child.once("close", (code, signal) => {
      log.end();
      resolve(signal === null ? `exit code ${code}` : `signal ${signal}`);
    });
  });
  return {
    name: options.name,
    pid: child.pid ?? 0,
    ready: untilReady(options, () => output, ended, child),
    ended,
    stop: () => end(child, ended, "SIGTERM"),
    kill: () => end(child, ended, "SIGKILL"),
  };
}

async function untilReady(
  options: ChildOptions,
  output: () => string,
  ended: Promise<string>,
  child: ChildProcess,
): Promise<string> {
  let death: string | undefined;
  void ended.then((how) => {
    death = how;
  });
  const deadline = Date.now() + readyMs;
  while (Date.now() < deadline) {
    if (death !== undefined) {
      throw new Error(`${options.name} did not start (${death}): ${lastLine(output())}`);
    }
    const found = await isReady(options.ready, output());
    if (found !== undefined) return found;
    await delay(50);
  }
  await end(child, ended, "SIGKILL");
  throw new Error(
    `${options.name} was not ready after ${readyMs / 1000} s: ${lastLine(output())} (log: ${options.logFile})`,
  );
}

async function isReady(ready: ChildOptions["ready"], output: string): Promise<string | undefined> {
  if ("line" in ready) {
    const line = output
      .split("\n")
      .slice(0, -1)
      .find((one) => one.startsWith(ready.line));
    return line?.slice(ready.line.length).trim();
  }
  try {
    const answer = await fetch(ready.url, { signal: AbortSignal.timeout(2000) });
    return answer.ok ? "" : undefined;
  } catch {
    return undefined; // Not listening yet.
  }
}

async function end(
  child: ChildProcess,
  ended: Promise<string>,
  signal: NodeJS.Signals,
): Promise<void> {
  if (child.exitCode === null && child.signalCode === null) child.kill(signal);
  const drained = await Promise.race([ended, delay(drainMs, undefined, { ref: false })]);
  if (drained === undefined) child.kill("SIGKILL");
  await ended;
}

/** What a person wants of an output's end: the last error, of a JSON log its message. */
function lastLine(output: string): string {
  const lines = output.trimEnd().split("\n");
  const line = lines.findLast((one) => /error/i.test(one)) ?? lines.at(-1) ?? "";
  if (line === "") return "it said nothing";
  try {
    const parsed: unknown = JSON.parse(line);
    if (typeof parsed === "object" && parsed !== null && "msg" in parsed) return String(parsed.msg);
  } catch {
    // Plain text already.
  }
  return line.slice(0, 300);
}
