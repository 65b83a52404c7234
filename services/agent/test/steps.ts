// One ticket and its steps: what the tests of the agent actor share.

import type { Requester } from "@niivo/contracts/action";
import { specify } from "@niivo/host/testing/specify";
import { sentence } from "@niivo/languages/sentences";
import { agentActor } from "../src/actor.ts";
import { remember } from "../src/remember.ts";
import type { RequestedAction } from "../src/requesting.ts";
import type { AgentEvent, AgentInput } from "../src/ticket-messages.ts";
import type { TicketState } from "../src/ticket-state.ts";

export const now = new Date("2026-01-01T08:00:00.000Z");
export const ticket = "6f1c1d5e-8d9b-4b7e-9a55-0d7d7f0a0001";
export const actor = agentActor("niivo-l1-desk");
export const { given } = specify(actor, now);

export const requester: Requester = {
  objectId: "c0a70500-0001-4000-8000-000000000001",
  tenantId: "c0a70500-0000-4000-8000-000000000000",
  displayName: "Lena Frei",
  userPrincipalName: "lena.frei@contoso.example",
  assurance: "verified",
  multifactor: true,
};

/** What a requester reads when a person takes over, where no language is known of them. */
export const handedOverText = sentence("en", "requester.handed-over");

const received = {
  id: "6f1c1d5e-8d9b-4b7e-9a55-0d7d7f0a0002",
  customer: "contoso",
  ticket,
  time: now.toISOString(),
};
export const opened: Extract<AgentInput, { type: "ticket.opened.v1" }> = {
  ...received,
  source: "tickets",
  type: "ticket.opened.v1",
  data: { requester, channel: "portal", text: "I forgot my password", seed: "5e".repeat(32) },
};
export const due = (step: number): AgentInput => ({
  ...received,
  source: "agent",
  type: "step.due.v1",
  data: { step },
});

const about = ({ data }: RequestedAction) => ({
  actionId: data.action.id,
  digest: data.digest,
  tool: data.action.tool,
});
export const completed = (of: RequestedAction, result: Record<string, unknown>): AgentInput => ({
  ...received,
  source: "broker",
  type: "action.completed.v1",
  data: { ...about(of), mode: "log", result: result as never, costMicroChf: 0 },
});
export const failed = (of: RequestedAction, code = "graph-refused"): AgentInput => ({
  ...received,
  source: "broker",
  type: "action.failed.v1",
  data: { ...about(of), mode: "log", code, detail: "a sentence", costMicroChf: 0 },
});
export const unknown = (of: RequestedAction): AgentInput => ({
  ...received,
  source: "broker",
  type: "action.unknown.v1",
  data: { ...about(of), mode: "log", detail: "a sentence" },
});
export const denied = (of: RequestedAction, code = "no-permit"): AgentInput => ({
  ...received,
  source: "policy",
  type: "action.denied.v1",
  data: { ...about(of), code, detail: "a sentence" },
});
export const peopleAsked = (of: RequestedAction, expiresAt: string): AgentInput => ({
  ...received,
  source: "policy",
  type: "approval.required.v1",
  data: {
    action: of.data.action,
    digest: of.data.digest,
    requester,
    basis: { policySet: "aa".repeat(32), policies: ["permit"] },
    terms: {
      group: "c0a70500-0002-4000-8000-000000000001",
      groupName: "identity-approvers",
      quorum: 1,
      expiresAt,
    },
    reason: "because",
  },
});

type Written = readonly [name: string, args: unknown];
export const says = (
  of: RequestedAction,
  text: string | null,
  ...calls: readonly Written[]
): AgentInput =>
  completed(of, {
    text,
    toolCalls: calls.map(([name, args], index) => ({
      id: `m${index}`,
      name,
      arguments: typeof args === "string" ? args : JSON.stringify(args),
    })),
    model: "any",
    promptTokens: 1,
    completionTokens: 1,
  });

/** Plays inputs one after the other; `last` is the newest decision. */
export function play(...moves: readonly (AgentInput | ((last: Run) => AgentInput))[]): Run {
  let state: TicketState = actor.initialState;
  let run: Run = { state, decided: [], history: [] };
  for (const move of moves) {
    const input = typeof move === "function" ? move(run) : move;
    const decided = actor.decide(input, state, now);
    state = decided.reduce(remember, state);
    run = { state, decided, history: [...run.history, ...decided] };
  }
  return run;
}
export interface Run {
  readonly state: TicketState;
  readonly decided: readonly AgentEvent[];
  readonly history: readonly AgentEvent[];
}
export const requests = ({ decided }: Pick<Run, "decided">): RequestedAction[] =>
  decided.filter((event) => event.type === "action.requested.v1");
export function request(run: Pick<Run, "decided">, index = 0): RequestedAction {
  const found = requests(run)[index];
  if (found === undefined) throw new Error(`nothing was requested at ${index}`);
  return found;
}
export const types = ({ decided }: Pick<Run, "decided">) =>
  decided.map(({ type }) => type).filter((type) => !type.startsWith("note."));
export const escalation = ({ decided }: Run) =>
  decided.find((event) => event.type === "ticket.escalated.v1")?.data.code;

export const user = { user: "lena.frei@contoso.example" };
export const acting = (...calls: readonly Written[]) =>
  play(opened, (last) => says(request(last), "Let me see.", ...calls));

/** The model's answer that led to `run`, to be played again. */
export function answers(run: Run): AgentInput[] {
  const calls = requests(run).map(({ data }) => [data.action.tool, data.action.arguments] as const);
  return [says(request(play(opened)), "Let me see.", ...calls)];
}
