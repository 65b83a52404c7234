// The door of the secret links, in process: every way to get nothing, and the one way to see the secret.

import { BusUnavailable } from "@niivo/host/bus-unavailable";
import type { OutgoingCommand } from "@niivo/host/host";
import { createLogger } from "@niivo/host/logger";
import { memoryStore } from "@niivo/host/memory-store";
import { createApp } from "@niivo/host/serve";
import { beforeEach, describe, expect, test } from "vitest";
import { failed, type ReadSecret } from "../ports.ts";
import { secretLinks } from "../secret-links.ts";
import { linkKey } from "../testing/executions.ts";
import { customer, id, ids, now } from "../testing/fixtures.ts";
import { browserSessions } from "./browser-sessions.ts";
import { linksHttp } from "./http.ts";
import type { Person, SignIn } from "./sign-in.ts";

const origin = "https://secrets.niivo.example";
const fabrikam = { ...customer, id: "fabrikam", tenantId: id(60) };
const plain = "Correct-Horse-42";
const lena: Person = {
  objectId: ids.lena,
  name: "Lena <b>Frei</b>",
  signedInAtMs: now.getTime(),
  multifactor: true,
};

type Door = Awaited<ReturnType<typeof started>>;
let door: Door;
beforeEach(async () => {
  door = await started();
});

/** The door over memory stores; the sign-in always brings `arrives` back. */
async function started() {
  let clock = now;
  let readSecret: ReadSecret = async () => ({ kind: "secret", value: () => linkKey });
  let busIsAway: (type: string) => boolean = () => false;
  let arrives: Person = lena;
  const order: string[] = [];
  const sent: OutgoingCommand[] = [];
  const secrets = memoryStore({ now: () => clock });
  const store = memoryStore({ now: () => clock });
  const link = await secretLinks(secrets).store({
    customer: "contoso",
    ticket: ids.ticket,
    actionId: ids.action,
    recipient: ids.lena,
    plain: () => plain,
    key: () => linkKey,
    now,
  });
  if (link.kind === "failed") throw new Error(link.code);
  const { secretId } = link.stored;
  const signIn: SignIn = {
    begin: async () => ({
      url: new URL("https://login.microsoftonline.com/authorize"),
      pending: { state: "s", nonce: "n", verifier: "v".repeat(43) },
    }),
    end: async (_customer, url) =>
      url.searchParams.get("state") === "s"
        ? { kind: "person", person: arrives }
        : { kind: "refused", code: "sign-in-failed" },
  };
  const log = createLogger("links", undefined);
  log.level = "silent";
  const routes = linksHttp({
    customers: [customer, fabrikam],
    secrets: {
      ...secrets,
      commit: (partition, operations) => {
        order.push("consumed");
        return secrets.commit(partition, operations);
      },
    },
    readSecret: (secret, work) => {
      order.push("vault");
      return readSecret(secret, work);
    },
    host: {
      now: () => clock,
      log,
      send: async (command) => {
        if (busIsAway(command.type)) throw new BusUnavailable("the bus is away");
        order.push(command.type);
        sent.push(command);
      },
    },
    linksUrl: origin,
    entraAuthorityHost: "https://login.microsoftonline.com",
    browsers: browserSessions(store, () => clock),
    signIn,
  });
  const app = createApp({ log, notReady: () => undefined, routes });
  const cookieOf = (response: Response, name: string) =>
    response.headers
      .getSetCookie()
      .map((line) => line.split(";")[0] ?? "")
      .find((pair) => pair.startsWith(`__Host-${name}=`) && !pair.endsWith("=")) ?? "";
  const page = (at = "contoso") => `/s/${at}/${secretId}`;
  return {
    app,
    secrets,
    store,
    secretId,
    order,
    sent,
    page,
    cookieOf,
    later: (ms: number) => {
      clock = new Date(now.getTime() + ms);
    },
    withVault: (read: ReadSecret) => {
      readSecret = read;
    },
    withoutBus: (isAway: (type: string) => boolean) => {
      busIsAway = isAway;
    },
    depart: (at?: string) =>
      app.request(`${page(at)}/sign-in`, { method: "POST", headers: { origin } }),
    /** The cookie of this person's session. */
    session: async (person: Person = lena, at = "contoso") => {
      arrives = person;
      const away = await app.request(`${page(at)}/sign-in`, {
        method: "POST",
        headers: { origin },
      });
      const back = await app.request("/sign-in/callback?code=c&state=s", {
        headers: { cookie: cookieOf(away, "niivo-sign-in") },
      });
      return cookieOf(back, "niivo-session");
    },
    reveal: (cookie: string, headers: Record<string, string> = { origin }, of = secretId) =>
      app.request(`/v1/secrets/${of}/reveal`, { method: "POST", headers: { cookie, ...headers } }),
  };
}
const codeOf = async (response: Response): Promise<unknown> =>
  JSON.parse(await response.text()).code;
const kept = async ({ secrets }: Door) =>
  (await secrets.list("contoso", { prefix: "secret:", limit: 9 })).length;

