// The configuration of the secret links: one origin with TLS, and addresses of Microsoft alone.

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseEnv } from "@niivo/host/env";
import { afterAll, expect, test } from "vitest";
import { customer, id } from "../testing/fixtures.ts";
import { LinksVariables } from "./config.ts";

const folder = mkdtempSync(join(tmpdir(), "links-config-"));
afterAll(() => rmSync(folder, { recursive: true }));
const file = join(folder, "customers.json");

const parsed = (change: Readonly<Record<string, string>>, vaultUrl = customer.vaultUrl) => {
  writeFileSync(file, JSON.stringify([{ ...customer, vaultUrl }]));
  return parseEnv(LinksVariables, {
    SERVICE_BUS_NAMESPACE: "niivo.servicebus.windows.net",
    STORE_FILE: "links.sqlite",
    SECRET_STORE_FILE: "secrets.sqlite",
    HTTP_PORT: "7607",
    CUSTOMERS_FILE: file,
    ENTRA_AUTHORITY_HOST: "https://login.microsoftonline.com",
    ENTRA_AUDIENCE: "api://niivo",
    AZURE_TENANT_ID: id(1),
    AZURE_CLIENT_ID: id(2),
    LINKS_URL: "https://secrets.niivo.example",
    ...change,
  });
};

test("a whole configuration is accepted, and a page on this machine without TLS", () => {
  expect(parsed({})).toMatchObject({ kind: "parsed" });
  expect(parsed({ LINKS_URL: "http://localhost:7607" })).toMatchObject({ kind: "parsed" });
});
test.each([
  "http://secrets.niivo.example",
  "https://secrets.niivo.example/",
  "https://a.example/s",
])("%s is not the origin of a page", (linksUrl) => {
  const problems = ["LINKS_URL: is not an https origin"];
  expect(parsed({ LINKS_URL: linksUrl })).toEqual({ kind: "refused", problems });
});
test("O1 neither the vault nor Entra may be elsewhere", () => {
  expect(parsed({ ENTRA_AUTHORITY_HOST: "https://evil.example" })).toEqual({
    kind: "refused",
    problems: ["ENTRA_AUTHORITY_HOST: is not an address of entra"],
  });
  expect(parsed({}, "https://evil.example")).toMatchObject({ kind: "refused" });
});
