import { expect, test } from "vitest";
import { createLogger } from "./logger.ts";

function lines() {
  const written: string[] = [];
  const log = createLogger("test", "debug", { write: (line) => written.push(line) });
  return { log, written, text: () => written.join("") };
}
const jwt = `eyJ${"a".repeat(20)}.eyJ${"b".repeat(20)}.${"c".repeat(43)}`;
const secret = "Summer2026!";

test("members with a secret's name are hidden at any depth, in any spelling", () => {
  const { log, text } = lines();
  for (const name of [
    "password",
    "Authorization",
    "client_secret",
    "sharedAccessKey",
    "SIG",
    "token",
  ])
    log.info({ id: "kept", deep: [{ deeper: { [name]: secret } }], [name]: secret }, "x");
  expect(text()).not.toContain(secret);
  expect(text()).toContain("kept");
});

test("what looks like a token or a signature is cut out of messages, members and errors", () => {
  const { log, text } = lines();
  const signature = "SharedAccessSignature sr=sb%3a%2f%2fx&sig=abcdefgh%3d&se=1&skn=root";
  log.info(`sent ${signature}`);
  log.info({ url: `https://host/path?sig=${secret}&x=1`, text: `Bearer ${jwt}` });
  log.error({ err: new Error(`no ${jwt}`, { cause: new Error(`SharedAccessKey=${secret};`) }) });
  expect(text()).not.toContain("abcdefgh");
  expect(text()).not.toContain(secret);
  expect(text()).not.toContain(jwt.slice(3, 20));
});

test("an error is told with its code, its cause and its stack, and every line is JSON", () => {
  const { log, written } = lines();
  const error = Object.assign(new Error("outer", { cause: new Error("inner") }), { code: "E1" });
  log.error({ err: error }, "failed");
  expect(written.map((line) => JSON.parse(line))).toMatchObject([
    {
      name: "test",
      msg: "failed",
      err: { code: "E1", message: "outer", cause: { message: "inner" } },
    },
  ]);
});
