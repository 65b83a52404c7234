// Keeps the parts of the system running, as an orchestrator does in Azure: what ends by itself is started again,
// within limits. What a part was at work on comes again as a redelivery (R11).

import { setTimeout as delay } from "node:timers/promises";
import type { Child } from "./processes.ts";
import { restartLimit } from "./restart-limit.ts";

export interface SuperviseOptions<Name extends string> {
  readonly spawn: (name: Name) => Child;
  readonly logFile: (name: Name) => string;
  readonly ready?: ((name: string) => void) | undefined;
  readonly restarting?: ((name: string, how: string) => void) | undefined;
}

export interface Supervisor<Name extends string> {
  /** Resolves with the rest of the ready line. @throws Error with one line when the part never is. */
  readonly start: (name: Name) => Promise<string>;
  /** SIGKILL. The part stays down until `start`. */
  readonly kill: (name: Name) => Promise<void>;
  /** SIGTERM to one part, or to all that still run; nothing is started again after the latter. */
  readonly stop: (names?: readonly Name[]) => Promise<void>;
  readonly running: () => readonly Child[];
  /** Resolves with one line when a part has ended too often. */
  readonly broken: Promise<string>;
}

export function supervise<Name extends string>(options: SuperviseOptions<Name>): Supervisor<Name> {
  const running = new Map<Name, Child>();
  const mayRestart = restartLimit(Date.now);
  const { promise: broken, resolve: reportBroken } = Promise.withResolvers<string>();
  let stopping = false;

  const start = async (name: Name): Promise<string> => {
    const child = options.spawn(name);
    running.set(name, child);
    const announced = await child.ready;
    void child.ended.then((how) => ended(name, child, how));
    options.ready?.(name);
    return announced;
  };
  const ended = async (name: Name, child: Child, how: string): Promise<void> => {
    const isWanted = () => !stopping && running.get(name) === child;
    if (!isWanted()) return;
    const waitMs = mayRestart(name, how);
    if (waitMs === undefined)
      return reportBroken(`${name} ended (${how}): see ${options.logFile(name)}`);
    options.restarting?.(name, how);
    await delay(waitMs);
    if (!isWanted()) return;
    try {
      await start(name);
    } catch (error) {
      const next = running.get(name);
      const why = error instanceof Error ? error.message : String(error);
      if (next !== undefined) await ended(name, next, why);
    }
  };

  return {
    start,
    kill: async (name) => {
      const child = running.get(name);
      running.delete(name);
      await child?.kill();
    },
    stop: async (names) => {
      stopping = true;
      const wanted = names ?? [...running.keys()];
      await Promise.all(wanted.map((name) => running.get(name)?.stop()));
    },
    running: () => [...running.values()],
    broken,
  };
}
