// The search must find a secret in every form it takes, and nothing else.

import { expect, test } from "vitest";
import { searchSinks } from "./leaks.ts";

const secret = 'correct/horse+battery"staple=42';
const canaries = [{ kind: "password", value: secret }];
const search = (text: string | Buffer) =>
  searchSinks(canaries, [{ name: "log", bytes: Buffer.from(text) }]).leaks;

test.each([
  ["as it is", `before ${secret} after`],
  ["at the very start", secret],
  ["in JSON", JSON.stringify({ password: secret })],
  ["in a URL", `https://x.example/?p=${encodeURIComponent(secret)}`],
  ["in hexadecimal", Buffer.from(secret).toString("hex")],
  ["in base64", Buffer.from(secret).toString("base64")],
  ["within a longer base64 text", Buffer.from(`{"a":"${secret}","b":1}`).toString("base64")],
  ["shifted by one in base64", Buffer.from(`x${secret}y`).toString("base64")],
  ["shifted by two in base64", Buffer.from(`xx${secret}y`).toString("base64")],
])("a secret is found %s", (_form, text) => {
  expect(search(text)).toEqual([{ sink: "log", kind: "password" }]);
});

test("what is not a secret is not found", () => {
  expect(search("correct/horse+battery and no more")).toEqual([]);
  expect(search("")).toEqual([]);
});

test("a secret too short to be searched for is an error, not a silent pass", () => {
  expect(() => searchSinks([{ kind: "pin", value: "1234" }], [])).toThrow("too short");
});
