import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { z } from "zod";
import { HostVariables, jsonFile, parseEnv } from "./env.ts";

const folder = mkdtempSync(join(tmpdir(), "niivo-env-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const fileWith = (value: unknown): string => {
  const file = join(folder, "customers.json");
  writeFileSync(file, typeof value === "string" ? value : JSON.stringify(value));
  return file;
};

const guid = "11111111-1111-4111-8111-111111111111";
const customer = {
  id: "contoso",
  displayName: "Contoso",
  tenantId: guid,
  vaultUrl: "https://vault.example",
  agents: [
    {
      name: "niivo-l1-desk",
      identity: guid,
      blueprint: { name: "blueprint", clientId: guid, secret: "blueprint" },
      executors: {
        password: { name: "password", clientId: guid, secret: "password" },
        mfa: { name: "mfa", clientId: guid, secret: "mfa" },
      },
    },
  ],
  factsReader: { name: "facts", clientId: guid, secret: "facts" },
  groups: { identityApprovers: guid, vip: guid },
  model: { endpoint: "https://model.example", deployment: "small", secret: "model" },
};
const variables = () => ({
  SERVICE_BUS_NAMESPACE: "127.0.0.1:7650",
  STORE_FILE: "/tmp/store.db",
  HTTP_PORT: "7601",
  CUSTOMERS_FILE: fileWith([customer]),
  ENTRA_AUTHORITY_HOST: "https://login.microsoftonline.com",
  ENTRA_AUDIENCE: "api://niivo",
  AZURE_TENANT_ID: guid,
  AZURE_CLIENT_ID: guid,
  PATH: "/usr/bin",
});
const problemsOf = (given: Record<string, string>, schema: z.ZodObject = HostVariables) => {
  const outcome = parseEnv(schema, given);
  return outcome.kind === "parsed" ? [] : outcome.problems;
};

test("variables become camelCase fields, and a file's contents are parsed", () => {
  const outcome = parseEnv(HostVariables, { ...variables(), LOG_LEVEL: "" });
  expect(outcome).toMatchObject({
    kind: "parsed",
    environment: { serviceBusNamespace: "127.0.0.1:7650", httpPort: 7601, customers: [customer] },
  });
});

test("every problem is told at once, by name", () => {
  const { AZURE_TENANT_ID: _, STORE_FILE: __, ...rest } = variables();
  const problems = problemsOf({ ...rest, HTTP_PORT: "70000", ENTRA_AUTHORITY_HOST: "nowhere" });
  const names = problems.map((problem) => problem.split(":")[0]);
  expect(names.toSorted()).toEqual(
    ["AZURE_TENANT_ID", "ENTRA_AUTHORITY_HOST", "HTTP_PORT", "STORE_FILE"].toSorted(),
  );
  expect(problems).toContain("STORE_FILE: is missing");
});

test("no value is told, neither of a variable nor of a file", () => {
  const secret = "Summer2026!";
  const customers = [{ ...customer, id: secret, vaultUrl: secret }];
  const problems = problemsOf({
    ...variables(),
    HTTP_PORT: secret,
    AZURE_CLIENT_ID: secret,
    LOG_LEVEL: secret,
    CUSTOMERS_FILE: fileWith(customers),
  });
  expect(problems.filter((problem) => problem.startsWith("CUSTOMERS_FILE at /0"))).not.toEqual([]);
  expect(problems.join()).not.toContain(secret);
});

test("a file that is missing or no JSON is a problem of its variable", () => {
  const missing = problemsOf({ ...variables(), CUSTOMERS_FILE: join(folder, "missing.json") });
  expect(missing).toHaveLength(1);
  expect(missing[0]).toMatch(/^CUSTOMERS_FILE: /);
  expect(problemsOf({ ...variables(), CUSTOMERS_FILE: fileWith("{") })).toHaveLength(1);
});

test("an unknown variable with our prefix is a problem: a typo must not be a default", () => {
  expect(problemsOf({ ...variables(), NIIVO_MODEL_ENDPIONT: "x" })).toEqual([
    "NIIVO_MODEL_ENDPIONT: is not a variable of this process",
  ]);
  const extended = HostVariables.extend({ niivoModelEndpoint: z.url().optional() });
  expect(
    problemsOf({ ...variables(), NIIVO_MODEL_ENDPOINT: "https://a.example" }, extended),
  ).toEqual([]);
});

test("a variable that names a file is read also where it may be absent", () => {
  const optional = HostVariables.extend({ more: jsonFile(z.string(), "MORE_FILE").optional() });
  const file = join(folder, "more.json");
  const of = (content: string) => {
    writeFileSync(file, content);
    return parseEnv(optional, { ...variables(), MORE_FILE: file });
  };
  expect(of('"read"')).toMatchObject({ environment: { more: "read" } });
  expect(of("1")).toMatchObject({ kind: "refused" });
  expect(parseEnv(optional, variables())).toMatchObject({ kind: "parsed" });
});
