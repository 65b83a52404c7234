// The sender or the receiver of the bus bench: a process of its own that does one job after another.

import { type FromWorker, type Job, nowMs, type Prepared, ToWorker } from "./job.ts";
import { prepareRheaReceive, prepareRheaSend } from "./rhea-clients.ts";
import { prepareSdkFill, prepareSdkReceive, prepareSdkSend } from "./sdk-clients.ts";
import { prepareSessions } from "./session-cycles.ts";
import { prepareSqlite } from "./sqlite-floor.ts";

let prepared: Prepared | undefined;

// Nothing is left running behind a bench that was cut off.
process.once("disconnect", () => process.exit());

process.on("message", (input) => {
  const message = ToWorker.parse(input);
  const work = message.kind === "prepare" ? preparing(message.job) : running();
  work.then(tell, (error: unknown) => {
    tell({ kind: "failed", reason: error instanceof Error ? `${error.stack}` : String(error) });
  });
});

async function preparing(job: Job): Promise<FromWorker> {
  prepared = await prepare(job);
  return { kind: "ready" };
}

async function running(): Promise<FromWorker> {
  if (prepared === undefined) throw new Error("nothing is prepared");
  const { run, close } = prepared;
  const startedAt = nowMs();
  const { eachMs } = await run();
  const endedAt = nowMs();
  await close();
  return { kind: "done", times: { startedAt, endedAt, eachMs: [...eachMs] } };
}

function prepare(job: Job): Promise<Prepared> {
  switch (job.kind) {
    case "sdk-send":
      return prepareSdkSend(job);
    case "sdk-receive":
      return prepareSdkReceive(job);
    case "sdk-fill":
      return prepareSdkFill(job);
    case "sdk-sessions":
      return prepareSessions(job);
    case "rhea-send":
      return prepareRheaSend(job);
    case "rhea-receive":
      return prepareRheaReceive(job);
    case "sqlite":
      return prepareSqlite(job);
  }
}

function tell(message: FromWorker): void {
  process.send?.(message);
}
