// Preloaded into a server under test: on a message of its parent it collects its garbage and tells what
// is left, so that a leak is seen as what it is and not as the collector's mood.

import type { Footprint } from "./footprint.ts";

const toMiB = (bytes: number) => bytes / 2 ** 20;

process.on("message", () => {
  globalThis.gc?.();
  // A second pass takes what finalizers of the first one let go.
  setImmediate(() => {
    globalThis.gc?.();
    const { heapUsed, external, rss } = process.memoryUsage();
    const resources = process.getActiveResourcesInfo();
    process.send?.({
      heapMiB: toMiB(heapUsed),
      externalMiB: toMiB(external),
      residentMiB: toMiB(rss),
      sockets: resources.filter((name) => name === "TCPSocketWrap").length,
      timers: resources.filter((name) => name === "Timeout").length,
    } satisfies Footprint);
  });
});
// Waiting for that message must not keep the server alive.
process.channel?.unref();
