// Real child processes: small programs that end by themselves.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { startChild } from "./processes.ts";
import { supervise } from "./supervise.ts";

const folder = mkdtempSync(join(tmpdir(), "niivo-supervise-"));
const logFile = (name: string) => join(folder, `${name}.log`);
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const saysReady = "console.log('ready ' + process.pid);";
const program = (code: string) => (name: string) =>
  startChild({
    name,
    arguments: ["--eval", code],
    environment: {},
    logFile: logFile(name),
    ready: { line: "ready" },
  });

test("a part that ends by itself is started again, and one that is killed stays down", async () => {
  const again = Promise.withResolvers<string>();
  let isFirst = true;
  const supervisor = supervise<"part">({
    spawn: (name) => program(`${saysReady} setInterval(() => {}, 1000)`)(name),
    logFile,
    ready: () => {
      if (!isFirst) again.resolve("ready");
      isFirst = false;
    },
  });
  const first = Number(await supervisor.start("part"));
  process.kill(first, "SIGKILL");
  expect(await again.promise).toBe("ready");
  const [child] = supervisor.running();
  expect(child?.pid).not.toBe(first);
  await supervisor.kill("part");
  expect(supervisor.running()).toEqual([]);
  await supervisor.stop();
});
