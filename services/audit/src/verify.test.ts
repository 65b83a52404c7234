import { canonicalJson } from "@niivo/contracts/canonical";
import { type Entry, entryBytes, entryHash } from "@niivo/contracts/evidence";
import { describe, expect, test } from "vitest";
import type { BreakCode } from "./break.ts";
import { arrival, sealTurns } from "./testing/seal-turns.ts";
import { story } from "./testing/story.ts";
import { type Attested, type Found, verifier } from "./verify.ts";

const receiptId = "3f2c1d52-8a3c-8e1f-9d4b-0123456789ab";

/** A whole story as a chain: genesis, the key, nine messages. */
function toldStory(): { readonly found: readonly Found[]; readonly attested: Attested } {
  const { all, allowed, started, completed, resolved } = story();
  const turns = sealTurns();
  for (const event of all) turns.turn([arrival(event)]);
  const allow = turns.sealed().find(({ entry }) => entry.event?.id === allowed.id);
  if (allow === undefined) throw new Error("the allow was not sealed");
  turns.published(receiptId);
  const receipt = { seq: allow.entry.seq, entryHash: allow.hash };
  for (const event of [started(receiptId, receipt), completed, resolved])
    turns.turn([arrival(event)]);
  const { chain, size, headHash } = turns.head();
  const found = turns.sealed().map(({ text: bytes, hash }) => ({ bytes, hash }));
  return { found, attested: { chain, size, headHash } };
}

const { found, attested } = toldStory();
const size = found.length;

function judge(chain: readonly Found[], head: Attested | undefined = attested) {
  const verification = verifier();
  for (const one of chain) verification.add(one);
  return verification.end(head);
}

/** The breaks as `CODE seq`. */
const breaksOf = (chain: readonly Found[], head: Attested | undefined = attested) =>
  judge(chain, head).breaks.map(({ code, seq }) => `${code} ${seq}`);

const foundOf = (entry: Entry): Found => {
  const bytes = entryBytes(entry);
  return { bytes: new TextDecoder().decode(bytes), hash: entryHash(bytes) };
};
const entryOf = ({ bytes }: Found): Entry => JSON.parse(bytes);
const at = (seq: number): Found => found[seq]!;
const kindSeq = (type: string) => found.findIndex((one) => entryOf(one).type === type);

/** As somebody with the store's rights would: changes entries and recomputes every link after. */
function rewritten(change: (entry: Entry) => Entry | undefined): {
  readonly chain: readonly Found[];
  readonly head: Attested;
} {
  const chain: Found[] = [];
  let prev = attested.chain;
  for (const entry of found.map(entryOf)) {
    const changed = change(entry);
    if (changed === undefined) continue;
    const linked = foundOf({ ...changed, seq: chain.length, prev });
    chain.push(linked);
    prev = linked.hash ?? "";
  }
  return { chain, head: { ...attested, size: chain.length, headHash: prev } };
}

test("an honest chain is in order in every respect", () => {
  expect(judge(found)).toEqual({
    verdict: "OK",
    integrity: "OK",
    completeness: "OK",
    authorization: "OK",
    chain: attested.chain,
    entries: size,
    head: { seq: size - 1, hash: attested.headHash },
    breaks: [],
    breaksFound: 0,
  });
});

test("L8: any single byte that changes is found, in its own entry and in no other", () => {
  for (const [seq, { bytes, hash }] of found.entries()) {
    for (let position = 0; position < bytes.length; position += 1) {
      const flipped = String.fromCharCode(bytes.charCodeAt(position) ^ 1);
      const changed = bytes.slice(0, position) + flipped + bytes.slice(position + 1);
      const chain = found.with(seq, { bytes: changed, hash: hash ?? "" });
      expect(breaksOf(chain), `entry ${seq}, byte ${position}`).toEqual([`ALTERED ${seq}`]);
    }
  }
}, 120_000);

