// Messages to the policy actor, as its neighbours send them, and the story so far as history for a test.

import type { Action, Requester } from "@niivo/contracts/action";
import { actionDigest } from "@niivo/contracts/action";
import { derivedId } from "@niivo/contracts/canonical";
import type { FactsAnswer, UserFacts } from "@niivo/contracts/facts";
import type { PolicyOptions } from "../src/actor.ts";
import { policyActor } from "../src/actor.ts";
import type { Input, InputOf } from "../src/input.ts";
import { rulesOf } from "../src/rules.ts";
import type { Event } from "../src/ticket-state.ts";
import { asked, contoso, defaultText, now, setOf, ticket } from "./people.ts";

const set = setOf(defaultText);
export const policySet = set.digest;

export const optionsFor = (text: string): PolicyOptions => ({
  customers: [contoso],
  policySet: setOf(text).digest,
  rules: rulesOf(setOf(text)),
  approvalMsMax: 24 * 60 * 60 * 1000,
});
export const byDefault = policyActor(optionsFor(defaultText));

/** Seconds after the story's beginning. */
export const at = (seconds: number): Date => new Date(now.getTime() + seconds * 1000);
export const iso = (seconds: number): string => at(seconds).toISOString();

const about = ({ id }: Action, digest: string) => ({ actionId: id, digest });
const outcome = (action: Action) => ({
  ...about(action, actionDigest(action)),
  tool: action.tool,
});
const around = { customer: contoso.id, ticket, time: iso(0) };
const from = <Source extends Input["source"]>(source: Source, name: string) => ({
  ...around,
  source,
  id: derivedId("message", name),
});

export const opened = (requester: Requester): Input => ({
  ...from("tickets", "opened"),
  type: "ticket.opened.v1",
  data: { requester, channel: "portal", text: "Help!", seed: "b".repeat(64) },
});

export const requests = (
  action: Action,
  more: Partial<InputOf<"action.requested.v1">["data"]> = {},
): InputOf<"action.requested.v1"> => ({
  ...from("agent", `requested ${action.id}`),
  type: "action.requested.v1",
  data: { ...asked(action), ...more },
});

export const resolved: Input = {
  ...from("agent", "resolved"),
  type: "ticket.resolved.v1",
  data: { summary: "Done.", step: 3 },
};
export const escalated: Input = {
  ...from("agent", "escalated"),
  type: "ticket.escalated.v1",
  data: { code: "stuck", summary: "Stuck.", step: 3 },
};

/** The id of policy's nth question about an action's target. */
export const question = (action: Action, nth = 1): string =>
  derivedId(action.id, "facts", String(nth));

export const answers = (
  action: Action,
  answer: UserFacts | FactsAnswer["kind"],
  more: Partial<InputOf<"facts.attested.v1">["data"]> = {},
): Input => ({
  ...from("broker", `attested ${more.request ?? question(action)}`),
  type: "facts.attested.v1",
  data: {
    request: question(action),
    actionId: action.id,
    requestedBy: "policy",
    answer: answerOf(answer),
    attestedAt: iso(0),
    ...more,
  },
});

function answerOf(answer: UserFacts | FactsAnswer["kind"]): FactsAnswer {
  if (typeof answer !== "string") return { kind: "user", facts: answer };
  if (answer === "group")
    return { kind: "group", group: contoso.groups.identityApprovers, members: [] };
  return { kind: answer === "not-found" ? "not-found" : "unavailable" };
}

export const grants = (
  action: Action,
  grantedBy: readonly string[],
  more: { readonly time?: string; readonly digest?: string } = {},
): Input => ({
  ...from("approvals", `granted ${action.id}`),
  time: more.time ?? iso(0),
  type: "approval.granted.v1",
  data: {
    ...about(action, more.digest ?? actionDigest(action)),
    grantedBy: [...grantedBy],
    via: "teams",
  },
});

export const refuses = (action: Action, digest = actionDigest(action)): Input => ({
  ...from("approvals", `refused ${action.id}`),
  type: "approval.refused.v1",
  data: { ...about(action, digest), code: "refused", detail: "An approver refused it." },
});

export const expires = (action: Action, digest = actionDigest(action)): Input => ({
  ...from("approvals", `expired ${action.id}`),
  type: "approval.expired.v1",
  data: about(action, digest),
});

export const lapses = (action: Action, digest = actionDigest(action)): Input => ({
  ...from("broker", `lapsed ${action.id}`),
  type: "authorization.lapsed.v1",
  data: { ...outcome(action), digest, code: "receipt-expired" },
});

export const completes = (action: Action): Input => ({
  ...from("broker", `completed ${action.id}`),
  type: "action.completed.v1",
  data: { ...outcome(action), mode: "log", result: {}, costMicroChf: 0 },
});

export const due = (action: Action): Input => ({
  ...from("policy", `due ${action.id}`),
  type: "decision.due.v1",
  data: { actionId: action.id },
});

/** An input, or an input that came later: `[input, seconds]`. */
export type Step = Input | readonly [Input, number];

/** Everything the actor decided on these inputs, notes included. */
export function story(actor: typeof byDefault, ...steps: readonly Step[]): Event[] {
  let state = actor.initialState;
  return steps.flatMap((step) => {
    const [input, seconds] = "type" in step ? [step, 0] : step;
    const decided = actor.decide(input, state, at(seconds));
    state = decided.reduce(actor.evolve, state);
    return decided;
  });
}
