import { agent } from "@niivo/contracts/agent";
import { TicketOpened, ticketTextMax } from "@niivo/contracts/tickets";
import { subscriptions } from "@niivo/contracts/topology";
import { memoryBus } from "@niivo/host/memory-bus";
import { inProcess, testClock } from "@niivo/host/testing/in-process";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { intakeService } from "../src/intake-service.ts";
import { audience, customers, type LocalEntra, lena, localEntra, tenants } from "./people.ts";

let entra: LocalEntra;
let service: ReturnType<typeof started>;

beforeAll(async () => {
  entra = await localEntra();
});
afterAll(() => entra.close());
beforeEach(() => {
  service = started();
  return () => service.drain();
});

function started() {
  const clock = testClock(new Date("2026-01-01T08:00:00.000Z"));
  const bus = memoryBus({ subscriptions, now: clock.now });
  const environment = {
    customers,
    entraAuthorityHost: entra.authority,
    entraAudience: audience,
  };
  const definition = intakeService(environment);
  return inProcess({
    ...definition,
    customers,
    subscriptions,
    startsAt: clock.now(),
    bus,
    clock,
  });
}

const post = (body: unknown, token: string, headers: Record<string, string> = {}) =>
  service.app.request("/v1/tickets", {
    method: "POST",
    headers: { authorization: `Bearer ${token}`, "content-type": "application/json", ...headers },
    body: typeof body === "string" ? body : JSON.stringify(body),
  });
const get = (path: string, token: string) =>
  service.app.request(path, { headers: { authorization: `Bearer ${token}` } });

const bodyOf = async (response: Response) => JSON.parse(await response.text());

async function openTicket(text = "I forgot my password"): Promise<string> {
  const { id } = await bodyOf(await post({ text }, entra.token()));
  await service.bus.idle();
  return id;
}
const openedTickets = () =>
  service.bus
    .stored("tickets")
    .filter(({ type }) => type === "ticket.opened.v1")
    .map((envelope) => TicketOpened.parse(envelope));

describe("opening a ticket", () => {
  test("answers 202 with where it will be, and the ticket is opened on the bus", async () => {
    const response = await post({ text: "I forgot my password" }, entra.token());
    expect(response.status).toBe(202);
    const { id, status } = await bodyOf(response);
    expect(status).toBe("open");
    expect(response.headers.get("location")).toBe(`/v1/tickets/${id}`);
    await service.bus.idle();
    const [opened] = openedTickets();
    expect(opened).toMatchObject({ ticket: id, subject: id, correlationid: id, sequence: 1 });
  });

  test("D1: who asks, how surely and for which customer is the token's word", async () => {
    await post({ text: "help" }, entra.token({ auth_time: 1_767_254_400, xms_pl: "it-CH" }));
    const fabrikam = { tid: tenants.fabrikam, amr: ["pwd"], auth_time: undefined };
    await post({ text: "help" }, entra.token(fabrikam));
    await service.bus.idle();
    const [one, other] = openedTickets();
    expect(one?.customer).toBe("contoso");
    expect(one?.data.requester).toEqual({
      objectId: lena,
      tenantId: tenants.contoso,
      displayName: "Lena Frei",
      userPrincipalName: "lena.frei@contoso.example",
      assurance: "verified",
      multifactor: true,
      signedInAt: "2026-01-01T08:00:00.000Z",
      language: "it",
    });
    expect(other?.customer).toBe("fabrikam");
    expect(other?.data.requester).toMatchObject({ multifactor: false });
    expect(other?.data.requester).not.toHaveProperty("signedInAt");
  });

  test("D2: a pasted credential is on no message and in no document", async () => {
    const id = await openTicket("My password is Sunny-Day-42 and it fails");
    expect(openedTickets()[0]?.data.text).toBe("My password is [credential removed] and it fails");
    expect(JSON.stringify(service.bus.stored("tickets"))).not.toContain("Sunny-Day-42");
    const documents = await service.store.list("contoso", { prefix: "", limit: 100 });
    expect(documents.map(({ id: name }) => name)).toContain(`key:${id}`);
    expect(JSON.stringify(documents)).not.toContain("Sunny-Day-42");
  });

  test("each ticket has a seed of its own, of 256 bits", async () => {
    await openTicket();
    await openTicket();
    const seeds = openedTickets().map(({ data }) => data.seed);
    expect(new Set(seeds).size).toBe(2);
  });

  test("the same key of the same person is the same ticket, opened once", async () => {
    const key = { "idempotency-key": "6f1c1d5e-8d9b-4b7e-9a55-0d7d7f0a0009" };
    const ids = [];
    for (const token of [entra.token(), entra.token(), entra.token({ oid: tenants.contoso })])
      ids.push((await bodyOf(await post({ text: "help" }, token, key))).id);
    await service.bus.idle();
    expect(ids[0]).toBe(ids[1]);
    expect(ids[2]).not.toBe(ids[0]);
    expect(openedTickets()).toHaveLength(2);
  });

  test("the longest text there may be is opened, whatever it is made of", async () => {
    await openTicket("\u0001".repeat(ticketTextMax));
    await openTicket("pw=abcd ".repeat(ticketTextMax / 8));
    await openTicket("a\ud800b");
    expect(openedTickets().map(({ data }) => data.text.length)).toEqual([8000, 8000, 3]);
  });

  test.each([
    ["an empty text", { text: "  " }, "/text"],
    ["a text too long", { text: "x".repeat(ticketTextMax + 1) }, "/text"],
    ["no text", {}, "/text"],
    ["another field", { text: "a", requester: "eve" }, ""],
  ])("%s is refused with 400 that names the field", async (_, body, pointer) => {
    const response = await post(body, entra.token());
    expect(response.status).toBe(400);
    expect(response.headers.get("content-type")).toBe("application/problem+json");
    expect((await bodyOf(response)).errors[0].pointer).toBe(pointer);
  });

  test("what is no JSON, a key that is no UUID, and a body too large are refused", async () => {
    expect((await post("{", entra.token())).status).toBe(400);
    expect((await post({ text: "a" }, entra.token(), { "idempotency-key": "1" })).status).toBe(400);
    expect((await post({ text: "x".repeat(70_000) }, entra.token())).status).toBe(413);
    expect(service.bus.stored("tickets")).toEqual([]);
  });

  test.each([
    ["no token", () => "", 401],
    ["another audience", () => entra.token({ aud: "api://other" }), 401],
    ["a tenant that is no customer", () => entra.token({ tid: lena }), 401],
    ["a token that has ended", () => entra.token({ exp: 1_700_000_000 }), 401],
    ["no scope", () => entra.token({ scp: "Other.Read" }), 403],
    [
      "an application",
      () => entra.token({ scp: undefined, idtyp: "app", roles: ["Tickets.ReadWrite"] }),
      403,
    ],
  ])("%s opens nothing", async (_, token, status) => {
    const response = await post({ text: "help" }, token());
    expect(response.status).toBe(status);
    expect(response.headers.get("content-type")).toBe("application/problem+json");
    expect(service.bus.stored("tickets")).toEqual([]);
  });
});

