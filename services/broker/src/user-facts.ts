// user.facts: looks a person up with the agent identity's own token.

import type { GraphSessions } from "./graph-session.ts";
import { GraphManager, GraphUser, userSelect } from "./graph-shapes.ts";
import { type Executor, failed } from "./ports.ts";

export const userFacts =
  (sessions: GraphSessions): Executor =>
  async (execution) => {
    const { target, agent } = execution;
    if (target === undefined) return failed("target-missing", "The allow names nobody.");
    const session = await sessions.asAgent(agent, execution);
    if (session.kind === "failed") return session;
    const path = `/users/${target.objectId}`;
    const [person, manager] = await Promise.all([
      session.graph.get(path, { $select: userSelect }),
      session.graph.get(`${path}/manager`, { $select: "id,displayName" }),
    ]);
    if (person.kind === "refused" && person.status === 404)
      return failed("not-found", "The directory has nobody of that id.");
    const known = GraphUser.safeParse(person.kind === "ok" ? person.body : undefined);
    if (!known.success) return failed("directory-unavailable", `The directory: ${sign(person)}.`);
    const boss = GraphManager.safeParse(manager.kind === "ok" ? manager.body : undefined);
    const { id, userPrincipalName, displayName, department, jobTitle, accountEnabled } = known.data;
    return {
      kind: "completed",
      costMicroChf: 0,
      result: {
        objectId: id,
        userPrincipalName,
        displayName,
        enabled: accountEnabled,
        ...(department === undefined ? {} : { department }),
        ...(jobTitle === undefined ? {} : { jobTitle }),
        ...(boss.data?.displayName === undefined ? {} : { manager: boss.data.displayName }),
      },
    };
  };

const sign = (answer: { readonly kind: string; readonly code?: string }): string =>
  answer.code ?? "an answer of another form";