test("L8: a changed byte is also found where the row's own hash was changed with it", () => {
  for (let seq = 0; seq < size; seq += 1) {
    const entry = entryOf(at(seq));
    const chain = found.with(seq, foundOf({ ...entry, actor: "service:nobody" }));
    const where = seq === size - 1 ? seq : seq + 1;
    expect(breaksOf(chain), `entry ${seq}`).toEqual([`ALTERED ${where}`]);
  }
});

describe("every position of the chain", () => {
  const positions = found.map((_, seq) => seq);

  test.each(positions)("GAP: entry %i dropped", (seq) => {
    const expected = seq === size - 1 ? `TRUNCATED ${seq}` : `GAP ${seq}`;
    expect(breaksOf(found.toSpliced(seq, 1))).toEqual([expected]);
  });

  test.each(positions)("DUPLICATE: entry %i twice", (seq) => {
    expect(breaksOf(found.toSpliced(seq, 0, at(seq)))).toEqual([`DUPLICATE ${seq}`]);
  });

  test.each(positions.slice(1))("REORDERED: entry %i before the one before it", (seq) => {
    const chain = found.with(seq - 1, at(seq)).with(seq, at(seq - 1));
    expect(breaksOf(chain)).toEqual([`REORDERED ${seq - 1}`]);
  });

  test.each(positions.slice(1))("GAP: the first %i entries cut off", (seq) => {
    expect(breaksOf(found.slice(seq))).toEqual(["GAP 0"]);
  });

  test.each(positions)("TRUNCATED: cut off after %i entries", (seq) => {
    expect(breaksOf(found.slice(0, seq))).toEqual([`TRUNCATED ${seq}`]);
  });

  test.each(positions.slice(1))("an entry of our own making put in before %i", (seq) => {
    const forged = foundOf({ ...entryOf(at(seq)), actor: "service:nobody" });
    expect(breaksOf(found.toSpliced(seq, 0, forged))).toEqual([`DUPLICATE ${seq}`]);
  });

  test.each(positions)("NOT_CANONICAL: the same entry %i in other bytes", (seq) => {
    const bytes = at(seq).bytes.replace(",", ", ");
    expect(breaksOf(found.with(seq, { ...at(seq), bytes }))).toEqual([`NOT_CANONICAL ${seq}`]);
    const hash = entryHash(new TextEncoder().encode(bytes));
    expect(breaksOf(found.with(seq, { bytes, hash }))[0]).toBe(`NOT_CANONICAL ${seq}`);
  });

  test.each(positions)("ALTERED: what is no entry in the place of %i", (seq) => {
    for (const bytes of ["", "null", "{}", '{"seq":', "\ud800"])
      expect(breaksOf(found.with(seq, { bytes }))).toContain(`ALTERED ${seq}`);
  });
});

describe("the rest recomputed after the change", () => {
  test("with the head row left alone, the end does not fit", () => {
    const { chain } = rewritten((entry) => ({ ...entry, actor: "service:nobody" }));
    expect(breaksOf(chain)).toEqual([`ALTERED ${size - 1}`]);
  });

  test("with an entry left out too, the head row counts one more", () => {
    const { chain } = rewritten((entry) => (entry.seq === 5 ? undefined : entry));
    expect(breaksOf(chain)).toEqual([`TRUNCATED ${size - 1}`]);
  });

  test("with the head row and another chain's id, the genesis does not fit", () => {
    const other = "f".repeat(64);
    const { chain, head } = rewritten((entry) => ({ ...entry, chain: other }));
    expect(breaksOf(chain, { ...head, chain: other })[0]).toBe("ALTERED 0");
  });

  test("with the head row: an allow left out shows in the ticket's links and as an unauthorized start", () => {
    const { chain, head } = rewritten((entry) =>
      entry.type === "action.allowed.v1" ? undefined : entry,
    );
    const verdict = judge(chain, head);
    expect(verdict).toMatchObject({ verdict: "BROKEN", authorization: "BROKEN" });
    const codes = new Set<BreakCode>(verdict.breaks.map(({ code }) => code));
    expect([...codes].toSorted()).toEqual(["ALTERED", "UNAUTHORIZED"]);
  });

  test("with the head row and nothing missing, it is not found, and the answer says so", async () => {
    const { notProven } = await import("./not-proven.ts");
    const { chain, head } = rewritten((entry) => entry);
    expect(judge(chain, head).verdict).toBe("OK");
    expect(notProven[0]).toMatch(/recomputed every entry together with the head row/);
  });
});

