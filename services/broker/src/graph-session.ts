// Opens Graph as somebody: reads the secret now, gets a token, and hands over a Graph for this work alone.

import type { Customer } from "@niivo/contracts/customers";
import { tracedCall } from "@niivo/host/outbound-span";
import { attribute } from "@niivo/host/telemetry-names";
import { agentCredential } from "./agent-token.ts";
import type { Agent } from "./credentials.ts";
import { type ClientTokens, graphScope } from "./entra.ts";
import { openGraph } from "./graph.ts";
import { failed, type GraphSession, type SecretAnswer, type Work } from "./ports.ts";

export interface GraphPlace {
  readonly graphBaseUrl: string;
  readonly authorityHost: string;
  readonly clientToken: ClientTokens;
}

/** Who opens it, and how this work may read secrets. */
interface Opening {
  readonly customer: Customer;
  readonly readSecret: (name: string) => Promise<SecretAnswer>;
  readonly work: Work;
}

export interface GraphSessions {
  /** As an application with a secret of its own: an executor, or the reader of facts. */
  readonly asApplication: (
    principal: Agent["executors"]["password"],
    opening: Opening,
  ) => Promise<GraphSession>;
  /** As the agent identity itself, under its blueprint. */
  readonly asAgent: (agent: Agent, opening: Opening) => Promise<GraphSession>;
}

export const graphSessions = (place: GraphPlace): GraphSessions => ({
  async asApplication(principal, { customer, readSecret, work }) {
    const answer = await readSecret(principal.secret);
    if (answer.kind === "failed") return answer;
    const { name, clientId } = principal;
    const { tenantId } = customer;
    const client = { name, tenantId, clientId, secret: answer.value };
    const given = await place.clientToken(client, graphScope, work);
    if (given.kind === "failed") return given;
    return ready(place, given.token, work);
  },

  async asAgent(agent, { customer, readSecret, work }) {
    const answer = await readSecret(agent.blueprint.secret);
    if (answer.kind === "failed") return answer;
    const { clientId } = agent.blueprint;
    const credential = agentCredential(
      place.authorityHost,
      {
        tenantId: customer.tenantId,
        identity: agent.identity,
        blueprint: { clientId, secret: answer.value },
      },
      work,
    );
    try {
      const about = { [attribute.requestId]: work.requestId };
      const token = await tracedCall("entra.token", about, () => credential.getToken(graphScope));
      if (token === null) return refusedTo(agent);
      return ready(place, () => token.token, work);
    } catch {
      // The libraries' messages may repeat parts of the request.
      return refusedTo(agent);
    }
  },
});

const ready = (place: GraphPlace, token: () => string, work: Work): GraphSession => ({
  kind: "ready",
  graph: openGraph({ baseUrl: place.graphBaseUrl, token, work }),
});

const refusedTo = (agent: Agent) =>
  failed("token-refused", `The directory gave no token to ${agent.name}.`);
