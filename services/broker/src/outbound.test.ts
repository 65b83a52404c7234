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
    ["entraAuthorityHost", { entraAuthorityHost: "https://login.microsoftonline.com.evil.ch" }],
    ["entraAuthorityHost", { entraAuthorityHost: "http://login.microsoftonline.com" }],
    ["graphBaseUrl", { graphBaseUrl: "https://graph.microsoft.com:8443" }],
    ["graphBaseUrl", { graphBaseUrl: "https://graph.microsoft.com@evil.ch" }],
    ["graphBaseUrl", { graphBaseUrl: "https://localhost.evil.ch/graph" }],
    ["teamsServiceUrl", { teamsServiceUrl: "https://evil.trafficmanager.net/ch/" }],
    ["platformVaultUrl", { platformVaultUrl: "https://vault.azure.net.evil.ch" }],
    ["auditKeyId", { auditKeyId: "https://a.b.vault.azure.net/keys/x/1" }],
    ["auditPreviousKeyId", { auditPreviousKeyId: "https://a.b.vault.azure.net/keys/x/1" }],
    ["customers.0.vaultUrl", ofCustomer({ vaultUrl: "https://evil.ch" })],
    ["customers.0.model.endpoint", model("https://api.openai.com/v1")],
  ])("%s elsewhere is refused by its name", (name, change) => {
    const problems = outboundProblems({ ...azure, ...change });
    expect(problems.map(({ path }) => path.join("."))).toEqual([name]);
    expect(JSON.stringify(problems)).not.toContain("evil");
  });
});
