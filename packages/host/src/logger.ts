// The log: one JSON line per record on standard output, without secrets.

import { pino } from "pino";

export type Logger = pino.Logger;

export function createLogger(name: string, level = "info"): Logger {
  return pino({ name, level });
}
