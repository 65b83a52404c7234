// A parent may be gone at any moment of its child's start, and no child may be left behind.

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { expect, onTestFinished, test } from "vitest";

const endWithParent = fileURLToPath(new URL("./end-with-parent.ts", import.meta.url));

/** A child that would live for ever, with `preloaded` before the code under test and `main` after it. */
function childOf(main: string, preloaded = ""): ChildProcess {
  const before = preloaded === "" ? [] : ["--import", `data:text/javascript,${preloaded}`];
  const child = spawn(process.execPath, [...before, "--import", endWithParent, "-e", main], {
    stdio: ["ignore", "pipe", "ignore", "ipc"],
  });
  onTestFinished(() => void child.kill("SIGKILL"));
  return child;
}

const forEver = "setInterval(() => {}, 1000); console.log('up');";

test("a child ends when its parent is gone", async () => {
  const child = childOf(forEver);
  await once(child.stdout ?? child, "data");
  child.disconnect();
  expect(await once(child, "exit")).toEqual([null, "SIGTERM"]);
});

test("a child ends when its parent was gone before it could listen for that", async () => {
  // The event has come and gone by the time the code under test is loaded.
  const child = childOf(forEver, "await new Promise((gone) => process.once('disconnect', gone))");
  child.disconnect();
  expect(await once(child, "exit")).toEqual([null, "SIGTERM"]);
});

test("a child that does not end when it is told to is ended", async () => {
  const child = childOf(`process.on("SIGTERM", () => {}); ${forEver}`);
  await once(child.stdout ?? child, "data");
  child.disconnect();
  expect(await once(child, "exit")).toEqual([null, "SIGKILL"]);
}, 30_000);
