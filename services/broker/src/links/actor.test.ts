// The actor of the secret links, specified.

import { revealMaxMs } from "@niivo/contracts/links";
import { specify } from "@niivo/host/testing/specify";
import { expect, test } from "vitest";
import { command, customer, id, ids, instant, now } from "../testing/fixtures.ts";
import { type LinksEvent, linksActor, secretOf } from "./actor.ts";

const actor = linksActor([customer]);
const links = specify(actor, now);
const secretId = id(70);
const expiresAt = instant(86_400_000);
const about = { actionId: ids.action, secretId };
const attempt = { ...about, attempt: id(71), by: ids.lena };
const stored = command("secret.stored.v1", { ...about, recipient: ids.lena, expiresAt });
const begin = command("reveal.begin.v1", attempt);
const end = command("reveal.end.v1", attempt);
const due = command("reveal.due.v1", { secretId, attempt: attempt.attempt });
const over = command("secret.due.v1", { secretId });

const known: LinksEvent = { type: "note.stored", data: { actionId: ids.action } };
const begun: LinksEvent = {
  type: "note.begun",
  data: { attempt: attempt.attempt, actionId: ids.action, by: ids.lena },
};
const ended: LinksEvent = { type: "note.ended", data: { attempt: attempt.attempt } };
const revealed: LinksEvent = { type: "secret.revealed.v1", data: { ...about, by: ids.lena } };
const unknown: LinksEvent = { type: "secret.reveal-unknown.v1", data: { ...about, by: ids.lena } };
const expired: LinksEvent = { type: "secret.expired.v1", data: about };

test("K3 a stored secret is remembered, with a timer at the end of its life, once", () => {
  const timer: LinksEvent = { type: "secret.due.v1", data: { secretId }, notBefore: expiresAt };
  links.given().when(stored).decides(known, timer);
  links.given(known).when(stored).decides();
});
test("K3 a secret that nobody saw expires, once", () => {
  links.given(known).when(over).decides(expired);
  links.given(known, expired).when(over).decides();
});
test("K3 a secret that was seen, or may have been, does not expire", () => {
  links.given(known, begun, revealed, ended).when(over).decides();
  links.given(known, begun, unknown, ended).when(over).decides();
});
test("K3 a secret that the broker never told of is not said to expire", () => {
  links.given().when(over).decides();
});
test("K1 taking the key is an event, and has a deadline", () => {
  links
    .given(known)
    .when(begin)
    .decides(
      begun,
      {
        type: "credential.access.v1",
        data: {
          actionId: ids.action,
          purpose: "reveal",
          credential: "secret-link-key",
          vault: "contoso-niivo.vault.azure.net",
          principal: "niivo-secret-links",
        },
      },
      {
        type: "reveal.due.v1",
        data: { secretId, attempt: attempt.attempt },
        notBefore: instant(revealMaxMs),
      },
    );
});
test("R12 nothing begins for a customer that this process does not know", () => {
  const input = { ...begin, customer: "initech" };
  expect(() => actor.decide(input, actor.initialState, now)).toThrow("customer-unknown");
});
test("K2 an attempt that ended is revealed, and its deadline says nothing", () => {
  links.given(known, begun).when(end).decides(revealed, ended);
  links.given(known, begun, revealed, ended).when(due).decides();
});
test("K2 of one secret one reveal is told", () => {
  links.given(known, begun, revealed, ended).when(end).decides();
});
test("K2 an attempt that said nothing in time is unknown; its late end is still a fact", () => {
  links.given(known, begun).when(due).decides(unknown, ended);
  links.given(known, begun, unknown, ended).when(end).decides(revealed, ended);
});
test("K2 a refusal is told with its code, and closes the attempt that had begun", () => {
  const data = { ...about, by: ids.marco, code: "other-person" };
  const refused: LinksEvent = { type: "secret.reveal-refused.v1", data };
  links.given(known).when(command("reveal.refuse.v1", data)).decides(refused);
  const closing = command("reveal.refuse.v1", { ...data, attempt: attempt.attempt });
  links.given(known, begun).when(closing).decides(refused, ended);
  links.given(known, begun, refused, ended).when(due).decides();
});
test("everything about one secret meets under its id", () => {
  expect([stored, begin, end, due, over].map(secretOf)).toEqual(Array(5).fill(secretId));
});
