// Where a bench ran: the part of its JSON that says what its figures may be compared with.

import { readFileSync } from "node:fs";
import { cpus, loadavg, totalmem } from "node:os";

export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryGiB: number;
  readonly kernel: string;
  readonly node: string;
  readonly sqlite: string;
  /** Runnable processes over the last minute, before the bench: above a half, others worked too. */
  readonly load: number;
}

export const machineOf = (): Machine => ({
  cpu: cpus()[0]?.model ?? "unknown",
  cores: cpus().length,
  memoryGiB: Math.round(totalmem() / 2 ** 30),
  kernel: readFileSync("/proc/sys/kernel/osrelease", "utf8").trim(),
  node: process.version,
  sqlite: process.versions["sqlite"] ?? "unknown",
  load: Math.round((loadavg()[0] ?? 0) * 100) / 100,
});
