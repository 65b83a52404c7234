import { approvals } from "@niivo/contracts/approvals";
import { derivedId } from "@niivo/contracts/canonical";
import type { Store } from "@niivo/host/store";
import { swept } from "@niivo/host/testing/sweeping";
import { expect, test } from "vitest";
import { actionId, ann, asked, customer, rita, start, tenantId, ticket } from "../test/example.ts";
import { changeAsk, rememberCard, rememberNotice } from "./documents.ts";
import { sweepDocuments } from "./documents-sweep.ts";

const contoso = {
  ...{ id: customer, displayName: "Contoso", tenantId, vaultUrl: "https://vault.example" },
  agents: [],
  factsReader: { name: "facts", clientId: tenantId, secret: "facts" },
  groups: { identityApprovers: tenantId, vip: tenantId },
  model: { endpoint: "https://model.example", deployment: "small", secret: "model" },
};
const otherAction = derivedId("another", "action");

async function plant(store: Store): Promise<void> {
  for (const [id, chat] of [
    [actionId, "a:chat-of-the-erased"],
    [otherAction, "a:chat-of-another"],
  ] as const) {
    await changeAsk(store, customer, id, () => ({
      ...{ asked: { ...asked, actionId: id }, ticket, counted: [{ voter: ann, votes: 1 }] },
    }));
    const place = { approver: ann, conversationId: chat, activityId: "1" };
    await rememberCard(store, customer, id, place);
    await rememberNotice(store, customer, id, rita);
  }
}

test("an erasure leaves nothing of what was asked about its ticket's actions, and all of another's", async () => {
  const { confirmed, before, after } = await swept({
    ...{ identity: "approvals", contract: approvals, sweep: () => sweepDocuments },
    ...{ customer: contoso, person: rita, ticket, keys: [actionId], now: start, plant },
  });
  // What was asked, its place in the index, a card, a notice.
  expect(confirmed).toMatchObject([{ documents: 4 }]);
  expect([before("a:chat-of-the-erased"), after("a:chat-of-the-erased")]).toEqual([true, false]);
  expect([before(`ask:${actionId}`), after(`ask:${actionId}`)]).toEqual([true, false]);
  expect(after("a:chat-of-another")).toBe(true);
  expect(after(`ask:${otherAction}`)).toBe(true);
});
