import { expect, test } from "vitest";
import { generatedPassword, passwordLength } from "./generated-password.ts";

const many = Array.from({ length: 500 }, generatedPassword);

test("every password is long and has every class of characters", () => {
  for (const password of many) {
    expect(password).toHaveLength(passwordLength);
    for (const one of [/[A-Z]/, /[a-z]/, /\d/, /[!#%*+\-=?@]/]) expect(password).toMatch(one);
  }
});
test("no password has characters that people confuse", () => {
  for (const password of many) expect(password).not.toMatch(/[0OoIl1'"`\s]/);
});
test("no two passwords are the same, and the first character is of any class", () => {
  expect(new Set(many).size).toBe(many.length);
  for (const one of [/^[A-Z]/, /^[a-z]/, /^\d/, /^[^A-Za-z\d]/])
    expect(many.some((password) => one.test(password))).toBe(true);
});
