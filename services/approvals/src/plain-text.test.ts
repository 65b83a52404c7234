import { expect, test } from "vitest";
import { plainText } from "./plain-text.ts";

test.each([
  [
    "plain words stay",
    "Wi-Fi is slow, 5 < 6 and 7 > 6 & so on",
    "Wi-Fi is slow, 5 < 6 and 7 > 6 & so on",
  ],
  ["a mention of the bot goes with its name", "<at>NIIVO</at> I need help", "I need help"],
  ["formatting goes, its words stay", "<p>my <b>new</b> phone</p>", "my new phone"],
  ["blocks and breaks become lines", "<p>one</p><p>two<br/>three</p>", "one\ntwo\nthree"],
  ["a tag inside a word joins it", "pass<b>word</b>", "password"],
  ["attributes go with their tag", '<a href="https://evil.example">here</a>', "here"],
  ["a script is words at most", "<script>alert(1)</script>", "alert(1)"],
  ["entities are what they stand for", "a&nbsp;&lt;b&gt; &amp; &quot;c&quot;", 'a <b> & "c"'],
  ["entities are read once", "&amp;lt;script&amp;gt;", "&lt;script&gt;"],
  ["nothing but markup is nothing", "<p>&nbsp;</p>", ""],
])("%s", (_, written, plain) => expect(plainText(written)).toBe(plain));

test("a text made to be slow is read in time", () => {
  const began = performance.now();
  for (const text of ["<a ".repeat(9000), `<a ${"x".repeat(28_000)}`, "<at>".repeat(7000)])
    plainText(text);
  expect(performance.now() - began).toBeLessThan(1000);
});
