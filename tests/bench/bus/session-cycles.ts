// One worker that takes one session after the other: accept the next, receive, complete, keep a state,
// close. This is what the product's own host does for every message that comes alone.

import { ServiceBusClient } from "@azure/service-bus";
import { type Job, nowMs, type Prepared } from "./job.ts";

const waitMs = 10_000;

export async function prepareSessions(
  job: Extract<Job, { kind: "sdk-sessions" }>,
): Promise<Prepared> {
  const client = new ServiceBusClient(job.connectionString);
  const options = { maxAutoLockRenewalDurationInMs: 0 };
  const eachMs: number[] = [];
  const cycle = async () => {
    const receiver = await client.acceptNextSession(job.queue, options);
    const [message] = await receiver.receiveMessages(1, { maxWaitTimeInMs: waitMs });
    if (message === undefined) throw new Error(`session ${receiver.sessionId} gave nothing`);
    await receiver.completeMessage(message);
    await receiver.setSessionState({ version: 1 });
    await receiver.close();
  };
  return {
    run: async () => {
      for (let done = 0; done < job.count; done += 1) {
        const from = nowMs();
        await cycle();
        eachMs.push(nowMs() - from);
      }
      return { eachMs };
    },
    close: () => client.close(),
  };
}