describe("authorization", () => {
  const started = kindSeq("action.started.v1");

  test("a start of another digest than the allowed one", () => {
    const { chain, head } = rewritten((entry) =>
      entry.seq === started && entry.action !== undefined
        ? { ...entry, action: { ...entry.action, digest: "0".repeat(64) } }
        : entry,
    );
    expect(breaksOf(chain, head)).toEqual([`UNAUTHORIZED ${started}`]);
  });

  test("a start on a receipt for another entry", () => {
    const { chain, head } = rewritten((entry) =>
      entry.seq === started ? { ...entry, detail: { ...entry.detail, receiptSeq: 3 } } : entry,
    );
    expect(breaksOf(chain, head)).toEqual([`UNAUTHORIZED ${started}`]);
  });

  test("a second start of one action", () => {
    const turns = sealTurns();
    const { all, allowed, started: start } = story();
    for (const event of all) turns.turn([arrival(event)]);
    const allow = turns.sealed().find(({ entry }) => entry.event?.id === allowed.id);
    turns.published(receiptId);
    const first = start(receiptId, { seq: allow?.entry.seq ?? 0, entryHash: allow?.hash ?? "" });
    const second = { ...first, id: "11111111-1111-8111-8111-111111111111", sequence: 4 };
    turns.turn([arrival(first), arrival(second)]);
    const chain = turns.sealed().map(({ text: bytes }) => ({ bytes }));
    expect(breaksOf(chain, turns.head())).toEqual([`STARTED_TWICE ${chain.length - 1}`]);
  });

  test("L9: it is not judged on a broken chain", () => {
    expect(judge(found.toSpliced(started - 2, 1)).authorization).toBe("NOT_JUDGED");
  });
});

test("L9: several breaks are all reported", () => {
  const swapped = found.with(2, at(3)).with(3, at(2));
  const chain = swapped.with(6, { ...at(6), bytes: at(6).bytes.replace("v1", "v2") }).slice(0, -1);
  expect(breaksOf(chain)).toEqual(["REORDERED 2", "ALTERED 6", `TRUNCATED ${size - 1}`]);
});

test("no head row at all is a chain without an end", () => {
  const verification = verifier();
  for (const one of found) verification.add(one);
  const verdict = verification.end(undefined);
  expect(verdict.breaks).toMatchObject([{ code: "TRUNCATED", seq: size }]);
});

test("an old head row in the place of the newest is found", () => {
  expect(breaksOf(found, { ...attested, size: 4 })).toEqual(["TRUNCATED 4"]);
});

test("nothing at all under a head row is a chain that was cut off, not one in order", () => {
  expect(judge([])).toMatchObject({ verdict: "INCOMPLETE", entries: 0 });
});

test("a name given twice is no canonical entry, whichever value a parser keeps", () => {
  const bytes = at(3).bytes.replace('"seq":3', '"seq":99,"seq":3');
  expect(JSON.parse(bytes)).toEqual(entryOf(at(3)));
  expect(canonicalJson(JSON.parse(bytes))).toBe(at(3).bytes);
  const hash = entryHash(new TextEncoder().encode(bytes));
  expect(breaksOf(found.with(3, { bytes, hash }))[0]).toBe("NOT_CANONICAL 3");
});
