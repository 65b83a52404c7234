// What every service's HTTP side does, whatever its routes are.

import { createRoute, OpenAPIHono, z } from "@hono/zod-openapi";
import { Hono } from "hono";
import { pino } from "pino";
import { expect, test } from "vitest";
import { BusUnavailable } from "../src/bus-unavailable.ts";
import { bodyLimit, problem, validationHook } from "../src/problem.ts";
import { createApp, serve } from "../src/serve.ts";

const log = pino({ level: "silent" });
const Person = z.strictObject({ name: z.string().min(1), "a/b": z.int().optional() });

function routes() {
  const app = new OpenAPIHono({ defaultHook: validationHook });
  const route = createRoute({
    method: "post",
    path: "/people",
    request: { body: { required: true, content: { "application/json": { schema: Person } } } },
    responses: { 201: { description: "created" } },
  });
  app.openapi(route, (c) => c.body(null, 201));
  app.post("/small", bodyLimit(10), async (c) => c.text(await c.req.text()));
  app.get("/broken", () => {
    throw new Error("secret inside");
  });
  app.get("/away", () => {
    throw new BusUnavailable("no answer");
  });
  app.get("/conflict", (c) => problem(c, 409, "already-done", "It was done before."));
  return app;
}

let notReady: string | undefined;
const app = createApp({ log, notReady: () => notReady, routes: routes() });
const json = (body: unknown) => ({
  method: "POST",
  headers: { "content-type": "application/json" },
  body: JSON.stringify(body),
});

test.each([
  ["/conflict", {}, 409, "already-done"],
  ["/nothing", {}, 404, "not-found"],
  ["/conflict", { method: "PUT" }, 405, "method-not-allowed"],
  ["/broken", {}, 500, "internal"],
  ["/away", {}, 503, "unavailable"],
  ["/small", { method: "POST", body: "x".repeat(11) }, 413, "too-large"],
  ["/people", { ...json({}), body: "{" }, 400, "invalid-request"],
  ["/people", { ...json({}), headers: {} }, 415, "media-type"],
])("%s answers with a problem: %o is %i %s", async (path, init, status, code) => {
  const response = await app.request(path, init);
  expect(response.status).toBe(status);
  expect(response.headers.get("content-type")).toBe("application/problem+json");
  const body = await response.text();
  expect(JSON.parse(body)).toMatchObject({ status, code, type: `urn:niivo:problem:${code}` });
  expect(body).not.toMatch(/secret inside|\.ts/);
});

test("a refused request names every field by JSON pointer", async () => {
  const response = await app.request("/people", json({ name: "", "a/b": "x", more: 1 }));
  expect(response.status).toBe(400);
  const { errors } = z
    .object({ errors: z.array(z.object({ pointer: z.string(), detail: z.string() })) })
    .parse(await response.json());
  expect(errors.map(({ pointer }) => pointer).toSorted()).toEqual(["", "/a~1b", "/name"]);
});

test("a request that matches its schema is answered, with headers that protect a browser", async () => {
  const response = await app.request("/people", json({ name: "Ada" }));
  expect(response.status).toBe(201);
  expect(response.headers.get("x-content-type-options")).toBe("nosniff");
});

test("405 says which methods there are", async () => {
  const response = await app.request("/people", { method: "DELETE" });
  expect(response.headers.get("allow")).toContain("POST");
});

test("it is alive always, and ready only while it is", async () => {
  expect((await app.request("/healthz")).status).toBe(200);
  expect((await app.request("/readyz")).status).toBe(200);
  notReady = "the disk is full";
  expect((await app.request("/healthz")).status).toBe(200);
  expect((await app.request("/readyz")).status).toBe(503);
  notReady = undefined;
});

test("closing waits for the open request and takes no new one", async () => {
  const [begun, may] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const slow = new Hono().get("/slow", async (c) => {
    begun.resolve();
    await may.promise;
    return c.text("done");
  });
  const serving = await serve(slow, "127.0.0.1", 0);
  const url = `http://127.0.0.1:${serving.port}/slow`;
  const response = fetch(url);
  await begun.promise;
  const closed = serving.close();
  await expect(fetch(url)).rejects.toThrow();
  may.resolve();
  expect(await (await response).text()).toBe("done");
  await closed;
});
