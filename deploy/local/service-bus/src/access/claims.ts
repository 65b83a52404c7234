// The claims of one connection: what its put-token requests have proved so far.
//
// Invariants:
//   C1. A link opens only while the connection holds a live claim for the link's address.
//   C2. The claim's holder must have the right the link needs: Send to send, Listen to receive. A
//       management link opens with any right on its entity; each operation asks for its own.

import type { Node } from "../address.ts";
import { normalPath } from "../address.ts";
import type { Right } from "../entities/descriptions.ts";
import { limits } from "../limits.ts";
import { type Claim, isWithin } from "./sas-token.ts";

/** What the claims say about an address: nothing at all, not this right, or yes. */
export type Standing = "unproved" | "proved" | "allowed";

/** The resource at a link address, and the rights of which one is needed. */
export interface Wish {
  readonly node: Node;
  readonly address: string;
  readonly rights: readonly Right[];
}

export interface Claims {
  /** Keeps a claim; false when the connection already holds too many. */
  add(claim: Claim): boolean;
  standing(wish: Wish, now: number): Standing;
  /** The earliest expiry of a claim held, or Infinity. Forgets the expired ones. */
  nextExpiry(now: number): number;
}

export function createClaims(): Claims {
  // One claim for each audience and holder: a renewal replaces the claim it renews.
  const held = new Map<string, Claim>();
  return {
    add(claim) {
      const id = `${claim.holder.name}\n${claim.path}`;
      if (!held.has(id) && held.size >= limits.tokensPerConnectionMax) return false;
      held.set(id, claim);
      return true;
    },
    standing({ node, address, rights }, now) {
      const path = normalPath(address);
      const live = [...held.values()].filter(
        (claim) => claim.expiresAt > now && isWithin(path, claim.path), // C1
      );
      if (live.length === 0) return "unproved";
      const isAllowed = live.some((claim) => rights.some((right) => may(claim, node, right)));
      return isAllowed ? "allowed" : "proved"; // C2
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

function may({ holder }: Claim, node: Node, right: Right): boolean {
  switch (node.kind) {
    case "cbs":
      return true;
    case "entity":
      return holder.may(right, node.name);
    case "subscription":
      return holder.may(right, `${node.topic}/${node.subscription}`);
  }
}
