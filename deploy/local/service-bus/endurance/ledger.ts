// What a client of the bus may rely on, written down operation by operation, and checked at the end.
//
// Invariants:
//   K1. A send that was acknowledged is there, until a settlement of it was asked for.
//   K2. A settlement that was acknowledged stands: what was completed, dead-lettered or deferred is
//       never delivered again.
//   K3. Nothing is there twice, and nothing is there that nobody sent.
// An operation whose answer never came may have been done or not: either is right.

export type Fate = "waiting" | "completed" | "dead" | "deferred";

interface Entry {
  isSent: boolean;
  /** Settlements asked for; the last one may be unanswered. */
  readonly asked: Set<Fate>;
  /** The settlement that was acknowledged. */
  settled: Fate | undefined;
}

/** What was found in the end: each id in its places. */
export interface Found {
  readonly waiting: readonly string[];
  readonly dead: readonly string[];
  readonly deferred: readonly string[];
}

export interface Ledger {
  readonly sending: (id: string) => void;
  readonly sent: (id: string) => void;
  /** @throws Error when it was settled before (K2) or never sent (K3). */
  readonly received: (id: string) => void;
  readonly settling: (id: string, fate: Fate) => void;
  readonly settled: (id: string, fate: Fate) => void;
  /** Every broken promise, one a line. */
  readonly problems: (found: Found) => string[];
  readonly counts: () => { sent: number; completed: number; dead: number; deferred: number };
}

export function createLedger(): Ledger {
  const entries = new Map<string, Entry>();
  const entryOf = (id: string): Entry => {
    const entry = entries.get(id);
    if (entry === undefined) throw new Error(`K3: ${id} was never sent`);
    return entry;
  };
  const count = (fate: Fate) => [...entries.values()].filter((one) => one.settled === fate).length;
  return {
    sending: (id) => void entries.set(id, { isSent: false, asked: new Set(), settled: undefined }),
    sent: (id) => {
      entryOf(id).isSent = true;
    },
    received: (id) => {
      const { settled } = entryOf(id);
      if (settled !== undefined) throw new Error(`K2: ${id} was ${settled} and came again`);
    },
    settling: (id, fate) => void entryOf(id).asked.add(fate),
    settled: (id, fate) => {
      entryOf(id).settled = fate;
    },
    problems: (found) => problemsOf(entries, found),
    counts: () => ({
      sent: [...entries.values()].filter(({ isSent }) => isSent).length,
      completed: count("completed"),
      dead: count("dead"),
      deferred: count("deferred"),
    }),
  };
}

function problemsOf(entries: ReadonlyMap<string, Entry>, found: Found): string[] {
  const problems: string[] = [];
  const places = new Map<string, Fate[]>();
  for (const fate of ["waiting", "dead", "deferred"] as const) {
    for (const id of found[fate]) {
      if (!entries.has(id)) problems.push(`K3: ${id} is ${fate} and was never sent`);
      places.set(id, [...(places.get(id) ?? []), fate]);
    }
  }
  for (const [id, { isSent, asked, settled }] of entries) {
    const at = places.get(id) ?? [];
    if (at.length > 1) problems.push(`K3: ${id} is in ${at.join(" and ")}`);
    const place = at[0] ?? "completed"; // What is nowhere must have been completed, if it was sent.
    if (settled !== undefined) {
      if (place !== settled) problems.push(`K2: ${id} was ${settled} and is ${place}`);
    } else if (isSent && place !== "waiting" && !asked.has(place)) {
      problems.push(`K1: ${id} was sent, nobody asked for it to be ${place}, and it is`);
    }
  }
  return problems;
}
