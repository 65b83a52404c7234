// Graph's SDK over a real socket: no retries, no redirects, codes only.
//
// Over plain http the SDK sends no token, whatever its options; that it sends one over https is proved by
// the system tests against the tenant emulator.

import { describe, expect, test } from "vitest";
import { openGraph } from "./graph.ts";
import { json, localServer } from "./testing/executions.ts";
import { ids } from "./testing/fixtures.ts";

const work = { requestId: ids.action, signal: new AbortController().signal };
const open = (baseUrl: string, signal = work.signal) =>
  openGraph({ baseUrl, token: () => "token", work: { ...work, signal } });
const graphError = (code: string) => ({ error: { code, message: "Ms. Frei's secret is 42" } });

describe("graph", () => {
  test("asks v1.0 with the action's id, and gives the body", async () => {
    await using server = await localServer((_, response) => json(response, 200, { id: 1 }));
    const answer = await open(`${server.origin}/graph`).get("/users/a%40b.ch", { $select: "id" });
    expect(answer).toEqual({ kind: "ok", body: { id: 1 } });
    const [seen] = server.seen;
    expect(seen?.url).toBe("/graph/v1.0/users/a%40b.ch?$select=id");
    expect(seen?.headers["client-request-id"]).toBe(ids.action);
  });
  test("sends bodies as JSON and takes an answer without one", async () => {
    await using server = await localServer((_, response) => response.writeHead(204).end());
    const graph = open(server.origin);
    expect(await graph.patch("/users/1", { a: 1 })).toMatchObject({ kind: "ok" });
    expect(await graph.post("/users/1/x", { b: 2 })).toMatchObject({ kind: "ok" });
    expect(await graph.remove("/users/1/y")).toMatchObject({ kind: "ok" });
    expect(server.seen.map(({ method, url, body }) => [method, url, body])).toEqual([
      ["PATCH", "/v1.0/users/1", '{"a":1}'],
      ["POST", "/v1.0/users/1/x", '{"b":2}'],
      ["DELETE", "/v1.0/users/1/y", ""],
    ]);
  });
  test.each([400, 403, 404, 429])("%s is a refusal by Graph's code, asked once", async (status) => {
    await using server = await localServer((_, response) =>
      json(response, status, graphError("Some_Code"), { "retry-after": "0" }),
    );
    const answer = await open(server.origin).patch("/users/1", {});
    expect(answer).toEqual({ kind: "refused", status, code: "Some_Code" });
    expect(server.seen).toHaveLength(1);
  });
  test.each([500, 502, 503, 504])("%s is unclear, asked once", async (status) => {
    await using server = await localServer((_, response) =>
      json(response, status, graphError("Some_Code"), { "retry-after": "0" }),
    );
    expect(await open(server.origin).patch("/users/1", {})).toEqual({
      kind: "unclear",
      code: String(status),
    });
    expect(server.seen).toHaveLength(1);
  });
  test("what is no code does not pass", async () => {
    await using server = await localServer((_, response) =>
      json(response, 403, graphError("Lena Frei is not allowed")),
    );
    expect(await open(server.origin).get("/x")).toEqual({
      kind: "refused",
      status: 403,
      code: "none",
    });
  });
  test("O1 a redirect is not followed", async () => {
    await using stranger = await localServer((_, response) => json(response, 200, {}));
    await using server = await localServer((_, response) =>
      response.writeHead(307, { location: `${stranger.origin}/v1.0/x` }).end(),
    );
    expect((await open(server.origin).get("/x")).kind).toBe("unclear");
    expect(stranger.seen).toEqual([]);
  });
  test("a server that hangs up is unclear; one that is not there too", async () => {
    const server = await localServer((_, response) => response.destroy());
    expect((await open(server.origin).patch("/x", {})).kind).toBe("unclear");
    await server[Symbol.asyncDispose]();
    expect((await open(server.origin).patch("/x", {})).kind).toBe("unclear");
  });
  test("an end of the work while Graph is silent is unclear", async () => {
    const end = new AbortController();
    await using server = await localServer(() => end.abort());
    expect((await open(server.origin, end.signal).patch("/x", {})).kind).toBe("unclear");
  });
  test("after the end of the work nothing is sent, so nothing happened", async () => {
    await using server = await localServer((_, response) => json(response, 200, {}));
    const answer = await open(server.origin, AbortSignal.abort()).patch("/x", {});
    expect(answer).toEqual({ kind: "refused", status: 0, code: "deadline" });
    expect(server.seen).toEqual([]);
  });
});
