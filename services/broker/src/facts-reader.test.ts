// Facts: what counts as privileged, what as not found, and that nothing is answered in part.

import type { FactsQuestion } from "@niivo/contracts/facts";
import { describe, expect, test } from "vitest";
import { readFacts } from "./facts-reader.ts";
import type { GraphAnswer } from "./ports.ts";
import { fakeGraph, ok, refused, unclear } from "./testing/executions.ts";
import { customer, id, ids } from "./testing/fixtures.ts";

const lena = {
  id: ids.lena,
  userPrincipalName: "lena.frei@contoso.example",
  displayName: "Lena Frei",
  accountEnabled: true,
  department: "Sales",
  jobTitle: null,
  preferredLanguage: "de-CH",
};
const path = `/users/${ids.lena}`;
const group = (change: object = {}) => ({
  "@odata.type": "#microsoft.graph.group",
  id: id(60),
  displayName: "sales",
  isAssignableToRole: null,
  ...change,
});
const role = { "@odata.type": "#microsoft.graph.directoryRole", id: id(61), displayName: "Reader" };

const usual: Readonly<Record<string, GraphAnswer>> = {
  "GET /users/lena.frei%40contoso.example": ok(lena),
  [`GET ${path}`]: ok(lena),
  [`GET ${path}/manager`]: ok({
    id: ids.marco,
    displayName: "Marco Keller",
    preferredLanguage: "fr-CH",
  }),
  [`GET ${path}/transitiveMemberOf`]: ok({ value: [group()] }),
  [`POST ${path}/checkMemberGroups`]: ok({ value: [] }),
};
const read = (question: FactsQuestion, change: Readonly<Record<string, GraphAnswer>> = {}) => {
  const answers = { ...usual, ...change };
  const { graph } = fakeGraph((call) => answers[call] ?? refused(404));
  return readFacts(graph, customer, question);
};
const user = { kind: "user", user: "lena.frei@contoso.example" } as const;
const facts = {
  objectId: ids.lena,
  tenantId: ids.tenant,
  userPrincipalName: "lena.frei@contoso.example",
  displayName: "Lena Frei",
  enabled: true,
  vip: false,
  privileged: false,
  department: "Sales",
  manager: ids.marco,
  managerLanguage: "fr",
  language: "de",
};

describe("a person", () => {
  test("is described with the customer's own tenant", async () => {
    expect(await read(user)).toEqual({ kind: "user", facts });
  });
  test("without a manager or a department has none", async () => {
    const { manager: _, managerLanguage: __, department: ___, ...rest } = facts;
    const answer = await read(user, {
      "GET /users/lena.frei%40contoso.example": ok({ ...lena, department: null }),
      [`GET ${path}/manager`]: refused(404),
    });
    expect(answer).toEqual({ kind: "user", facts: rest });
  });
  test.each([
    ["fr-CH", "fr"],
    ["IT", "it"],
    ["en-US", "en"],
    ["rm-CH", "en"],
    [null, "en"],
    ["x".repeat(5000), "en"],
    [7, "en"],
  ])("whose preferredLanguage is %s is answered in %s", async (preferredLanguage, language) => {
    const answer = await read(user, {
      "GET /users/lena.frei%40contoso.example": ok({ ...lena, preferredLanguage }),
    });
    expect(answer).toMatchObject({ kind: "user", facts: { language } });
  });
  test.each([
    ["a directory role", role],
    ["a group that roles can be assigned to", group({ isAssignableToRole: true })],
  ])("with %s is privileged", async (_name, membership) => {
    const answer = await read(user, {
      [`GET ${path}/transitiveMemberOf`]: ok({ value: [group(), membership] }),
    });
    expect(answer).toMatchObject({ facts: { privileged: true, vip: false } });
  });
  test("in the customer's VIP group is one", async () => {
    const answer = await read(user, {
      [`POST ${path}/checkMemberGroups`]: ok({ value: [customer.groups.vip] }),
    });
    expect(answer).toMatchObject({ facts: { vip: true, privileged: false } });
  });
  test("of another tenant, or of none, is not found", async () => {
    expect(await read({ kind: "user", user: "mia.rossi@fabrikam.example" })).toEqual({
      kind: "not-found",
    });
  });
  const first = "GET /users/lena.frei%40contoso.example";
  const broken: [string, Readonly<Record<string, GraphAnswer>>][] = [
    ["no answer", { [first]: unclear }],
    ["a refusal", { [first]: refused(403) }],
    ["throttling", { [first]: refused(429) }],
    ["an answer of another form", { [first]: ok({ ...lena, accountEnabled: "yes" }) }],
    ["no answer about the manager", { [`GET ${path}/manager`]: unclear }],
    ["no answer about groups", { [`GET ${path}/transitiveMemberOf`]: unclear }],
    ["no answer about the VIP group", { [`POST ${path}/checkMemberGroups`]: unclear }],
    [
      "a second page of groups",
      {
        [`GET ${path}/transitiveMemberOf`]: ok({ value: [], "@odata.nextLink": "https://x/2" }),
      },
    ],
    [
      "a membership that may not be seen",
      { [`GET ${path}/transitiveMemberOf`]: ok({ value: [group({ displayName: null })] }) },
    ],
  ];
  test.each(broken)("F2 is unavailable on %s", async (_name, change) => {
    expect(await read(user, change)).toEqual({ kind: "unavailable" });
  });
});

