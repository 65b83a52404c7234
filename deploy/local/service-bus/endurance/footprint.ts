// What a server says about its memory when it is asked (`report-memory.ts`).

import { z } from "zod";

export const Footprint = z.object({
  heapMiB: z.number(),
  /** Buffers and other memory outside the heap. */
  externalMiB: z.number(),
  residentMiB: z.number(),
  sockets: z.number(),
  timers: z.number(),
});
export type Footprint = z.infer<typeof Footprint>;
