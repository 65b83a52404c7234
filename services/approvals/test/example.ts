// One request that needs approval, its people and its messages: what the tests of this service share.

import { type Action, actionDigest } from "@niivo/contracts/action";
import type { Asked } from "../src/card.ts";
import type { Event, Input, Required } from "../src/state.ts";

export const customer = "contoso";
export const tenantId = "11111111-0000-4000-8000-000000000000";
export const otherTenantId = "22222222-0000-4000-8000-000000000000";
export const group = "33333333-0000-4000-8000-000000000001";
export const ticket = "44444444-0000-4000-8000-000000000001";

const person = (n: number) => `aaaaaaaa-0000-4000-8000-00000000000${n}`;
export const [rita, tom, ann, ben, cas, eve] = [1, 2, 3, 4, 5, 6].map(person) as [
  ...[string, string, string, string, string, string],
];
const names = new Map([
  ...([[rita, "Rita Requester"] as const, [tom, "Tom Target"] as const] as const),
  ...([[ann, "Ann"] as const, [ben, "Ben"] as const, [cas, "Cas"] as const] as const),
]);

export const start = new Date("2026-01-01T08:00:00.000Z");
export const expiresAt = "2026-01-01T08:30:00.000Z";
export const atExpiry = new Date(expiresAt);
const time = start.toISOString();

export const action: Action = {
  id: "55555555-0000-4000-8000-000000000001",
  nonce: "a".repeat(64),
  ticket,
  customer,
  agent: "niivo-l1-desk",
  tool: "password.reset",
  arguments: { user: "tom@contoso.example" },
};
export const actionId = action.id;
export const digest = actionDigest(action);

export const verifiedRequester = {
  objectId: rita,
  tenantId,
  displayName: "Rita Requester",
  userPrincipalName: "rita@contoso.example",
  assurance: "verified",
  multifactor: true,
} as const;

export const required: Required = {
  action,
  digest,
  requester: verifiedRequester,
  target: {
    objectId: tom,
    tenantId,
    userPrincipalName: "tom@contoso.example",
    displayName: "Tom Target",
    enabled: true,
    vip: true,
    privileged: false,
  },
  basis: { policySet: "b".repeat(64), policies: ["credential-needs-approval"] },
  terms: { group, groupName: "Identity approvers", quorum: 2, expiresAt },
  reason: "Tom is locked out.",
};

const people = (...ids: readonly string[]) =>
  ids.map((objectId) => ({ objectId, displayName: names.get(objectId) ?? "Somebody" }));

export const asked: Asked = {
  actionId,
  digest,
  action,
  requester: required.requester,
  ...(required.target === undefined ? {} : { target: required.target }),
  reason: required.reason,
  approvers: people(ann, ben, cas),
  quorum: 2,
  expiresAt,
};

let messages = 0;
const envelope = (source: Input["source"]) => ({
  id: `66666666-0000-4000-8000-${String(++messages).padStart(12, "0")}`,
  ...{ source, customer, ticket, time },
});

export const requiredInput = (data: Partial<Required> = {}): Input => ({
  type: "approval.required.v1",
  data: { ...required, ...data },
  ...envelope("policy"),
});

type VoteData = Extract<Input, { type: "vote.cast.v1" }>["data"];
export const voteOf = (voter: string, data: Partial<VoteData> = {}): VoteData => ({
  ...{ actionId, digest, voter, tenantId, vote: "grant", activityId: "f:1" },
  ...data,
});
export const voteInput = (voter: string, data: Partial<VoteData> = {}): Input => ({
  type: "vote.cast.v1",
  data: voteOf(voter, data),
  ...envelope("approvals"),
});

type Answer = Extract<Input, { type: "facts.attested.v1" }>["data"]["answer"];
export const attestedInput = (request: string, answer: Answer, attestedAt = time): Input => ({
  type: "facts.attested.v1",
  data: { request, actionId, requestedBy: "approvals", answer, attestedAt },
  ...envelope("broker"),
});
export const groupAnswer = (...ids: readonly string[]): Answer => ({
  kind: "group",
  group,
  members: people(...ids),
});
export const memberAnswer = (member: string, facts = { enabled: true, member: true }): Answer => ({
  ...{ kind: "member", group, person: member },
  ...facts,
});

export const dueInput = (): Input => ({
  type: "approval.due.v1",
  data: { actionId },
  ...envelope("approvals"),
});
export const failedInput = (approver: string): Input => ({
  type: "card.failed.v1",
  data: { actionId, approver, code: "teams-refused" },
  ...envelope("approvals"),
});
export const postedInput = (approver: string): Input => ({
  type: "card.posted.v1",
  data: { actionId, approver, conversationId: "a:1", activityId: "1" },
  ...envelope("approvals"),
});

export const groupRequest = "77777777-0000-4000-8000-000000000001";
export const noted: Event = {
  type: "note.required",
  data: { required, request: groupRequest },
};
export const askedEvent = (data: Partial<Asked> = {}): Event => ({
  type: "approval.asked.v1",
  data: { ...asked, ...data },
});
