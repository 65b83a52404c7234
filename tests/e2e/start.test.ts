// When the local environment cannot start or go on, it says so in one clear line and leaves nothing running.

import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { freePorts } from "@niivo/local/ports";
import { startSystem } from "@niivo/local/up";
import { afterAll, expect, test } from "vitest";

const repository = fileURLToPath(new URL("../../", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "niivo-start-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function start(...options: string[]) {
  const file = join(repository, "deploy/local/src/start.ts");
  const { status, stderr } = spawnSync(process.execPath, [file, ...options], {
    encoding: "utf8",
    timeout: 60_000,
  });
  return { status, lines: stderr.trimEnd().split("\n") };
}

test("a port in use is one clear line and a non-zero exit", async () => {
  const server = createServer();
  // Somebody may be using the product beside this test; then the port is in use already.
  await new Promise<void>((resolve) => {
    server.once("error", () => resolve());
    server.listen(7604, "127.0.0.1", () => resolve());
  });
  const { status, lines } = start("--data", join(folder, "ports"));
  await new Promise((resolve) => server.close(resolve));
  expect(status).toBe(1);
  expect(lines).toHaveLength(1);
  expect(lines[0]).toMatch(/port \d+ \([a-zA-Z]+\) is in use/);
});

test("a data folder that cannot be written is one clear line and a non-zero exit", () => {
  writeFileSync(join(folder, "a-file"), "");
  const { status, lines } = start("--data", join(folder, "a-file", "data"));
  expect(status).toBe(1);
  expect(lines).toEqual([expect.stringMatching(/the data folder .* cannot be written/)]);
});

test("a service that cannot start is named, and nothing is left running", async () => {
  const dataDir = join(folder, "broken");
  mkdirSync(join(dataDir, "stores"), { recursive: true });
  writeFileSync(
    join(dataDir, "stores", "policy.sqlite"),
    "this is no database, but a text".repeat(99),
  );
  const ports = await freePorts();
  const failed = await startSystem({ dataDir, ports }).then(
    () => "started",
    (error: Error) => error.message,
  );
  expect(failed).toMatch(/^policy did not start \(exit code \d+\): /);
  expect(failed.split("\n")).toHaveLength(1);
  await expect(fetch(`http://127.0.0.1:${ports.intake}/healthz`)).rejects.toThrow();
});

test("a service that dies again and again is reported in one line", async () => {
  const system = await startSystem({ dataDir: join(folder, "dying"), ports: await freePorts() });
  let line: string | undefined;
  void system.broken.then((one) => {
    line = one;
  });
  try {
    const deadline = Date.now() + 90_000;
    while (line === undefined && Date.now() < deadline) {
      const broker = system.processes().find(({ name }) => name === "broker");
      try {
        if (broker !== undefined) process.kill(broker.pid, "SIGKILL");
      } catch {
        // It has ended already, and is being started again.
      }
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
    expect(line).toMatch(/^broker ended \(.*\): see .*broker\.log$/);
  } finally {
    await system.stop();
  }
});

test("an old Node is told so in one line, in the words of npm", () => {
  const older =
    "data:text/javascript,Object.defineProperty(process.versions,'node',{value:'20.20.2'})";
  const { status, stderr } = spawnSync(
    process.execPath,
    ["--import", older, join(repository, "scripts/check-node.mjs")],
    { encoding: "utf8" },
  );
  expect(status).toBe(1);
  expect(stderr.trimEnd().split("\n")).toEqual([expect.stringContaining("npm ci")]);
});
