// Whose word an allow needs before audit answers it with a receipt, read off the entries of a chain. Pure: the
// sealer asks it before it signs, and the verifier asks it again.
//
// Invariants:
//   L16. A receipt is given only for an allow of policy's whose digest the agent requested before and, where
//        the allow says that people granted it, a grant of the same digest names all of them (ADR 12).
//        Each says so on its own topic, or has not said it. Otherwise the allow is sealed as withheld.

import type { Entry } from "../evidence.ts";

/** The outcome of an allow that got no receipt. */
export const receiptWithheld = "receipt-withheld";

/** What a chain says so far, by the digest of the action. */
export interface Heard {
  readonly requested: Map<string, { readonly seq: number }>;
  /** The newest grant of each digest: its people, by pseudonym. */
  readonly granted: Map<string, { readonly seq: number; people: string[] }>;
}

type Said = Pick<Entry, "type" | "event" | "action" | "detail">;

/** Takes down a request of the agent's or a grant of the approvals'; of anything else it takes no note. */
export function hear({ requested, granted }: Heard, said: Said, seq: number): void {
  const { type, event, action, detail } = said;
  if (action?.digest === undefined) return;
  if (type === "action.requested.v1" && event?.source === "agent")
    requested.set(action.digest, { seq });
  if (type === "approval.granted.v1" && event?.source === "approvals")
    granted.set(action.digest, { seq, people: [...peopleIn(detail)] });
}

/** Whether what was heard so far bears out this allow (L16). */
export function isBorneOut(
  { requested, granted }: Heard,
  { event, action, detail }: Said,
): boolean {
  if (event?.source !== "policy" || action?.digest === undefined) return false;
  if (!requested.has(action.digest)) return false;
  const claimed = peopleIn(detail);
  if (detail["mode"] !== "approved" && claimed.length === 0) return true;
  const people = granted.get(action.digest)?.people ?? [];
  return claimed.length > 0 && claimed.every((one) => people.includes(one));
}

/** The pseudonyms of those who granted: within one chain, one person has one. */
export const peopleIn = ({ grantedBy }: Entry["detail"]): readonly string[] =>
  typeof grantedBy === "string" ? grantedBy.split(" ") : [];
