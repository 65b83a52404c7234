// What leaves the process, and that a collector that is dead, silent or refusing changes nothing else.

import { createServer } from "node:net";
import { metrics, trace } from "@opentelemetry/api";
import { Hono } from "hono";
import { afterAll, expect, test } from "vitest";
import { createLogger } from "../src/logger.ts";
import { count, move, recordSeconds, recordTokens } from "../src/metrics.ts";
import { tracedCall } from "../src/outbound-span.ts";
import { serve } from "../src/serve.ts";
import { startTelemetry } from "../src/telemetry.ts";
import { attribute } from "../src/telemetry-names.ts";

const exported: string[] = [];
const collector = await serve(
  new Hono().all("*", async (c) => {
    exported.push(await c.req.text());
    return c.json({});
  }),
  "127.0.0.1",
  0,
);
const silent = createServer(() => {}).listen(0, "127.0.0.1");
await new Promise((resolve) => silent.once("listening", resolve));
const address = silent.address();
const silentPort = typeof address === "object" && address !== null ? address.port : 0;
afterAll(async () => {
  await collector.close();
  silent.close();
});

const secret = "hunter2-hunter2-hunter2";

test("T1, T2: secrets and texts in names, attributes, events, status and metrics stay here", async () => {
  const telemetry = startTelemetry("test", `http://127.0.0.1:${collector.port}`);
  const tracer = trace.getTracer("somebody else's");
  const span = tracer.startSpan(`GET ${secret} please`, { attributes: { token: secret } });
  span.setAttribute(attribute.errorType, `failed: ${secret}`);
  span.addEvent(secret, { secret });
  span.recordException(new Error(secret));
  span.setStatus({ code: 2, message: secret });
  span.addLink({ context: span.spanContext(), attributes: { secret } });
  span.end();
  const failing = tracedCall("graph", {}, () => Promise.reject(new Error(secret)));
  await expect(failing).rejects.toThrow(secret);
  metrics.getMeter("somebody else's").createCounter("calls").add(1, { token: secret });
  count("decisions", 1, { [attribute.mode]: "deny", [attribute.code]: `no: ${secret}` });
  move("approvalsWaiting", 1);
  recordSeconds("messageAge", 0.2, { [attribute.destination]: "tickets" });
  recordTokens(10, { [attribute.genAiTokenType]: "input" });
  await telemetry.close();
  const text = exported.join("\n");
  for (const name of ["niivo.policy.decisions", "deny", "niivo.approvals.waiting", "tickets"])
    expect(text).toContain(name);
  for (const name of ["niivo.message.age", "gen_ai.client.token.usage", '"graph"', "niivo-test"])
    expect(text).toContain(name);
  expect(text).not.toContain(secret);
});

test.each([
  ["that nobody listens behind", "http://127.0.0.1:9"],
  ["that takes everything and never answers", `http://127.0.0.1:${silentPort}`],
])("T3: a collector %s neither slows the work nor holds up a drain", async (_, endpoint) => {
  const callsMax = 20_000;
  const telemetry = startTelemetry("test", endpoint);
  const beganAt = performance.now();
  for (let call = 0; call < callsMax; call += 1)
    await tracedCall("graph", { [attribute.httpStatus]: 200 }, async () => call);
  const eachMs = (performance.now() - beganAt) / callsMax;
  expect(eachMs).toBeLessThan(1);
  const closingAt = performance.now();
  await telemetry.close();
  expect(performance.now() - closingAt).toBeLessThan(3000);
});

test("a line of the log names the active span", async () => {
  const telemetry = startTelemetry("test", undefined);
  const lines: string[] = [];
  const log = createLogger("test", "info", { write: (line: string) => void lines.push(line) });
  const ids = await tracedCall("graph", {}, async () => {
    log.info("inside");
    return trace.getActiveSpan()?.spanContext();
  });
  log.info("outside");
  await telemetry.close();
  const [inside = "", outside = ""] = lines;
  expect(JSON.parse(inside)).toMatchObject({ trace_id: ids?.traceId, span_id: ids?.spanId });
  expect(JSON.parse(outside)).not.toHaveProperty("trace_id");
});
