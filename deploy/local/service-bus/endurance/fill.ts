// Fills the topic with messages of one size, in batches as large as they may be.

import { connect, KEY } from "../test/bus.ts";

export async function fill(port: number, count: number, bytes: number): Promise<void> {
  const client = connect(port, KEY, { timeoutInMs: 30_000 });
  const sender = client.createSender("events");
  const message = { body: Buffer.alloc(bytes, "x") };
  for (let sent = 0; sent < count; ) {
    const batch = await sender.createMessageBatch();
    while (sent + batch.count < count && batch.tryAddMessage(message)) {
      // Until it is full.
    }
    sent += batch.count;
    await sender.sendMessages(batch);
  }
  await client.close();
}
