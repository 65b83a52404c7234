// Facts about people from the customer's directory, read for policy and approvals.
//
// Invariants:
//   F1. The directory is the customer's own: the token is of its tenant, so nobody else's people can be found.
//   F2. What could not be read whole is `unavailable`, never a shorter answer (R7).

import type { Customer } from "@niivo/contracts/customers";
import {
  type FactsAnswer,
  type FactsQuestion,
  groupMembersMax,
  type UserFacts,
} from "@niivo/contracts/facts";
import {
  GraphCheckedGroups,
  GraphManager,
  GraphMembers,
  GraphMemberships,
  GraphUser,
  membershipsMax,
  userSelect,
} from "./graph-shapes.ts";
import type { Graph, GraphAnswer } from "./ports.ts";

const unavailable: FactsAnswer = { kind: "unavailable" };
const notFound: FactsAnswer = { kind: "not-found" };

/** Answers one question. Never throws for what the directory answers. */
export async function readFacts(
  graph: Graph,
  customer: Customer,
  question: FactsQuestion,
): Promise<FactsAnswer> {
  switch (question.kind) {
    case "user":
      return await readUser(graph, customer, question.user);
    case "member":
      return await readMember(graph, question.group, question.person);
    case "manager":
      return await readManagement(graph, question.of, question.person);
    case "group":
      return await readGroup(graph, question.group);
  }
}

async function readUser(graph: Graph, customer: Customer, user: string): Promise<FactsAnswer> {
  const answer = await graph.get(`/users/${encodeURIComponent(user)}`, { $select: userSelect });
  if (isMissing(answer)) return notFound;
  const known = parsed(GraphUser, answer);
  if (known === undefined) return unavailable;
  const path = `/users/${known.id}`;
  const [manager, standing] = await Promise.all([
    readManager(graph, path),
    readStanding(graph, path, customer.groups.vip),
  ]);
  if (manager === undefined || standing === undefined) return unavailable; // F2
  const facts: UserFacts = {
    objectId: known.id,
    tenantId: customer.tenantId, // F1
    userPrincipalName: known.userPrincipalName,
    displayName: known.displayName,
    enabled: known.accountEnabled,
    ...standing,
    ...(known.department === undefined ? {} : { department: known.department }),
    ...manager,
    language: known.preferredLanguage,
  };
  return { kind: "user", facts };
}

/** `undefined` when it could not be read; an empty object when there is none. */
async function readManager(
  graph: Graph,
  path: string,
): Promise<Pick<UserFacts, "manager" | "managerLanguage"> | undefined> {
  const answer = await graph.get(`${path}/manager`, {
    $select: "id,displayName,preferredLanguage",
  });
  if (isMissing(answer)) return {};
  const manager = parsed(GraphManager, answer);
  return manager === undefined
    ? undefined
    : { manager: manager.id, managerLanguage: manager.preferredLanguage };
}

// Holders of a directory role and members of role-assignable groups are privileged
// (https://learn.microsoft.com/graph/api/resources/users#who-can-perform-sensitive-actions).
// Roles that a person is only eligible for (Privileged Identity Management) are not seen here.
async function readStanding(
  graph: Graph,
  path: string,
  vipGroup: string,
): Promise<Pick<UserFacts, "vip" | "privileged"> | undefined> {
  const [memberships, vip] = await Promise.all([
    graph.get(`${path}/transitiveMemberOf`, { $top: String(membershipsMax) }),
    isInGroup(graph, path, vipGroup),
  ]);
  const all = parsed(GraphMemberships, memberships);
  if (all === undefined || vip === undefined || all["@odata.nextLink"] !== undefined)
    return undefined;
  if (all.value.some(({ displayName }) => displayName === null)) return undefined; // F2
  const privileged = all.value.some(
    (one) =>
      one["@odata.type"] === "#microsoft.graph.directoryRole" || one.isAssignableToRole === true,
  );
  return { vip, privileged };
}

async function readMember(graph: Graph, group: string, person: string): Promise<FactsAnswer> {
  const path = `/users/${person}`;
  const answer = await graph.get(path, { $select: userSelect });
  if (isMissing(answer)) return notFound;
  const known = parsed(GraphUser, answer);
  const member = known === undefined ? undefined : await isInGroup(graph, path, group);
  if (known === undefined || member === undefined) return unavailable;
  return { kind: "member", group, person, enabled: known.accountEnabled, member };
}

async function readManagement(graph: Graph, of: string, person: string): Promise<FactsAnswer> {
  const answer = await graph.get(`/users/${person}`, { $select: userSelect });
  if (isMissing(answer)) return notFound;
  const known = parsed(GraphUser, answer);
  const manager = known === undefined ? undefined : await readManager(graph, `/users/${of}`);
  if (known === undefined || manager === undefined) return unavailable; // F2
  const { displayName, accountEnabled: enabled } = known;
  return {
    kind: "manager",
    of,
    person,
    displayName,
    enabled,
    manages: manager.manager === known.id,
    language: known.preferredLanguage,
  };
}

/** Also through groups in groups; `undefined` when it could not be read. */
async function isInGroup(graph: Graph, path: string, group: string): Promise<boolean | undefined> {
  const answer = await graph.post(`${path}/checkMemberGroups`, { groupIds: [group] });
  return parsed(GraphCheckedGroups, answer)?.value.includes(group);
}

/** The enabled people who are direct members. A group beyond the limit is refused, not cut (F2). */
async function readGroup(graph: Graph, group: string): Promise<FactsAnswer> {
  const answer = await graph.get(`/groups/${group}/members`, {
    $select: "id,displayName,accountEnabled,preferredLanguage",
    $top: String(groupMembersMax + 1),
  });
  if (isMissing(answer)) return notFound;
  const found = parsed(GraphMembers, answer);
  if (found === undefined) return unavailable;
  const members = found.value
    .filter((one) => one["@odata.type"] === "#microsoft.graph.user" && one.accountEnabled === true)
    .map(({ id, displayName, preferredLanguage }) => ({
      objectId: id,
      displayName: displayName ?? id,
      language: preferredLanguage,
    }));
  return { kind: "group", group, members };
}

const isMissing = (answer: GraphAnswer): boolean =>
  answer.kind === "refused" && answer.status === 404;

const parsed = <Shape>(
  schema: { readonly safeParse: (body: unknown) => { readonly data?: Shape | undefined } },
  answer: GraphAnswer,
): Shape | undefined => (answer.kind === "ok" ? schema.safeParse(answer.body).data : undefined);
