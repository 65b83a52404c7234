import { createHash } from "node:crypto";
import { describe, expect, test } from "vitest";
import {
  chainId,
  Entry,
  entryBytes,
  entryBytesMax,
  entryHash,
  entryLine,
  entryText,
  entryTextHash,
  messageCommitment,
} from "./evidence.ts";

const nonce = "0".repeat(63).concat("1");
const entry: Entry = {
  v: "audit-entry/1",
  chain: chainId(nonce),
  seq: 6,
  prev: `3b8e1d${"0".repeat(58)}`,
  writer: 1,
  event: {
    id: "0b0e9a5c-53ce-8a3e-8b1f-2f6d3c1a4e55",
    source: "approvals",
    key: "0b0e9a5c-53ce-8a3e-8b1f-2f6d3c1a4e56",
    sequence: 3,
    cause: "0b0e9a5c-53ce-8a3e-8b1f-2f6d3c1a4e57",
  },
  type: "approval.granted.v1",
  occurredAt: "2026-11-23T09:00:00.000Z",
  sealedAt: "2026-11-23T09:00:00.001Z",
  actor: "service:approvals",
  ticket: { id: "0b0e9a5c-53ce-8a3e-8b1f-2f6d3c1a4e58", seq: 4, prev: 5 },
  action: { id: "0b0e9a5c-53ce-8a3e-8b1f-2f6d3c1a4e56", digest: "a".repeat(64) },
  detail: { via: "teams", grantedBy: `psn:${"b".repeat(32)}` },
  commit: { message: "c".repeat(64) },
};
const text = new TextDecoder().decode(entryBytes(entry));

test("an entry comes back from its bytes, and has the same bytes again", () => {
  const read = Entry.parse(JSON.parse(text));
  expect(read).toEqual(entry);
  expect(entryBytes(read)).toEqual(entryBytes(entry));
});

test("every field counts: leaving out or changing any gives another hash", () => {
  const hash = entryHash(entryBytes(entry));
  for (const name of Object.keys(entry)) {
    const { [name as keyof Entry]: _left, ...rest } = entry;
    expect(entryHash(new TextEncoder().encode(JSON.stringify(rest))), name).not.toBe(hash);
  }
  expect(entryHash(entryBytes({ ...entry, seq: 7 }))).not.toBe(hash);
});

test("the hash is the RFC 6962 leaf hash: a zero byte stands before the bytes", () => {
  const expected = createHash("sha256")
    .update(Buffer.from([0]))
    .update(text)
    .digest("hex");
  expect(entryHash(entryBytes(entry))).toBe(expected);
  expect(entryTextHash(entryText(entry))).toBe(expected);
  const empty = "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d";
  expect(entryHash(new Uint8Array())).toBe(empty);
});

test("the hash of a text is the one of its UTF-8 bytes", () => {
  for (const one of ["", "é", "\u{1f511}", "\u0000\ufeff", text])
    expect(entryTextHash(one), one).toBe(entryHash(new TextEncoder().encode(one)));
});

test("the chain's id is the SHA-256 of a label and 32 bytes", () => {
  const bytes = Buffer.concat([Buffer.from("audit-chain/1"), Buffer.from(nonce, "hex")]);
  expect(chainId(nonce)).toBe(createHash("sha256").update(bytes).digest("hex"));
});

test("an entry larger than its limit has no bytes", () => {
  const detail = Object.fromEntries(
    Array.from({ length: 250 }, (_, index) => [`field${index}`, "x".repeat(300)]),
  );
  expect(() => entryBytes({ ...entry, detail })).toThrow(RangeError);
  expect(entryBytes(entry).length).toBeLessThan(entryBytesMax);
});

describe("what is not an entry", () => {
  test.each([
    ["an unknown field", { extra: 1 }],
    ["a fraction", { detail: { cost: 0.5 } }],
    ["an object as a detail", { detail: { nested: {} } }],
    ["a long text", { detail: { text: "x".repeat(301) } }],
    ["another format", { v: "audit-entry/2" }],
    ["a negative number", { seq: -1 }],
    ["a time without milliseconds", { sealedAt: "2026-11-23T09:00:00Z" }],
    ["a prose outcome", { outcome: "It went well" }],
  ])("%s", (_, change) => {
    expect(Entry.safeParse({ ...entry, ...change }).success).toBe(false);
  });
});

test("a commitment is opened by its salt and its message, and by no other", () => {
  const [salt, other] = ["1".repeat(64), "2".repeat(64)];
  const message = { id: "1", data: { text: "hello" } };
  const commitment = messageCommitment(salt, message);
  expect(messageCommitment(salt, { data: { text: "hello" }, id: "1" })).toBe(commitment);
  expect(messageCommitment(other, message)).not.toBe(commitment);
  expect(messageCommitment(salt, { ...message, id: "2" })).not.toBe(commitment);
});

describe("an entry in one line", () => {
  const hash = `a51f96${"0".repeat(58)}`;

  test("as auditors know it", () => {
    expect(entryLine(entry, hash)).toBe("approval.granted: via Teams  #a51f96  prev #3b8e1d");
    const requested: Entry = {
      ...entry,
      type: "action.requested.v1",
      action: { id: entry.action?.id ?? "", tool: "password.reset" },
      detail: { step: 1 },
    };
    expect(entryLine(requested, hash)).toBe("agent.action: password.reset  #a51f96  prev #3b8e1d");
  });

  test("with nothing to say beside its type", () => {
    const { action: _action, ...plain } = entry;
    expect(entryLine({ ...plain, type: "chain.genesis", detail: {} }, hash)).toBe(
      "chain.genesis  #a51f96  prev #3b8e1d",
    );
  });
});
