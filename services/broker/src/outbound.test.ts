import { describe, expect, test } from "vitest";
import { type Endpoints, outboundProblems } from "./outbound.ts";
import { customer, platformVaultUrl } from "./testing/fixtures.ts";

const azure: Endpoints = {
  entraAuthorityHost: "https://login.microsoftonline.com",
  graphBaseUrl: "https://graph.microsoft.com",
  teamsServiceUrl: "https://smba.trafficmanager.net/ch/",
  platformVaultUrl,
  auditKeyId: `${platformVaultUrl}/keys/audit-sealing/${"0".repeat(32)}`,
  customers: [customer],
};
const ofCustomer = (change: Partial<typeof customer>): Partial<Endpoints> => ({
  customers: [{ ...customer, ...change }],
});
const model = (endpoint: string) => ofCustomer({ model: { ...customer.model, endpoint } });

describe("O1 outbound addresses", () => {
  test.each([
    ["Azure", {}],
    ["a local emulator", { graphBaseUrl: "https://localhost:7661/graph" }],
    ["a local model", model("http://127.0.0.1:7660/openai/v1")],
    ["a Foundry model", model("https://contoso.services.ai.azure.com/openai/v1")],
  ])("%s is allowed", (_name, change) => {
    expect(outboundProblems({ ...azure, ...change })).toEqual([]);
  });
  test.each([
    ["ENTRA_AUTHORITY_HOST", { entraAuthorityHost: "https://login.microsoftonline.com.evil.ch" }],
    ["ENTRA_AUTHORITY_HOST", { entraAuthorityHost: "http://login.microsoftonline.com" }],
    ["GRAPH_BASE_URL", { graphBaseUrl: "https://graph.microsoft.com:8443" }],
    ["GRAPH_BASE_URL", { graphBaseUrl: "https://graph.microsoft.com@evil.ch" }],
    ["GRAPH_BASE_URL", { graphBaseUrl: "https://localhost.evil.ch/graph" }],
    ["TEAMS_SERVICE_URL", { teamsServiceUrl: "https://evil.trafficmanager.net/ch/" }],
    ["PLATFORM_VAULT_URL", { platformVaultUrl: "https://vault.azure.net.evil.ch" }],
    ["AUDIT_KEY_ID", { auditKeyId: "https://a.b.vault.azure.net/keys/x/1" }],
    ["CUSTOMERS_FILE contoso vaultUrl", ofCustomer({ vaultUrl: "https://evil.ch" })],
    ["CUSTOMERS_FILE contoso model.endpoint", model("https://api.openai.com/v1")],
  ])("%s elsewhere is refused by its name", (name, change) => {
    const problems = outboundProblems({ ...azure, ...change });
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatch(new RegExp(`^${name}: `));
    expect(problems[0]).not.toContain("evil");
  });
});
