// Sessions through the real client: order, exclusiveness, waiting for a session, state.

import { expect, test } from "vitest";
import { startBus } from "./bus.ts";

test("Q3: a session gives its messages in order, and only its own", async () => {
  await using bus = await startBus([{ name: "work", requiresSession: true }]);
  const client = bus.client();
  await client.createSender("events").sendMessages([
    { body: 1, sessionId: "a" },
    { body: "x", sessionId: "b" },
    { body: 2, sessionId: "a" },
    { body: 3, sessionId: "a" },
  ]);
  const session = await client.acceptSession("events", "work", "a");
  const seen: unknown[] = [];
  const all = Promise.withResolvers<void>();
  session.subscribe({
    processMessage: async ({ body }) => {
      seen.push(body);
      if (seen.length === 3) all.resolve();
    },
    processError: async ({ error }) => all.reject(error),
  });
  await all.promise;
  expect(seen).toEqual([1, 2, 3]);
  await session.close();
  const next = await client.acceptNextSession("events", "work");
  expect(next.sessionId).toBe("b");
  await next.close();
});