describe("how a ticket stands", () => {
  const agentSays = async (ticket: string, type: string, data: object) => {
    const publisher = service.bus.publisher("agent");
    const schema = Object.entries(agent.events).find(([name]) => name === type)?.[1];
    const envelope = schema?.parse({
      specversion: "1.0",
      id: crypto.randomUUID(),
      source: "agent",
      type,
      subject: ticket,
      time: service.clock.now().toISOString(),
      customer: "contoso",
      ticket,
      correlationid: ticket,
      sequence: 1,
      data,
    });
    await publisher.publish([{ envelope: envelope! }]);
    await service.bus.idle();
  };

  test("the requester sees it open, waiting, and resolved with its summary", async () => {
    const id = await openTicket();
    const shown = async () => bodyOf(await get(`/v1/tickets/${id}`, entra.token()));
    expect(await shown()).toEqual({
      id,
      status: "open",
      summary: null,
      code: null,
      replies: [],
      reference: null,
      updatedAt: "2026-01-01T08:00:00.000Z",
    });
    await agentSays(id, "ticket.waiting.v1", { actionId: id, step: 1 });
    expect(await shown()).toMatchObject({ status: "waiting" });
    service.clock.advance(1000);
    await agentSays(id, "ticket.resolved.v1", { summary: "Done.", step: 2 });
    await agentSays(id, "ticket.escalated.v1", { code: "late", summary: "No.", step: 2 });
    expect(await shown()).toEqual({
      id,
      status: "resolved",
      summary: "Done.",
      code: null,
      replies: [],
      reference: null,
      updatedAt: "2026-01-01T08:00:01.000Z",
    });
  });

  test("D4: for others it does not exist, except for their customer's administrators and auditors", async () => {
    const id = await openTicket();
    const other = { oid: tenants.contoso };
    const status = async (claims: object) =>
      (await get(`/v1/tickets/${id}`, entra.token(claims))).status;
    expect(await status(other)).toBe(404);
    expect(await status({ ...other, roles: ["Audit.Read"] })).toBe(200);
    expect(await status({ ...other, roles: ["Admin.ReadWrite"] })).toBe(200);
    expect(await status({ tid: tenants.fabrikam })).toBe(404);
    expect(await status({ tid: tenants.fabrikam, roles: ["Admin.ReadWrite"] })).toBe(404);
    expect(await status({ scp: "Other.Read" })).toBe(403);
  });

  test("an unknown ticket is 404, and what is no id is 400", async () => {
    expect((await get(`/v1/tickets/${lena}`, entra.token())).status).toBe(404);
    expect((await get("/v1/tickets/1", entra.token())).status).toBe(400);
  });
});

test("the interface describes itself", async () => {
  const document = await bodyOf(await service.app.request("/openapi.json"));
  expect(Object.keys(document.paths)).toEqual([
    "/v1/tickets",
    "/v1/tickets/{id}",
    "/v1/tickets/inbound",
  ]);
  expect(document.paths["/v1/tickets"].post.requestBody.content["application/json"]).toBeDefined();
});
