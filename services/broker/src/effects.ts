// The broker's effects: a started action goes to its executor, an order for facts to the directory, and how
// it ended comes back as a command.
//
// Invariants:
//   E1. An effect reads only the secrets that `credential.access` announced for it (R6).
//   E2. A tool that is not safe to repeat is performed at most once: interrupted, it is unknown.
//   E3. Work ends before its lease does.
//   E4. A secret that an effect of unknown outcome stored is told of: it may be in force, and waits.

import type { Customer } from "@niivo/contracts/customers";
import { catalogue } from "@niivo/contracts/tools";
import type { EffectCommand } from "@niivo/host/effects";
import { recordSeconds } from "@niivo/host/metrics";
import { tracedWork } from "@niivo/host/outbound-span";
import { attribute } from "@niivo/host/telemetry-names";
import { type Credential, credentialsOf, factsCredential } from "./credentials.ts";
import { readFacts } from "./facts-reader.ts";
import type { GraphSessions } from "./graph-session.ts";
import type { FactsOrder, Outcome, Started } from "./messages.ts";
import {
  type Executor,
  effectMs,
  failed,
  type ReadSecret,
  type SecretAnswer,
  type Work,
} from "./ports.ts";
import type { SecretLinks } from "./secret-links.ts";

export type EffectInput = Started | FactsOrder;

export interface EffectParts {
  readonly customers: readonly Customer[];
  readonly platformVaultUrl: string;
  readonly readSecret: ReadSecret;
  readonly sessions: GraphSessions;
  /** By the tool's name. */
  readonly executors: Readonly<Record<string, Executor>>;
  /** What an action has stored for its reader, if it waits there still. */
  readonly storedSecret: SecretLinks["find"];
  readonly now: () => Date;
  /** Told of a throw, which is a bug, by its name alone: its message may quote what was sent. */
  readonly onBug: (actionId: string, error: unknown) => void;
}

export interface BrokerEffects {
  readonly repeatSafe: (message: EffectInput) => boolean;
  readonly perform: (message: EffectInput, signal: AbortSignal) => Promise<EffectCommand>;
  readonly interrupted: (message: EffectInput) => Promise<EffectCommand>;
}

export const brokerEffects = (parts: EffectParts): BrokerEffects => ({
  repeatSafe,
  async perform(message, signal) {
    const limited = AbortSignal.any([signal, AbortSignal.timeout(effectMs)]); // E3
    return message.type === "action.started.v1"
      ? endedAs(message, await tracedTool(parts, message, limited))
      : await fetched(parts, message, limited);
  },
  interrupted: async (message) =>
    message.type === "action.started.v1"
      ? endedAs(message, await unknown(parts, message, "The process ended while it was at work."))
      : answered(message, { kind: "unavailable" }, parts.now()),
});

// E2. Reading facts twice is reading them once.
const repeatSafe = (message: EffectInput): boolean =>
  message.type === "facts.fetch.v1" || catalogue[message.data.action.tool]?.repeatSafe === true;

/** The span and the metric of one tool's execution (OpenTelemetry GenAI: `execute_tool`). */
function tracedTool(parts: EffectParts, message: Started, signal: AbortSignal): Promise<Outcome> {
  const { id, tool, agent } = message.data.action;
  const about = {
    [attribute.genAiOperation]: "execute_tool",
    [attribute.genAiTool]: tool,
    [attribute.genAiToolCall]: id,
    [attribute.genAiAgent]: agent,
  };
  const beganAt = performance.now();
  return tracedWork(`execute_tool ${tool}`, about, async (span) => {
    const outcome = await performed(parts, message, signal);
    span.set({ [attribute.outcome]: outcome.kind });
    if (outcome.kind !== "completed") span.fail("code" in outcome ? outcome.code : outcome.kind);
    recordSeconds("effectDuration", (performance.now() - beganAt) / 1000, {
      [attribute.genAiTool]: tool,
      [attribute.outcome]: outcome.kind,
    });
    return outcome;
  });
}

async function performed(
  parts: EffectParts,
  message: Started,
  signal: AbortSignal,
): Promise<Outcome> {
  const { action, requester, target } = message.data;
  const customer = customerOf(parts, message.customer);
  const agent = customer?.agents.find(({ name }) => name === action.agent);
  const execute = parts.executors[action.tool];
  if (customer === undefined || agent === undefined || execute === undefined)
    return failed(
      "not-configured",
      "This broker has no executor for that customer, agent or tool.",
    );
  const work: Work = { requestId: action.id, signal };
  const { platformVaultUrl } = parts;
  const announced = credentialsOf(action.tool, { customer, agent, platformVaultUrl, requester });
  const readSecret = announcedOnly(parts.readSecret, announced, work);
  const startedAt = new Date(message.time);
  try {
    return await execute({
      action,
      requester,
      target,
      startedAt,
      customer,
      agent,
      readSecret,
      work,
    });
  } catch (error) {
    parts.onBug(action.id, error);
    return unknown(parts, message, "The executor broke off with an error of its own.");
  }
}

/** E4. */
async function unknown(parts: EffectParts, message: Started, detail: string): Promise<Outcome> {
  const secret = await parts.storedSecret(message.customer, message.data.action.id);
  return secret === undefined ? { kind: "unknown", detail } : { kind: "unknown", detail, secret };
}

async function fetched(
  parts: EffectParts,
  message: FactsOrder,
  signal: AbortSignal,
): Promise<EffectCommand> {
  // Before the first read: the facts are at least as young as they claim.
  const attestedAt = parts.now();
  const customer = customerOf(parts, message.customer);
  if (customer === undefined) return answered(message, { kind: "unavailable" }, attestedAt);
  const work: Work = { requestId: message.data.request, signal };
  const readSecret = announcedOnly(parts.readSecret, [factsCredential(customer)], work);
  try {
    const session = await parts.sessions.asApplication(customer.factsReader, {
      customer,
      readSecret,
      work,
    });
    if (session.kind === "failed") return answered(message, { kind: "unavailable" }, attestedAt);
    const answer = await readFacts(session.graph, customer, message.data.question);
    return answered(message, answer, attestedAt);
  } catch (error) {
    parts.onBug(message.data.actionId, error);
    return answered(message, { kind: "unavailable" }, attestedAt);
  }
}

// E1.
const announcedOnly =
  (readSecret: ReadSecret, announced: readonly Credential[], work: Work) =>
  async (name: string): Promise<SecretAnswer> => {
    const credential = announced.find((one) => one.name === name);
    return credential === undefined
      ? failed("credential-unannounced", `No access to ${name} was announced.`)
      : await readSecret(credential, work);
  };

const endedAs = ({ data }: Started, outcome: Outcome): EffectCommand => ({
  type: "effect.ended.v1",
  data: { actionId: data.action.id, outcome },
});

function answered(
  { data }: FactsOrder,
  answer: Awaited<ReturnType<typeof readFacts>>,
  attestedAt: Date,
): EffectCommand {
  const { request, actionId, requestedBy } = data;
  return {
    type: "facts.fetched.v1",
    data: { request, actionId, requestedBy, answer, attestedAt: attestedAt.toISOString() },
  };
}

const customerOf = ({ customers }: EffectParts, id: string): Customer | undefined =>
  customers.find((customer) => customer.id === id);
