// Which vault secrets a piece of work takes. The actor announces exactly these as `credential.access`,
// and the effects can read no others: both ask this one file.

import type { Requester } from "@niivo/contracts/action";
import type { Customer } from "@niivo/contracts/customers";
import {
  LicenseAssign,
  MfaReset,
  ModelRespond,
  PasswordReset,
  SessionsRevoke,
  TicketReply,
  UserFactsRead,
} from "@niivo/contracts/tools";

/** An agent as the customers file describes it. */
export type Agent = Customer["agents"][number];

/** A vault secret by its name, and the principal that acts with it. Never its value. */
export interface Credential {
  readonly name: string;
  readonly vaultUrl: string;
  readonly principal: string;
}

/** Who acts, for whom, and where the platform keeps its own secrets. */
export interface Acting {
  readonly customer: Customer;
  readonly agent: Agent;
  readonly platformVaultUrl: string;
  readonly requester: Requester;
}

/** The key of a customer's one-time secret links: 32 bytes in base64. */
export const secretLinkKey = "secret-link-key";
/** The client secret of NIIVO's bot, in the platform's own vault. */
export const botSecret = "bot-client-secret";

/** The agent identity's own token comes from its blueprint's credential. */
const asAgent = ({ customer, agent }: Acting): readonly Credential[] => [
  inVault(customer, agent.blueprint.secret, agent.name),
];

const byTool: Readonly<Record<string, (acting: Acting) => readonly Credential[]>> = {
  [ModelRespond.name]: ({ customer, agent }) => [
    inVault(customer, customer.model.secret, agent.name),
  ],
  [UserFactsRead.name]: asAgent,
  [SessionsRevoke.name]: asAgent,
  [LicenseAssign.name]: asAgent,
  [PasswordReset.name]: ({ customer, agent: { executors }, platformVaultUrl }) => [
    inVault(customer, executors.password.secret, executors.password.name),
    inVault(customer, secretLinkKey, executors.password.name),
    botIn(platformVaultUrl),
  ],
  [MfaReset.name]: ({ customer, agent: { executors } }) => [
    inVault(customer, executors.mfa.secret, executors.mfa.name),
  ],
  // A reply to the application that brought the ticket takes no credential.
  [TicketReply.name]: ({ platformVaultUrl, requester }) =>
    requester.assurance === "verified" ? [botIn(platformVaultUrl)] : [],
};

/** What performing `tool` takes; nothing for a tool without an executor, which then cannot start. */
export const credentialsOf = (tool: string, acting: Acting): readonly Credential[] =>
  byTool[tool]?.(acting) ?? [];

/** What reading facts for policy and approvals takes. */
export const factsCredential = (customer: Customer): Credential =>
  inVault(customer, customer.factsReader.secret, customer.factsReader.name);

const inVault = (customer: Customer, name: string, principal: string): Credential => ({
  name,
  vaultUrl: customer.vaultUrl,
  principal,
});

const botIn = (platformVaultUrl: string): Credential => ({
  name: botSecret,
  vaultUrl: platformVaultUrl,
  principal: "niivo-bot",
});
