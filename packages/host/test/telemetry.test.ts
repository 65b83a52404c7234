// With a collector, spans reach it over OTLP; ids and names are in them, nothing of a message's data.

import { Hono } from "hono";
import { afterAll, expect, test } from "vitest";
import { serve } from "../src/serve.ts";
import { startTelemetry } from "../src/telemetry.ts";
import { inProcess } from "../src/testing/in-process.ts";
import { contoso, definition, events, startsAt, stepDue, steps } from "./counting.ts";

const exported: { path: string; body: string }[] = [];
const collector = await serve(
  new Hono().all("*", async (c) => {
    exported.push({ path: c.req.path, body: await c.req.text() });
    return c.json({});
  }),
  "127.0.0.1",
  0,
);
afterAll(() => collector.close());

test("a request, the command it sends and its handling are one exported trace", async () => {
  const telemetry = startTelemetry("test", `http://127.0.0.1:${collector.port}`);
  const { id, type, data, customer, ticket = "", subject } = stepDue("a", 7);
  const service = inProcess({
    ...definition(),
    ...{ customers: [contoso], subscriptions: [steps, events], startsAt },
    http: (host) =>
      new Hono().post("/steps", async (c) => {
        await host.send({ id, type, data, customer, ticket, subject });
        return c.body(null, 202);
      }),
  });
  expect((await service.app.request("/steps", { method: "POST" })).status).toBe(202);
  await service.bus.idle();
  await service.drain();
  await telemetry.close();
  const traces = service.bus
    .stored("agent")
    .map(({ traceparent = "" }) => traceparent.split("-")[1]);
  expect(traces).toHaveLength(2);
  expect(new Set(traces).size).toBe(1);
  const spans = exported
    .filter(({ path }) => path === "/v1/traces")
    .map(({ body }) => body)
    .join();
  for (const name of ["POST /steps", "send agent", "process agent/agent", id, String(traces[0])])
    expect(spans).toContain(name);
  expect(exported.some(({ path }) => path === "/v1/metrics")).toBe(true);
});
