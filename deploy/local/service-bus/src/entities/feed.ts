// Receivers come and go. A receiver without a session whose link ends leaves its messages locked:
// they return when their locks expire, as in the cloud.

import { pump } from "./dispatch.ts";
import { laneFor } from "./lanes.ts";
import type { Consumer, Queue, SessionHold } from "./queue.ts";

export interface Feed {
  /** Hands over what waits; to be called when the consumer has room again. */
  pump(): void;
  stop(): void;
}

/** Connects a receiver: to the lane of its session, or to the only lane of the queue. */
export function feed(queue: Queue, consumer: Consumer, hold: SessionHold | undefined): Feed {
  const lane = hold?.lane ?? laneFor(queue, undefined);
  lane.consumers.push(consumer);
  return {
    pump: () => pump(queue, lane),
    stop: () => {
      const at = lane.consumers.indexOf(consumer);
      if (at >= 0) lane.consumers.splice(at, 1);
    },
  };
}
