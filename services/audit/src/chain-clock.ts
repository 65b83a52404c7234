// The clock of the chains: tells the audit service, by commands to its own topic, that a checkpoint or a heartbeat is
// due. It decides nothing and keeps nothing: who is told late or twice finds out from the store what is to be done.

import { checkpointMs, heartbeatMs } from "@niivo/contracts/audit";
import { derivedId } from "@niivo/contracts/canonical";
import { platformCustomer } from "@niivo/contracts/envelope";
import type { Host } from "@niivo/host/host";
import { readHead } from "./stored-chain.ts";
import { isAnyBehind, readAnchors, readCheckpoint } from "./stored-checkpoints.ts";

const tickMs = 1000;
/** An anchor that did not take the newest checkpoint of a chain at rest is asked again, less and less often. */
const anchorRetryMs = { first: 2 * checkpointMs, last: heartbeatMs } as const;

export interface ChainClock {
  /** Looks at every chain once. */
  readonly tick: () => Promise<void>;
  /** Looks every second, until it is closed. */
  readonly start: () => void;
  readonly close: () => void;
}

export interface ChainClockOptions {
  readonly host: Pick<Host, "store" | "send" | "now" | "log">;
  readonly customers: Iterable<string>;
  /** Only the process that writes tells the time. */
  readonly isWriter: () => boolean;
}

/** What is known of a chain without asking the store again. */
interface Watched {
  /** The last checkpoint that was seen, and when the next one was asked for. */
  signedSize: number;
  signedAtMs: number;
  askedAtMs: number;
  beatAskedAtMs: number;
  anchorsAskedAtMs: number;
  anchorsRetryMs: number;
}

export function chainClock({ host, customers, isWriter }: ChainClockOptions): ChainClock {
  const chains = new Map<string, Watched>(
    [platformCustomer, ...customers].map((customer) => [
      customer,
      {
        ...{ signedSize: 0, signedAtMs: 0, askedAtMs: 0, beatAskedAtMs: 0 },
        ...{ anchorsAskedAtMs: 0, anchorsRetryMs: anchorRetryMs.first },
      },
    ]),
  );
  let timer: NodeJS.Timeout | undefined;
  let isTicking = false;

  const look = async (customer: string, chain: Watched): Promise<void> => {
    const head = await readHead(host.store, customer);
    if (head === undefined) return;
    const nowMs = host.now().getTime();
    const send = (type: string, about: string) =>
      host.send({
        id: derivedId(type, customer, about),
        type,
        data: {},
        customer,
        subject: customer,
      });
    if (head.size !== chain.signedSize) {
      const last = await readCheckpoint(host.store, customer);
      chain.signedSize = last?.size ?? 0;
      chain.signedAtMs = last === undefined ? 0 : Date.parse(last.signedAt);
      const isWaiting = nowMs - Math.max(chain.signedAtMs, chain.askedAtMs) < checkpointMs;
      if (head.size !== chain.signedSize && !isWaiting) {
        chain.askedAtMs = nowMs;
        await send("checkpoint.due.v1", String(nowMs));
      }
      chain.anchorsAskedAtMs = nowMs;
      chain.anchorsRetryMs = anchorRetryMs.first;
    } else if (nowMs - chain.anchorsAskedAtMs >= chain.anchorsRetryMs) {
      chain.anchorsAskedAtMs = nowMs;
      chain.anchorsRetryMs = Math.min(2 * chain.anchorsRetryMs, anchorRetryMs.last);
      if (isAnyBehind(await readAnchors(host.store, customer), head.size))
        await send("checkpoint.due.v1", String(nowMs));
    }
    const isQuiet = nowMs - Date.parse(head.sealedAt) >= heartbeatMs;
    if (isQuiet && nowMs - chain.beatAskedAtMs >= checkpointMs) {
      chain.beatAskedAtMs = nowMs;
      await send("heartbeat.due.v1", String(nowMs));
    }
  };

  const tick = async (): Promise<void> => {
    if (!isWriter()) return;
    for (const [customer, chain] of chains) {
      try {
        await look(customer, chain);
      } catch (error) {
        host.log.warn({ err: error, customer }, "the time of a chain could not be told");
      }
    }
  };
  return {
    tick,
    start: () => {
      timer = setInterval(async () => {
        if (isTicking) return;
        isTicking = true;
        await tick(); // It never throws.
        isTicking = false;
      }, tickMs).unref();
    },
    close: () => clearInterval(timer),
  };
}