describe("membership", () => {
  const question = { kind: "member", group: id(31), person: ids.lena } as const;
  const check = `POST ${path}/checkMemberGroups`;
  test("is answered with whether the account is enabled", async () => {
    expect(await read(question)).toEqual({ ...question, enabled: true, member: false });
    const change = {
      [`GET ${path}`]: ok({ ...lena, accountEnabled: false }),
      [check]: ok({ value: [id(31)] }),
    };
    expect(await read(question, change)).toEqual({ ...question, enabled: false, member: true });
  });
  test("F2 is unavailable when either half is", async () => {
    expect(await read(question, { [check]: unclear })).toEqual({ kind: "unavailable" });
    expect(await read(question, { [`GET ${path}`]: unclear })).toEqual({ kind: "unavailable" });
    expect(await read(question, { [`GET ${path}`]: refused(404) })).toEqual({ kind: "not-found" });
  });
});

describe("management", () => {
  const question = { kind: "manager", of: ids.lena, person: ids.marco } as const;
  const marco = {
    id: ids.marco,
    userPrincipalName: "marco.keller@contoso.example",
    displayName: "Marco Keller",
    accountEnabled: true,
    preferredLanguage: "fr-CH",
  };
  const asked = `GET /users/${ids.marco}`;
  const known = { [asked]: ok(marco) };
  const about = { ...question, displayName: "Marco Keller", language: "fr" };
  test("is answered with whether that person manages them now, and is enabled", async () => {
    expect(await read(question, known)).toEqual({ ...about, enabled: true, manages: true });
    const disabled = { [asked]: ok({ ...marco, accountEnabled: false }) };
    expect(await read(question, disabled)).toEqual({ ...about, enabled: false, manages: true });
  });
  test.each([
    ["another has become their manager", ok({ id: id(44), displayName: "Another" })],
    ["they have none any more", refused(404)],
  ])("where %s, that person does not manage them", async (_why, answer) => {
    const change = { ...known, [`GET ${path}/manager`]: answer };
    expect(await read(question, change)).toEqual({ ...about, enabled: true, manages: false });
  });
  test("F2 is unavailable when either half is, and nobody where there is nobody", async () => {
    const noManager = { ...known, [`GET ${path}/manager`]: unclear };
    expect(await read(question, noManager)).toEqual({ kind: "unavailable" });
    expect(await read(question, { [asked]: unclear })).toEqual({ kind: "unavailable" });
    expect(await read(question)).toEqual({ kind: "not-found" });
  });
});

describe("a group", () => {
  const question = { kind: "group", group: id(30) } as const;
  const call = `GET /groups/${id(30)}/members`;
  const member = (n: number, change: object = {}) => ({
    "@odata.type": "#microsoft.graph.user",
    id: id(n),
    displayName: `Person ${n}`,
    accountEnabled: true,
    ...change,
  });
  test("is its enabled people", async () => {
    const value = [
      member(71),
      member(72, { accountEnabled: false }),
      member(73, { "@odata.type": "#microsoft.graph.group" }),
      member(74, { preferredLanguage: "it-CH" }),
    ];
    expect(await read(question, { [call]: ok({ value }) })).toEqual({
      ...question,
      members: [
        { objectId: id(71), displayName: "Person 71", language: "en" },
        { objectId: id(74), displayName: "Person 74", language: "it" },
      ],
    });
  });
  test("F2 of more people than may be asked is refused, not cut", async () => {
    const people = (count: number) => Array.from({ length: count }, (_, n) => member(100 + n));
    expect(await read(question, { [call]: ok({ value: people(51) }) })).toEqual({
      kind: "unavailable",
    });
    expect(await read(question, { [call]: ok({ value: people(50) }) })).toMatchObject({
      kind: "group",
    });
    const paged = ok({ value: people(2), "@odata.nextLink": "https://x/2" });
    expect(await read(question, { [call]: paged })).toEqual({ kind: "unavailable" });
  });
  test("that does not exist is not found", async () => {
    expect(await read(question)).toEqual({ kind: "not-found" });
  });
});
