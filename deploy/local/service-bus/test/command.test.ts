// The command as a person runs it: options, the line it prints, its key and its certificate.

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { ServiceBusClient } from "@azure/service-bus";
import { afterEach, beforeEach, expect, test } from "vitest";

const main = fileURLToPath(new URL("../src/main.ts", import.meta.url));
const topics = [{ name: "events", subscriptions: [{ name: "audit" }] }];

let folder: string;
let children: ChildProcess[];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "bus-command-"));
  children = [];
  writeFileSync(file("config.json"), `// comments are allowed\n${JSON.stringify({ topics })}`);
});
afterEach(async () => {
  for (const child of children) await stop(child);
  rmSync(folder, { recursive: true, force: true });
});

const file = (name: string) => join(folder, name);

function run(...options: string[]): ChildProcess {
  const child = spawn(process.execPath, [main, ...options], { stdio: ["ignore", "pipe", "pipe"] });
  children.push(child);
  return child;
}

async function firstLine(child: ChildProcess): Promise<string> {
  const [line] = await once(createInterface(child.stdout!), "line");
  return String(line);
}

async function ended(child: ChildProcess) {
  let output = "";
  for (const stream of [child.stdout!, child.stderr!]) {
    stream.setEncoding("utf8").on("data", (text: string) => {
      output += text;
    });
  }
  const [code] = await once(child, "close");
  return { code, output };
}

async function stop(child: ChildProcess): Promise<unknown> {
  if (child.exitCode !== null || child.signalCode !== null) return child.exitCode;
  const gone = once(child, "exit");
  child.kill("SIGINT");
  return (await gone)[0];
}

test("one line has a connection string that works, with a key that is made once", async () => {
  const options = ["--config", file("config.json"), "--port", "0", "--data", file("data")];
  const child = run(...options);
  const line = await firstLine(child);
  const [, connectionString = ""] = /^service-bus ready on 127\.0\.0\.1:\d+ (\S+)$/.exec(line)!;
  const client = new ServiceBusClient(connectionString);
  await client.createSender("events").sendMessages({ body: "hello" });
  const receiver = client.createReceiver("events", "audit", { receiveMode: "receiveAndDelete" });
  expect((await receiver.receiveMessages(1))[0]?.body).toBe("hello");
  await client.close();
  const key = readFileSync(file("data/root.key"), "utf8").trim();
  expect(connectionString).toContain(`;SharedAccessKey=${key};UseDevelopmentEmulator=true;`);
  for (const secret of ["data/root.key", "data/tls/localhost.key"]) {
    expect(statSync(file(secret)).mode & 0o777).toBe(0o600);
  }
  expect(await stop(child)).toBe(0);
  const again = await firstLine(run(...options));
  expect(again).toContain(`SharedAccessKey=${key};`);
});

test("in memory nothing is written, and keys of the configuration are not printed", async () => {
  const keys = [{ name: "mine", key: "my own secret", send: ["events"], listen: [] }];
  writeFileSync(file("config.json"), JSON.stringify({ topics, keys, dataDir: file("data") }));
  const child = run("--config", file("config.json"), "--port", "0", "--memory");
  expect(await firstLine(child)).toMatch(/^service-bus ready on 127\.0\.0\.1:\d+$/);
  expect(() => statSync(file("data"))).toThrow("ENOENT");
});

test("help tells every option; wrong ones end with 2 and say what is wrong", async () => {
  const help = await ended(run("--help"));
  expect(help.code).toBe(0);
  for (const option of ["--config", "--port", "--admin-port", "--data", "--memory", "--open"]) {
    expect(help.output).toContain(option);
  }
  const wrong = [
    [["--port", "70000"], "argument '70000' is invalid. It must be between"],
    [["--prot", "1"], "unknown option '--prot'"],
    [["--memory", "--data", "x"], "cannot be used with option"],
    [["--tls-cert", "x"], "--tls-cert and --tls-key belong together"],
    [["--config", "/no/such/file"], "the configuration /no/such/file cannot be read"],
    [["--tls-cert", "x", "--tls-key", "y", "--port", "0"], "tls: the certificate"],
  ] as const;
  for (const [options, reason] of wrong) {
    const { code, output } = await ended(run(...options));
    expect(code, output).toBe(2);
    expect(output).toContain(reason);
  }
});
