// sessions.revoke: ends a person's sessions on every device, with the agent identity's own token.
// https://learn.microsoft.com/graph/api/user-revokesigninsessions
//
// Access tokens that were issued before live on for up to an hour where the resource does not evaluate
// continuously; nothing here can shorten that.

import { z } from "zod";
import type { GraphSessions } from "./graph-session.ts";
import { type Executor, failed } from "./ports.ts";

const Revoked = z.object({ value: z.literal(true) });

export const sessionsRevoke =
  (sessions: GraphSessions): Executor =>
  async (execution) => {
    const { target, agent } = execution;
    if (target === undefined) return failed("target-missing", "The allow names nobody.");
    const session = await sessions.asAgent(agent, execution);
    if (session.kind === "failed") return session;
    const answer = await session.graph.post(`/users/${target.objectId}/revokeSignInSessions`, {});
    switch (answer.kind) {
      case "ok":
        return Revoked.safeParse(answer.body).success
          ? { kind: "completed", costMicroChf: 0, result: { revoked: true } }
          : { kind: "unknown", detail: "Graph did not say whether the sessions were ended." };
      case "refused":
        return failed("graph-refused", `Graph refused (${answer.status} ${answer.code}).`);
      case "unclear":
        return {
          kind: "unknown",
          detail: `Graph did not say whether the sessions were ended (${answer.code}).`,
        };
    }
  };
