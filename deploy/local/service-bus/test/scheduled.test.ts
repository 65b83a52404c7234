// Scheduled messages through the real client, by property and by the management operations.

import { expect, test } from "vitest";
import { startBus } from "./bus.ts";

test("T3: a scheduled message is delivered at its time and not before", async () => {
  await using bus = await startBus([{ name: "plain" }]);
  const client = bus.client();
  const scheduledEnqueueTimeUtc = new Date(Date.now() + 500);
  const sender = client.createSender("events");
  await sender.sendMessages({ body: "later", scheduledEnqueueTimeUtc });
  await sender.sendMessages({ body: "now" });
  const receiver = client.createReceiver("events", "plain");
  const [first] = await receiver.receiveMessages(1);
  expect(first?.body).toBe("now");
  const [second] = await receiver.receiveMessages(1, { maxWaitTimeInMs: 3_000 });
  expect(Date.now()).toBeGreaterThanOrEqual(scheduledEnqueueTimeUtc.getTime());
  expect(second).toMatchObject({ body: "later", scheduledEnqueueTimeUtc });
  expect(second?.enqueuedTimeUtc?.getTime()).toBeGreaterThanOrEqual(
    scheduledEnqueueTimeUtc.getTime(),
  );
});

test("a message scheduled by operation can be cancelled by its number, once", async () => {
  await using bus = await startBus([{ name: "plain" }]);
  const client = bus.client();
  const sender = client.createSender("events");
  const at = new Date(Date.now() + 400);
  const [dropped, kept] = await sender.scheduleMessages(
    [{ body: "dropped" }, { body: "kept" }],
    at,
  );
  expect(kept?.toNumber()).toBeGreaterThan(dropped?.toNumber() ?? 0);
  await sender.cancelScheduledMessages(dropped!);
  await expect(sender.cancelScheduledMessages(dropped!)).rejects.toMatchObject({
    code: "MessageNotFound",
  });
  const receiver = client.createReceiver("events", "plain");
  const [received] = await receiver.receiveMessages(1, { maxWaitTimeInMs: 3_000 });
  expect(received?.body).toBe("kept");
  expect((await receiver.peekMessages(5)).map(({ body }) => body)).toEqual(["kept"]);
});
