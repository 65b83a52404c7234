import { createHmac } from "node:crypto";
import fc from "fast-check";
import { canonicalize } from "json-canonicalize";
import { describe, expect, test } from "vitest";
import { canonicalJson } from "../canonical.ts";
import { chainId, type Entry, entryBytes } from "../evidence.ts";
import { bytesOf } from "./bytes.ts";
import { commitmentTo } from "./commitment.ts";
import { rangesIn, rangesText } from "./control.ts";
import { readCanonical, readEntry } from "./read-entry.ts";

const entry: Entry = {
  v: "audit-entry/1",
  chain: chainId("0".repeat(64)),
  seq: 3,
  prev: "a".repeat(64),
  writer: 1,
  type: "chain.heartbeat",
  occurredAt: "2026-11-23T09:00:00.000Z",
  sealedAt: "2026-11-23T09:00:00.001Z",
  actor: "service:audit",
  detail: { "10": 1, "9": 2, ü: "é", "\u20ac": true },
};
const text = Buffer.from(entryBytes(entry)).toString();
const reasonOf = (bytes: Uint8Array | string): string => {
  const read = readEntry(typeof bytes === "string" ? bytesOf(bytes) : bytes);
  return read.kind === "refused" ? read.reason : read.kind;
};

test("an entry is read from its own bytes, also where its names look like numbers", () => {
  expect(readEntry(entryBytes(entry))).toEqual({ kind: "entry", entry });
});

describe("E1: other bytes that mean the same are no entry", () => {
  test.each([
    ["a space", text.replace(",", ", ")],
    ["a line feed at the end", `${text}\n`],
    ["a byte order mark", `\ufeff${text}`],
    ["a name twice", text.replace('"seq":3', '"seq":3,"seq":3')],
    ["a name twice with another value first", text.replace('"seq":3', '"seq":9,"seq":3')],
    ["another order", JSON.stringify(entry)],
    ["an escape that is not needed", text.replace("chain.heartbeat", "\\u0063hain.heartbeat")],
    ["a number in another form", text.replace('"seq":3', '"seq":3e0')],
    ["a number with a fraction of zero", text.replace('"seq":3', '"seq":3.0')],
    ["minus zero", text.replace('"seq":3', '"seq":-0')],
    ["a number that is rounded", text.replace('"seq":3', '"seq":9007199254740993')],
  ])("%s", (_, other) => {
    expect(reasonOf(other)).toMatch(/^not-(canonical|json)$/);
  });
});

describe("E2: the profile", () => {
  test.each([
    ["a fraction", '{"a":1.5}'],
    ["an integer above 2^53−1", '{"a":9007199254740992}'],
    ["a lone surrogate", '{"a":"\\ud800"}'],
    ["a lone surrogate as a name", '{"\\udc00":1}'],
    ["a name that reaches the prototype", '{"__proto__":{"a":1}}'],
    ["too deep", `${"[".repeat(20)}${"]".repeat(20)}`],
  ])("refuses %s", (_, other) => {
    expect(readCanonical(other).kind).toBe("refused");
    expect(reasonOf(other)).not.toBe("entry");
  });

  test("refuses bytes that are no UTF-8, and too many of them", () => {
    const broken = Buffer.from(text);
    broken[broken.indexOf("é")] = 0xff;
    expect(reasonOf(broken)).toBe("not-utf8");
    expect(reasonOf("x".repeat(65_536))).toBe("too-large");
  });

  test("refuses what the schema does not name, or names otherwise", () => {
    for (const change of [
      { more: 1 },
      { v: "audit-entry/2" },
      { occurredAt: "2026-11-23T09:00:00Z" },
      { occurredAt: "2026-02-30T09:00:00.000+00:00" },
      { seq: -1 },
      { prev: "A".repeat(64) },
      { detail: { a: null } },
    ])
      expect(reasonOf(canonicalJson({ ...entry, ...change })), JSON.stringify(change)).toBe(
        "not-an-entry",
      );
  });
});

test("E1: canonical is what a second canonicaliser writes, for any JSON value", () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 4 }), (value) => {
      const own = canonicalJson(value);
      expect(canonicalize(value)).toBe(own);
      const read = readCanonical(own);
      if (read.kind === "value") expect(canonicalJson(read.value)).toBe(own);
      else expect(read.reason).not.toBe("not-canonical");
      for (const other of [JSON.stringify(value, null, 1), `${own} `])
        if (other !== own) expect(readCanonical(other).kind).toBe("refused");
    }),
    { numRuns: 500 },
  );
});

test("whatever bytes come, reading ends with an entry or a reason", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 60 }), fc.nat(), (junk, at) => {
      const place = at % text.length;
      const bytes = Buffer.concat([
        Buffer.from(text.slice(0, place)),
        junk,
        Buffer.from(text.slice(place + junk.length)),
      ]);
      expect(reasonOf(junk)).toMatch(/^(not-|outside|too)/);
      expect(reasonOf(bytes)).toMatch(/^(entry|not-|outside|too)/);
    }),
    { numRuns: 1000 },
  );
});

describe("a commitment", () => {
  const salt = "01".repeat(32);

  test("M1: is the HMAC over label, field and value with their lengths", () => {
    const value = '{"a":"é"}';
    const framed = Buffer.concat([
      Buffer.from("audit-commit/1\0"),
      Buffer.of(0, 0, 0, 7),
      Buffer.from("message"),
      Buffer.of(0, 0, 0, Buffer.byteLength(value)),
      Buffer.from(value),
    ]);
    const expected = createHmac("sha256", Buffer.from(salt, "hex")).update(framed).digest("hex");
    expect(commitmentTo(salt, "message", { a: "é" })).toBe(expected);
  });

  test("M1, M2: differs with field, value and salt, and takes no short salt", () => {
    const own = commitmentTo(salt, "a", "b");
    for (const other of [
      commitmentTo(salt, "ab", ""),
      commitmentTo(salt, "a", "c"),
      commitmentTo("02".repeat(32), "a", "b"),
    ])
      expect(other).not.toBe(own);
    for (const wrong of ["", "01", "0G".repeat(32), "01".repeat(33)])
      expect(() => commitmentTo(wrong, "a", "b")).toThrow(RangeError);
  });
});

test("numbers and their ranges as text are the same", () => {
  fc.assert(
    fc.property(fc.uniqueArray(fc.nat({ max: 60 })), (numbers) => {
      const sorted = numbers.toSorted((one, other) => one - other);
      const again = rangesIn(rangesText(sorted)).flatMap(([from, to]) =>
        Array.from({ length: to - from + 1 }, (_, index) => from + index),
      );
      expect(again).toEqual(sorted);
    }),
  );
});
