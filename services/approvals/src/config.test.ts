// Addresses that could send a token elsewhere, and a bot nobody named, stop the start.

import { parseEnv } from "@niivo/host/env";
import { describe, expect, test } from "vitest";
import { ApprovalsVariables } from "./config.ts";

const bot = {
  BOT_APP_ID: "99999999-0000-4000-8000-000000000001",
  BOT_TENANT_ID: "99999999-0000-4000-8000-000000000002",
  TEAMS_SERVICE_URL: "https://smba.trafficmanager.net/ch/",
  PLATFORM_VAULT_URL: "https://niivo-platform.vault.azure.net",
};
/** The problems with this service's own variables. */
const problems = (variables: Record<string, string>) => {
  const outcome = parseEnv(ApprovalsVariables, { ...bot, ...variables });
  const own = /^(BOT|TEAMS|PLATFORM)_/;
  return outcome.kind === "refused" ? outcome.problems.filter((one) => own.test(one)) : [];
};

describe("the configuration", () => {
  test("takes Microsoft's hosts, and this machine's for local servers", () => {
    expect(problems({})).toEqual([]);
    expect(
      problems({
        TEAMS_SERVICE_URL: "http://127.0.0.1:7660/connector/",
        BOT_METADATA_URL: "http://localhost:7660/metadata",
        PLATFORM_VAULT_URL: "https://localhost:7664",
      }),
    ).toEqual([]);
  });

  test.each([
    ["BOT_APP_ID", ""],
    ["BOT_APP_ID", "niivo-bot"],
    ["BOT_TENANT_ID", ""],
    ["BOT_METADATA_URL", "https://login.botframework.com.evil.example/keys"],
    ["BOT_METADATA_URL", "http://login.botframework.com/keys"],
    ["TEAMS_SERVICE_URL", "https://evil.example/"],
    ["TEAMS_SERVICE_URL", "http://smba.trafficmanager.net/ch/"],
    ["PLATFORM_VAULT_URL", "https://vault.azure.net.evil.example"],
    ["PLATFORM_VAULT_URL", ""],
  ])("refuses %s = %j by its name", (name, value) => {
    const found = problems({ [name]: value });
    expect(found).toHaveLength(1);
    expect(found[0]).toMatch(new RegExp(`^${name}: `));
  });
});
