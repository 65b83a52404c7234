// A path names nobody.

import { expect, test } from "vitest";
import { pathTemplate } from "./path-template.ts";

const words = new Set(["users", "manager"]);

test.each([
  ["/users/0198c2f0-1111-4222-8333-444455556666/manager", "/users/{id}/manager"],
  ["/users/lena.frei%40contoso.example", "/users/{id}"],
  ["/users/lena?$select=id", "/users/{id}"],
  ["users/a/b", "users/{id}/{id}"],
])("%s is %s", (path, template) => {
  expect(pathTemplate(path, words)).toBe(template);
});
