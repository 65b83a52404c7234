// password.reset: sets a temporary password that only its recipient will ever see.
//
// Invariants:
//   P1. The secret is stored for its recipient, and the recipient has been told where, before the directory
//       changes: a password that nobody can learn is never set.
//   P2. The person gets it only if they asked themselves, verified, with a second factor, at most
//       `signInMaxMs` ago; everybody else's goes to the manager; without one nothing happens.
//   P3. The account is the one of the attested facts, never one looked up from the agent's words.

import { clockSkewMs } from "@niivo/contracts/receipt";
import { secretLinkKey } from "./credentials.ts";
import { generatedPassword } from "./generated-password.ts";
import type { GraphSessions } from "./graph-session.ts";
import type { Outcome } from "./messages.ts";
import { type Execution, type Executor, failed } from "./ports.ts";
import type { SecretLinks, StoredSecret } from "./secret-links.ts";
import type { TellRecipient } from "./tell-recipient.ts";

export const signInMaxMs = 5 * 60 * 1000;

interface Recipient {
  readonly who: "person" | "manager";
  readonly objectId: string;
}

export const passwordReset =
  (sessions: GraphSessions, links: SecretLinks, tell: TellRecipient): Executor =>
  async (execution) => {
    const { target, agent, customer, action, startedAt } = execution;
    if (target === undefined) return failed("target-missing", "The allow names nobody.");
    const recipient = recipientOf(execution);
    if (recipient === undefined)
      return failed("no-recipient", "There is nobody who may receive the password.");
    const session = await sessions.asApplication(agent.executors.password, execution);
    if (session.kind === "failed") return session;
    const key = await execution.readSecret(secretLinkKey);
    if (key.kind === "failed") return key;
    const password = generatedPassword();
    const link = await links.store({
      customer: customer.id,
      ticket: action.ticket,
      actionId: action.id,
      recipient: recipient.objectId,
      plain: () => password,
      key: key.value,
      now: startedAt,
    }); // P1
    if (link.kind === "failed") return link;
    const told = await tell(link.stored, execution); // P1
    if (told.kind === "failed") {
      await links.discard(customer.id, link.stored.secretId);
      return told;
    }
    const answer = await session.graph.patch(`/users/${target.objectId}`, {
      passwordProfile: { password, forceChangePasswordNextSignIn: true },
    }); // P3
    switch (answer.kind) {
      case "ok":
        return completed(link.stored, recipient);
      case "refused":
        await links.discard(customer.id, link.stored.secretId);
        return failed("graph-refused", `Graph refused (${answer.status} ${answer.code}).`);
      case "unclear":
        // The link stays, and is told of: the password may be in force.
        return {
          kind: "unknown",
          detail: `Graph did not say whether it was done (${answer.code}).`,
          secret: link.stored,
        };
    }
  };

// P2.
function hasJustSignedIn(
  requester: Execution["requester"],
  person: string,
  startedAt: Date,
): boolean {
  if (requester.assurance !== "verified" || requester.objectId !== person) return false;
  const { signedInAt, multifactor } = requester;
  const signedInMs = signedInAt === undefined ? Number.NaN : Date.parse(signedInAt);
  const ageMs = startedAt.getTime() - signedInMs;
  return multifactor && ageMs <= signInMaxMs && ageMs >= -clockSkewMs;
}

function recipientOf({ requester, target, startedAt }: Execution): Recipient | undefined {
  if (target === undefined) return undefined;
  const isThere = hasJustSignedIn(requester, target.objectId, startedAt);
  if (isThere) return { who: "person", objectId: target.objectId };
  const { manager } = target;
  return manager === undefined || manager === target.objectId
    ? undefined
    : { who: "manager", objectId: manager };
}

const completed = (stored: StoredSecret, { who }: Recipient): Outcome => ({
  kind: "completed",
  costMicroChf: 0,
  result: {
    delivered: "one-time-link",
    recipient: who,
    secretId: stored.secretId,
    expiresAt: stored.expiresAt,
  },
  secret: stored,
});
