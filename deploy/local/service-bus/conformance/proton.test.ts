// A client that is not built on rhea, neither side of which could see what both do wrong: Qpid Proton,
// from Debian's package python3-qpid-proton.

import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { KEY, startBus } from "../test/bus.ts";

const python = "/usr/bin/python3";
const script = fileURLToPath(new URL("./proton-client.py", import.meta.url));
const isInstalled = spawnSync(python, ["-c", "import proton"]).status === 0;
const runMs = 60_000;

const checks = {
  types_intact:
    "values of every AMQP type come out as the type they went in as, also deep in the body",
  broker_sections: "the broker's annotations are added to the client's own, each of its own type",
  outcomes: "accepted, released, modified and rejected do what they say",
  many_frames: "900 KB, or as much as the link takes, come out as they went in, over many frames",
  order_and_credit: "messages keep their order with credit given before the attach is answered",
  refusals: "a bad token is answered with 401, and a link without one is refused",
  sasl_plain:
    "a key's name and secret by SASL PLAIN open what a token opens, a wrong secret nothing",
};
const Report = z.record(z.string(), z.string().nullable());

describe("Qpid Proton", () => {
  if (!isInstalled) {
    test.skip("skipped: python3-qpid-proton is not installed", () => undefined);
    return;
  }
  const running = runClient();
  for (const [check, sentence] of Object.entries(checks)) {
    test(sentence, { timeout: runMs }, async () => {
      const report = await running;
      expect(report).toHaveProperty(check);
      expect(report[check]).toBeNull();
    });
  }
});

async function runClient(): Promise<z.infer<typeof Report>> {
  await using bus = await startBus([{ name: "plain" }]);
  const where = ["events", "events/Subscriptions/plain"];
  const child = spawn(python, [script, String(bus.server.port), KEY.name, KEY.key, ...where], {
    stdio: ["ignore", "pipe", "pipe"],
    timeout: runMs,
  });
  let [output, errors] = ["", ""];
  child.stdout.on("data", (chunk: Buffer) => {
    output += chunk.toString();
  });
  child.stderr.on("data", (chunk: Buffer) => {
    errors += chunk.toString();
  });
  const [code] = await once(child, "close");
  if (code !== 0) throw new Error(`the client ended with ${code}: ${errors}`);
  return Report.parse(JSON.parse(output));
}
