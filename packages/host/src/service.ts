// The composition root's one call: a service from its environment to its drain, with the real parts.

import { compose, type ServiceDefinition } from "./compose.ts";
import type { HostEnvironment } from "./env.ts";
import { isLoopback } from "./local.ts";
import { createLogger, type Logger, scrub } from "./logger.ts";
import { serve } from "./serve.ts";
import { serviceBus } from "./service-bus.ts";
import { sqliteStore } from "./sqlite-store.ts";
import { startTelemetry } from "./telemetry.ts";

export interface ServiceOptions extends ServiceDefinition {
  readonly environment: HostEnvironment;
}

export interface RunningService {
  /** Where its HTTP listens. */
  readonly port: number;
  /** Drains: takes nothing new, lets what is being handled end, closes everything. */
  readonly close: () => Promise<void>;
}

/** Longer than most lock renewals can last, shorter than the longest: see `holdMs` in `binding.ts`. */
const holdMs = 4 * 60 * 1000;
/** A drain ends within this time; what is not finished then comes again as a redelivery (H7). */
const drainMs = 9000;
const exitFatal = 70; // EX_SOFTWARE of sysexits.h

/**
 * Starts a service and keeps it running until SIGTERM or SIGINT, which drain it and end the process with 0. A fatal
 * problem, at the start or later, ends the process non-zero with one clear line.
 */
export async function startService(options: ServiceOptions): Promise<RunningService> {
  const { name, environment } = options;
  const log = createLogger(name, environment.logLevel);
  const onFatal = (error: Error) => endFatally(log, error);
  try {
    const running = await start(options, log, onFatal);
    const end = () => void drainAndEnd(running, log);
    process.once("SIGTERM", end);
    process.once("SIGINT", end);
    process.once("uncaughtException", onFatal);
    process.once("unhandledRejection", (reason) =>
      onFatal(reason instanceof Error ? reason : new Error("a promise was rejected")),
    );
    log.info({ port: running.port }, "started");
    return running;
  } catch (error) {
    return endFatally(log, error instanceof Error ? error : new Error(String(error)));
  }
}

async function start(
  options: ServiceOptions,
  log: Logger,
  onFatal: (error: Error) => void,
): Promise<RunningService> {
  const { name, contract, environment } = options;
  const telemetry = startTelemetry(name, environment.otelExporterOtlpEndpoint, log);
  const store = sqliteStore(environment.storeFile);
  const bus = serviceBus(environment, name, log);
  const composed = compose(options, {
    customers: environment.customers,
    store,
    publisher: bus.publisher(contract.topic),
    receiver: bus.receiver,
    log,
    now: () => new Date(),
    onFatal,
    holdMs,
  });
  // On this machine nothing listens beyond it; in Azure the container's own network is the boundary.
  const hostname = isLoopback(environment.serviceBusNamespace) ? "127.0.0.1" : "0.0.0.0";
  const serving = await serve(composed.app, hostname, environment.httpPort);
  await composed.admitted();
  composed.start();
  let closing: Promise<void> | undefined;
  const close = async () => {
    await serving.close();
    await composed.drain();
    await bus.close();
    await telemetry.close();
  };
  return {
    port: serving.port,
    close: () => {
      closing ??= close();
      return closing;
    },
  };
}

async function drainAndEnd(running: RunningService, log: Logger): Promise<never> {
  const { promise: late, resolve } = Promise.withResolvers<"late">();
  setTimeout(() => resolve("late"), drainMs).unref();
  const outcome = await Promise.race([running.close().catch((error: unknown) => error), late]);
  if (outcome === undefined) log.info("drained");
  else log.warn({ outcome }, "ended before everything was finished; the rest will be redelivered");
  process.exit(0);
}

/** The one line goes to standard error, so that it is seen even where nobody reads the log. */
function endFatally(log: Logger, error: Error): never {
  log.fatal({ err: error }, `fatal: ${error.message}`);
  process.stderr.write(`fatal: ${scrub(error.message)}\n`);
  process.exit(exitFatal);
}
