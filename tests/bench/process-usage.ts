// What a process has used so far, as Linux counts it: CPU time and peak memory. Elsewhere there is no /proc
// and the bench says so instead of guessing.

import { readFileSync } from "node:fs";

/** USER_HZ: fixed at 100 for everything that Linux shows in /proc (man 5 proc_pid_stat). */
const ticksPerSecond = 100;

export interface Usage {
  readonly name: string;
  readonly cpuMs: number;
  readonly peakMiB: number;
}

/** @throws Error where /proc is missing or the process has ended. */
export function usageOf({ name, pid }: { readonly name: string; readonly pid: number }): Usage {
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  // The second field is the command in parentheses, and may hold spaces: count from behind it.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const [userTicks, systemTicks] = [Number(fields[11]), Number(fields[12])];
  const peak = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1];
  return {
    name,
    cpuMs: ((userTicks + systemTicks) / ticksPerSecond) * 1000,
    peakMiB: Number(peak) / 1024,
  };
}
