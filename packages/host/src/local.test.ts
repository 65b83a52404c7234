import { expect, test } from "vitest";
import { isLoopback } from "./local.ts";

test.each([
  ["127.0.0.1:7650", true],
  ["localhost", true],
  ["LOCALHOST:1", true],
  ["https://localhost:7661/tenant", true],
  ["http://[::1]:80", true],
  ["niivo.servicebus.windows.net", false],
  ["https://localhost.example.com", false],
  ["https://127.0.0.1.example.com", false],
  ["https://example.com/?localhost", false],
  ["https://localhost@example.com", false],
  ["example.com#@127.0.0.1", false],
  ["0.0.0.0:1", false],
  ["", false],
])("%s is on this machine: %s", (url, expected) => {
  expect(isLoopback(url)).toBe(expected);
});
