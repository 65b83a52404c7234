// What an erasure deletes in the broker's two processes, searched for in the files of their stores.

import { broker } from "@niivo/contracts/broker";
import { derivedId } from "@niivo/contracts/canonical";
import { links as linksContract } from "@niivo/contracts/links";
import { swept } from "@niivo/host/testing/sweeping";
import { expect, test } from "vitest";
import { browserSessions, sweepSessions } from "./links/browser-sessions.ts";
import { secretLinks, sweepSecrets } from "./secret-links.ts";
import { linkKey } from "./testing/executions.ts";
import { customer, ids, now } from "./testing/fixtures.ts";

const { ticket, action, lena, marco } = ids;
const erasing = { customer, person: lena, ticket, now };
const otherAction = derivedId("another", "action");

test("an erasure leaves no sealed secret of its ticket's actions, and keeps another's", async () => {
  const { confirmed, before, after } = await swept({
    ...{ ...erasing, identity: "broker", contract: broker, sweep: sweepSecrets, keys: [action] },
    plant: async (_, secrets) => {
      const links = secretLinks(secrets);
      const about = { customer: customer.id, plain: () => "Summer2026!", key: () => linkKey, now };
      await links.store({ ...about, ticket, actionId: action, recipient: lena });
      await links.store({ ...about, ticket: action, actionId: otherAction, recipient: marco });
    },
  });
  expect(confirmed).toMatchObject([{ documents: 1 }]);
  expect([before(`"recipient":"${lena}"`), after(`"recipient":"${lena}"`)]).toEqual([true, false]);
  expect(after(`"recipient":"${marco}"`)).toBe(true);
});

test("an erasure leaves no session of its person, however their id is written, and keeps another's", async () => {
  const person = "abcdefab-0000-4000-8000-000000000001";
  const { confirmed, before, after } = await swept({
    ...{ ...erasing, identity: "links", contract: linksContract, keys: [] },
    person: person.toUpperCase(),
    sweep: () => sweepSessions,
    plant: async (store) => {
      const sessions = browserSessions(store, () => now);
      const about = { signedInAtMs: now.getTime(), multifactor: true };
      await sessions.arrive(customer.id, { ...about, objectId: person, name: "Lena-the-erased" });
      await sessions.arrive(customer.id, { ...about, objectId: marco, name: "Marco-who-stays" });
    },
  });
  expect(confirmed).toMatchObject([{ documents: 1 }]);
  expect([before("Lena-the-erased"), after("Lena-the-erased")]).toEqual([true, false]);
  expect(after("Marco-who-stays")).toBe(true);
});