describe("the one way", () => {
  test("V2 V3 the key's taking is on the bus before the vault is asked, and the secret is gone before it is sent", async () => {
    const response = await door.reveal(await door.session());
    expect(response.status).toBe(200);
    expect(JSON.parse(await response.text())).toEqual({ secret: plain });
    expect(door.order).toEqual(["reveal.begin.v1", "vault", "consumed", "reveal.end.v1"]);
    expect(await kept(door)).toBe(0);
    expect(door.sent[0]).toMatchObject({
      customer: "contoso",
      ticket: ids.ticket,
      subject: door.secretId,
      data: { secretId: door.secretId, actionId: ids.action, by: ids.lena },
    });
    expect(JSON.stringify(door.sent)).not.toContain(plain);
  });
  test("V3 of ten requests at once one gets it", async () => {
    const cookies = await Promise.all([door.session(), door.session()]);
    const answers = await Promise.all(
      cookies.flatMap((cookie) => Array.from({ length: 5 }, () => door.reveal(cookie))),
    );
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    expect(answers.filter(({ status }) => status === 404)).toHaveLength(9);
  });
  test("W3 the page and the secret are kept, framed and told nowhere", async () => {
    const cookie = await door.session();
    for (const response of [await door.app.request(door.page()), await door.reveal(cookie)]) {
      expect(response.headers.get("cache-control")).toBe("no-store");
      expect(response.headers.get("referrer-policy")).toBe("no-referrer");
      expect(response.headers.get("x-robots-tag")).toContain("noindex");
      const policy = response.headers.get("content-security-policy");
      expect(policy).toContain("default-src 'none'");
      expect(policy).toContain("frame-ancestors 'none'");
      expect(policy).not.toContain("unsafe");
    }
  });
  test("C1 the session's cookie is strict, and in no document", async () => {
    const away = await door.depart();
    const back = await door.app.request("/sign-in/callback?code=c&state=s", {
      headers: { cookie: door.cookieOf(away, "niivo-sign-in") },
    });
    const line = back.headers.getSetCookie().find((one) => one.includes("niivo-session"));
    expect(line).toMatch(/^__Host-niivo-session=.*Path=\/; HttpOnly; Secure; SameSite=Strict$/);
    const value = door.cookieOf(back, "niivo-session").split(".")[1] ?? "none";
    const documents = await door.store.list("contoso", { prefix: "session:", limit: 9 });
    expect(documents).toHaveLength(1);
    expect(JSON.stringify(documents)).not.toContain(value);
  });
  test("a name is text on the page, never markup", async () => {
    const cookie = await door.session();
    const page = await (await door.app.request(door.page(), { headers: { cookie } })).text();
    expect(page).toContain("Lena &lt;b&gt;Frei&lt;/b&gt;");
  });
});

describe("V1 nothing, and it is told", () => {
  const refusals: [string, number, Person][] = [
    ["other-person", 403, { ...lena, objectId: ids.marco }],
    ["second-factor-missing", 403, { ...lena, multifactor: false }],
    ["sign-in-old", 403, { ...lena, signedInAtMs: now.getTime() - 300_001 }],
    ["sign-in-old", 403, { ...lena, signedInAtMs: now.getTime() + 60_000 }],
    ["sign-in-old", 403, { ...lena, signedInAtMs: null }],
  ];
  test.each(refusals)("%s", async (code, status, person) => {
    const response = await door.reveal(await door.session(person));
    expect(response.status).toBe(status);
    expect(await codeOf(response)).toBe(code);
    expect(door.order).toEqual(["reveal.refuse.v1"]);
    expect(door.sent[0]?.data).toMatchObject({ code, by: person.objectId, actionId: ids.action });
    expect(await kept(door)).toBe(1);
  });
  test("a sign-in of exactly five minutes ago is young enough", async () => {
    const cookie = await door.session({ ...lena, signedInAtMs: now.getTime() - 300_000 });
    expect((await door.reveal(cookie)).status).toBe(200);
  });
  test("after the link's end", async () => {
    door.later(86_400_000);
    const cookie = await door.session({ ...lena, signedInAtMs: now.getTime() + 86_400_000 });
    expect(await codeOf(await door.reveal(cookie))).toBe("nothing-there");
    expect(await kept(door)).toBe(0);
  });
  test("V4 R12 the same id at another customer", async () => {
    const cookie = await door.session(lena, "fabrikam");
    expect(await codeOf(await door.reveal(cookie))).toBe("nothing-there");
    expect(door.sent[0]).toMatchObject({ customer: "fabrikam", data: { code: "nothing-there" } });
    expect(await kept(door)).toBe(1);
  });
  test("a second POST", async () => {
    const cookie = await door.session();
    await door.reveal(cookie);
    expect(await codeOf(await door.reveal(cookie))).toBe("nothing-there");
    expect(door.sent.at(-1)).toMatchObject({ type: "reveal.refuse.v1" });
  });
  test("the vault refuses the key: nothing is used up", async () => {
    door.withVault(async () => failed("vault-refused", "no"));
    expect(await codeOf(await door.reveal(await door.session()))).toBe("key-unavailable");
    expect(door.order).toEqual(["reveal.begin.v1", "vault", "reveal.refuse.v1"]);
    expect(await kept(door)).toBe(1);
  });
  test("L2 another key does not open it: nothing is used up", async () => {
    const other = Buffer.alloc(32, 8).toString("base64");
    door.withVault(async () => ({ kind: "secret", value: () => other }));
    expect(await codeOf(await door.reveal(await door.session()))).toBe("not-openable");
    expect(await kept(door)).toBe(1);
  });
  test("V2 the bus is away: the vault is not asked, and nothing is used up", async () => {
    door.withoutBus(() => true);
    expect((await door.reveal(await door.session())).status).toBe(503);
    expect(door.order).toEqual([]);
    expect(await kept(door)).toBe(1);
  });
  test("the bus goes away after the secret was taken: it is shown, not lost", async () => {
    door.withoutBus((type) => type === "reveal.end.v1");
    expect((await door.reveal(await door.session())).status).toBe(200);
    expect(door.sent.map(({ type }) => type)).toEqual(["reveal.begin.v1"]);
  });
  test("C3 a session has five attempts", async () => {
    const cookie = await door.session({ ...lena, objectId: ids.marco });
    for (let count = 0; count < 5; count++)
      expect(await codeOf(await door.reveal(cookie))).toBe("other-person");
    expect(await codeOf(await door.reveal(cookie))).toBe("too-many-attempts");
    expect(door.sent).toHaveLength(5);
  });
});

