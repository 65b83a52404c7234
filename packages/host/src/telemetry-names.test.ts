// T1 and T2: what may leave this process as an attribute or a name.

import { expect, test } from "vitest";
import { attribute, exportable, exportableName } from "./telemetry-names.ts";

const id = "0198c2f0-1111-4222-8333-444455556666";

test("T1: an attribute whose key is not known is not exported, whoever set it", () => {
  const attributes = { "http.url": "https://vault/secrets/x", "enduser.id": id, text: "hello" };
  expect(exportable(attributes)).toEqual({});
});

test("T2: ids, names of ours and numbers are exported", () => {
  const attributes = {
    [attribute.messageId]: id,
    [attribute.destination]: "tickets",
    [attribute.httpRoute]: "/v1/tickets/:id",
    [attribute.httpStatus]: 202,
    [attribute.genAiTool]: "password.reset",
    [attribute.messageType]: "action.requested.v1",
  };
  expect(exportable(attributes)).toEqual(attributes);
});

test.each([
  [attribute.conversationId, "I forgot my password"],
  [attribute.messageId, "eyJhbGciOiJub25lIn0.eyJzdWIiOiJ4In0.c2ln"],
  [attribute.genAiTool, "lena.frei@contoso.example"],
  [attribute.genAiAgent, "Lena Frei"],
  [attribute.errorType, "the vault said: no such secret"],
  [attribute.destination, "x".repeat(65)],
  [attribute.httpRoute, "/users/lena.frei@contoso.example"],
  [attribute.messageType, ["a", "list"]],
  [attribute.messageType, { an: "object" }],
])("T2: %s is not exported as %j", (key, value) => {
  expect(exportable({ [key]: value })).toEqual({});
});

test.each([
  ["process agent/policy", "process agent/policy"],
  ["GET /users/{id}/manager", "GET /users/{id}/manager"],
  ["chat I forgot my password", "chat"],
  ["GET /users/lena.frei@contoso.example", "GET"],
  ["I forgot my password", "span"],
  ["", "span"],
])("T2: the span name %j is exported as %j", (name, exported) => {
  expect(exportableName(name)).toBe(exported);
});
