// A sender or receiver process as the bench sees it.

import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { FromWorker, type Job, type Times, type ToWorker } from "./job.ts";

const worker = fileURLToPath(new URL("./worker.ts", import.meta.url));
const noDelay = fileURLToPath(import.meta.resolve("@niivo/service-bus/no-delay"));

/** Longer than the longest job, the filling with a million messages. */
const jobMs = 300_000;

export interface Peer {
  readonly pid: number;
  /** Connects and gets ready; the answered function does the work and says how long it took. */
  readonly prepare: (job: Job) => Promise<() => Promise<Times>>;
  readonly stop: () => Promise<void>;
}

export function startPeer(): Peer {
  const child = fork(worker, { execArgv: ["--import", noDelay] });
  return {
    pid: child.pid ?? 0,
    prepare: async (job) => {
      await ask(child, { kind: "prepare", job });
      return async () => {
        const answer = await ask(child, { kind: "go" });
        if (answer.kind !== "done") throw new Error(`the worker answered ${answer.kind}`);
        return answer.times;
      };
    },
    stop: async () => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const gone = once(child, "exit");
      child.kill();
      await gone;
    },
  };
}

async function ask(child: ChildProcess, message: ToWorker): Promise<FromWorker> {
  const answered = once(child, "message", { signal: AbortSignal.timeout(jobMs) });
  child.send(message);
  const [input] = await answered;
  const answer = FromWorker.parse(input);
  if (answer.kind === "failed") throw new Error(`a bench process failed: ${answer.reason}`);
  return answer;
}