describe("without a session, or from elsewhere", () => {
  test.each([
    ["no cookie", ""],
    ["an invented one", `__Host-niivo-session=contoso.${"A".repeat(43)}`],
    ["one of another form", "__Host-niivo-session=../../x"],
    ["the cookie of a sign-in that has not ended", "sign-in"],
  ])("%s gets nothing", async (_name, given) => {
    const pending = door.cookieOf(await door.depart(), "niivo-sign-in").split("=")[1] ?? "";
    const cookie = given === "sign-in" ? `__Host-niivo-session=${pending}` : given;
    const response = await door.reveal(cookie);
    expect(response.status).toBe(401);
    expect(door.order).toEqual([]);
  });
  test("C3 a session ends after five minutes, whatever it did meanwhile", async () => {
    const cookie = await door.session({ ...lena, objectId: ids.marco });
    door.later(200_000);
    await door.reveal(cookie);
    door.later(300_001);
    expect((await door.reveal(cookie)).status).toBe(401);
  });
  test.each([
    ["another origin", { origin: "https://evil.example" }],
    ["another scheme", { origin: "http://secrets.niivo.example" }],
    ["no origin at all", {}],
    ["a form of another site", { origin: "null", "sec-fetch-site": "cross-site" }],
    ["a sibling's form", { origin: "null", "sec-fetch-site": "same-site" }],
  ])("W2 %s is refused, with a good cookie too", async (_name, headers) => {
    const cookie = await door.session();
    expect(await codeOf(await door.reveal(cookie, headers as Record<string, string>))).toBe(
      "other-origin",
    );
    const away = await door.app.request(`${door.page()}/sign-in`, {
      method: "POST",
      headers: headers as Record<string, string>,
    });
    expect(away.status).toBe(403);
    expect(await kept(door)).toBe(1);
  });
  test("W1 no GET looks for a secret, sets a cookie or tells one secret from none", async () => {
    const there = await door.app.request(door.page());
    const none = await door.app.request(`/s/contoso/${id(99)}`);
    expect([there.status, none.status]).toEqual([200, 200]);
    expect(await there.text()).toBe((await none.text()).replaceAll(id(99), door.secretId));
    expect(there.headers.getSetCookie()).toEqual([]);
    expect((await door.app.request(`/v1/secrets/${door.secretId}/reveal`)).status).toBe(405);
    expect(door.order).toEqual([]);
  });
  test("C2 a way back counts once, with its own cookie and state alone", async () => {
    const cookie = door.cookieOf(await door.depart(), "niivo-sign-in");
    const back = (query: string, headers: Record<string, string>) =>
      door.app.request(`/sign-in/callback?${query}`, { headers });
    expect((await back("code=c&state=s", {})).status).toBe(400);
    expect((await back("code=c&state=s", { cookie })).status).toBe(200);
    expect((await back("code=c&state=s", { cookie })).status).toBe(400);
    const next = door.cookieOf(await door.depart(), "niivo-sign-in");
    expect((await back("code=c&state=other", { cookie: next })).status).toBe(400);
    expect((await back("code=c&state=s", { cookie: next })).status).toBe(400);
  });
  test.each(["/s/initech/x", "/s/contoso/x", "/s/contoso/", "/s/Contoso/x"])(
    "%s leads nowhere",
    async (path) => {
      expect((await door.app.request(path)).status).toBe(404);
    },
  );
});
