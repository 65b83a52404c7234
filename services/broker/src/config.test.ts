import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseEnv } from "@niivo/host/env";
import { afterAll, expect, test } from "vitest";
import { BrokerVariables } from "./config.ts";
import { customer, id, platformVaultUrl } from "./testing/fixtures.ts";

const folder = mkdtempSync(join(tmpdir(), "broker-config-"));
afterAll(() => rmSync(folder, { recursive: true }));
const file = join(folder, "customers.json");

const variables = {
  SERVICE_BUS_NAMESPACE: "niivo.servicebus.windows.net",
  STORE_FILE: "broker.sqlite",
  HTTP_PORT: "7604",
  CUSTOMERS_FILE: file,
  ENTRA_AUTHORITY_HOST: "https://login.microsoftonline.com",
  ENTRA_AUDIENCE: "api://niivo",
  AZURE_TENANT_ID: id(1),
  AZURE_CLIENT_ID: id(2),
  PLATFORM_VAULT_URL: platformVaultUrl,
  BOT_APP_ID: id(3),
  BOT_TENANT_ID: id(1),
  TEAMS_SERVICE_URL: "https://smba.trafficmanager.net/ch/",
  GRAPH_BASE_URL: "https://graph.microsoft.com",
  SECRET_STORE_FILE: "secrets.sqlite",
  LINKS_URL: "https://secrets.niivo.example",
  AUDIT_KEY_ID: `${platformVaultUrl}/keys/audit-sealing/${"0".repeat(32)}`,
};
function parsed(change: Readonly<Record<string, string>>, vaultUrl = customer.vaultUrl) {
  writeFileSync(file, JSON.stringify([{ ...customer, vaultUrl }]));
  return parseEnv(BrokerVariables, { ...variables, ...change });
}

test("a whole configuration is accepted", () => {
  expect(parsed({})).toMatchObject({ kind: "parsed" });
});
test("O1 an address elsewhere is a problem, named by its variable and never by its value", () => {
  expect(parsed({ GRAPH_BASE_URL: "https://graph.microsoft.com.evil.ch" })).toEqual({
    kind: "refused",
    problems: ["GRAPH_BASE_URL: is not an address of graph"],
  });
  expect(parsed({}, "https://evil.ch")).toEqual({
    kind: "refused",
    problems: ["CUSTOMERS_FILE at /0/vaultUrl: is not an address of vault"],
  });
});
test("a variable that is missing is a problem", () => {
  const { AUDIT_KEY_ID: _, ...rest } = variables;
  expect(parseEnv(BrokerVariables, rest)).toEqual({
    kind: "refused",
    problems: ["AUDIT_KEY_ID: is missing"],
  });
});
