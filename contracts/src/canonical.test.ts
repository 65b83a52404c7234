import { createHash, createHmac } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import canonicalize from "canonicalize";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { canonicalJson, derivedId, digestOf, keyedDigest, sha256 } from "./canonical.ts";
import { Id } from "./envelope.ts";

// Public vectors of RFC 8785 lie beside the repository; they are not copied into it.
const vectors = new URL("../../../shared/vectors/jcs/", import.meta.url);
const present = existsSync(vectors);
const read = (path: string): string => readFileSync(new URL(path, vectors), "utf8");
const files = present ? readdirSync(new URL("input/", vectors)) : [];
const title = present ? "RFC 8785 vectors" : "RFC 8785 vectors (skipped: vectors not present)";

describe.skipIf(!present)(title, () => {
  test.each(files)("%s has the published bytes", (name) => {
    const bytes = Buffer.from(canonicalJson(JSON.parse(read(`input/${name}`))));
    const expected = read(`outhex/${name.replace(".json", ".txt")}`).replace(/\s/g, "");
    expect(bytes.toString("hex")).toBe(expected);
    expect(bytes.toString()).toBe(read(`output/${name}`).trimEnd());
  });

  test("numbers are written as ECMAScript writes them", () => {
    const { samples } = z
      .object({ samples: z.array(z.tuple([z.string(), z.string()])).min(1) })
      .parse(JSON.parse(read("es6-numbers.json")));
    for (const [bits, expected] of samples) {
      const value = Buffer.from(bits.padStart(16, "0"), "hex").readDoubleBE();
      expect(canonicalJson(value), bits).toBe(expected);
    }
  });
});

test("the order of members and absent members do not change a digest", () => {
  expect(canonicalJson({ b: 1, a: [true, null, "ü"], c: undefined })).toBe(
    '{"a":[true,null,"ü"],"b":1}',
  );
  expect(digestOf({ b: 1, a: 2 })).toBe(digestOf({ a: 2, b: 1, c: undefined }));
});

test("what JSON cannot carry has no canonical form", () => {
  for (const value of [undefined, Number.NaN, Number.POSITIVE_INFINITY, 1n, "\ud800"])
    expect(() => canonicalJson(value), String(value)).toThrow();
});

test("canonical text is a fixed point: reading and writing it again changes nothing", () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      const text = canonicalJson(value);
      expect(canonicalJson(JSON.parse(text))).toBe(text);
    }),
  );
});

const names = fc.oneof(
  fc.string({ unit: "binary" }),
  // An object puts 9 before 10, and 10 before "1a"; the order of UTF-16 does not, nor that of UTF-8 at the last two.
  fc.constantFrom("", "1", "9", "10", "01", "1a", "4294967295", "-1", "é", "\u{1f600}", "\ufb33"),
  fc.constantFrom("__proto__", "toJSON", "constructor", "\ud800", "\udc00\ud800"),
);
const leaves = fc.oneof(
  fc.string({ unit: "binary" }),
  fc.double(),
  fc.boolean(),
  fc.maxSafeInteger(),
  fc.constantFrom(-0, 1e21, 1e-7, 5e-324, 2 ** 53, Number.NaN, Number.NEGATIVE_INFINITY),
  fc.constantFrom(null, undefined, "\ud800", "\u{1f600}", "\u007f\u2028", new Date(0), new Map()),
  fc.constant(Object.assign([1], { toJSON: () => 2 })),
  fc.constantFrom(
    () => 1,
    Symbol("s"),
    Object(1),
    Object("text"),
    new (class Point {
      x = 1;
    })(),
  ),
);
const { tree } = fc.letrec<{ tree: unknown }>((tie) => ({
  tree: fc.oneof(
    { maxDepth: 4 },
    leaves,
    fc.array(tie("tree"), { maxLength: 4 }),
    fc.dictionary(names, tie("tree"), { maxKeys: 20 }),
  ),
}));
const outcomeOf = (work: () => string | undefined) => {
  try {
    return work() ?? "nothing";
  } catch {
    return "refused";
  }
};

test("the text is the one of the library, whatever is written, and what that refuses is refused", () => {
  fc.assert(
    fc.property(tree, (value) => {
      const expected = outcomeOf(() => canonicalize(value));
      const written = outcomeOf(() => canonicalJson(value));
      expect(written).toBe(expected === "nothing" ? "refused" : expected);
    }),
    { numRuns: 2000 },
  );
});

test("a circle of objects, and more levels than are copied, are left to the library", () => {
  const circle: Record<string, unknown> = {};
  circle["inside"] = { circle };
  expect(() => canonicalJson(circle)).toThrow();
  let deep: unknown = { b: 1, a: 2 };
  for (let level = 0; level < 100; level += 1) deep = { z: deep, y: [deep === null] };
  expect(canonicalJson(deep)).toBe(canonicalize(deep));
});

test("sha256 of the published example", () => {
  expect(sha256("abc")).toBe("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  expect(digestOf("abc")).toBe(createHash("sha256").update('"abc"').digest("hex"));
});

describe("derivedId", () => {
  test("is a UUID of version 8 and of the RFC 9562 variant", () => {
    fc.assert(
      fc.property(fc.array(fc.string(), { minLength: 1, maxLength: 4 }), (parts) => {
        const id = derivedId(...parts);
        expect(Id.parse(id)).toBe(id);
        expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
      }),
    );
  });

  test("is the same for the same parts, and another for any other division of them", () => {
    expect(derivedId("a", "b")).toBe(derivedId("a", "b"));
    const ids = [["a", "b"], ["ab"], ["b", "a"], ["a", "b", ""], ["a", ""], ["a"]].map((parts) =>
      derivedId(...parts),
    );
    expect(new Set(ids).size).toBe(ids.length);
  });
});

test("a keyed digest is HMAC-SHA-256 over the canonical bytes, and another under another key", () => {
  const [one, two] = ["1".repeat(64), "2".repeat(64)];
  const expected = createHmac("sha256", Buffer.from(one, "hex")).update('{"a":1,"b":2}');
  expect(keyedDigest(one, { b: 2, a: 1 })).toBe(expected.digest("hex"));
  expect(keyedDigest(one, "x")).not.toBe(keyedDigest(two, "x"));
});
