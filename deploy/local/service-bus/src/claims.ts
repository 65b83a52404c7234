// The claims of one connection: what its put-token requests have proved so far.
//
// Invariants:
//   C1. A link opens only while the connection holds a live claim for the link's address.
//   C2. The claim's key must have the right the link needs: Send on the topic, Listen on the
//       subscription. Management of a topic needs Send, of a subscription Listen.

import type { Node } from "./address.ts";
import { normalPath } from "./address.ts";
import { limits } from "./limits.ts";
import { type Claim, isWithin } from "./sas-token.ts";

/** What the claims say about an address: nothing at all, not this right, or yes. */
export type Standing = "unproved" | "proved" | "allowed";

export interface Claims {
  /** Keeps a claim; false when the connection already holds too many. */
  add(claim: Claim): boolean;
  standing(node: Node, address: string, now: number): Standing;
  /** The earliest expiry of a claim held, or Infinity. Forgets the expired ones. */
  nextExpiry(now: number): number;
}

export function createClaims(): Claims {
  // One claim for each audience and key: a renewal replaces the claim it renews.
  const held = new Map<string, Claim>();
  return {
    add(claim) {
      const id = `${claim.key.name}\n${claim.path}`;
      if (!held.has(id) && held.size >= limits.tokensPerConnectionMax) return false;
      held.set(id, claim);
      return true;
    },
    standing(node, address, now) {
      const path = normalPath(address);
      const live = [...held.values()].filter(
        (claim) => claim.expiresAt > now && isWithin(path, claim.path), // C1
      );
      if (live.length === 0) return "unproved";
      return live.some((claim) => may(claim, node)) ? "allowed" : "proved";
    },
    nextExpiry(now) {
      let next = Number.POSITIVE_INFINITY;
      for (const [id, claim] of held) {
        if (claim.expiresAt <= now) held.delete(id);
        else next = Math.min(next, claim.expiresAt);
      }
      return next;
    },
  };
}

function may({ key }: Claim, node: Node): boolean {
  switch (node.kind) {
    case "cbs":
      return true;
    case "topic":
      return key.send.has(node.topic); // C2
    case "subscription":
      return key.listen.has(`${node.topic}/${node.subscription}`); // C2
  }
}
