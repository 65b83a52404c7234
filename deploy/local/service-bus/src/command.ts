// The command line: what may be said there, and what it changes in the configuration.

import { Command, CommanderError, InvalidArgumentError, Option } from "commander";
import { z } from "zod";
import type { ServerSettings } from "./config.ts";

const Options = z.strictObject({
  config: z.string().optional(),
  port: z.int().optional(),
  adminPort: z.int().optional(),
  data: z.string().optional(),
  memory: z.boolean().optional(),
  tlsCert: z.string().optional(),
  tlsKey: z.string().optional(),
  tls: z.boolean().default(true),
  open: z.boolean().optional(),
  openMetrics: z.boolean().optional(),
});
export type CommandOptions = z.output<typeof Options>;

export type Said =
  | { readonly kind: "run"; readonly options: CommandOptions }
  /** Help was asked for (`exitCode` 0), or the options are wrong (2); `text` is for the person. */
  | { readonly kind: "end"; readonly exitCode: 0 | 2; readonly text: string };

/** Reads the arguments of the process, without the program's own name. */
export function parseCommand(argv: readonly string[]): Said {
  let text = "";
  const write = (part: string) => {
    text += part;
  };
  const command = describe().exitOverride().configureOutput({ writeOut: write, writeErr: write });
  try {
    command.parse([...argv], { from: "user" });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    return { kind: "end", exitCode: error.exitCode === 0 ? 0 : 2, text };
  }
  return { kind: "run", options: Options.parse(command.opts()) };
}

/** The configuration as the command line changes it. */
export function withOptions(config: ServerSettings, options: CommandOptions): ServerSettings {
  const { port, adminPort, data, memory, tlsCert, tlsKey, open, openMetrics } = options;
  const { dataDir, ...inMemory } = config;
  return {
    ...(memory === true ? inMemory : config),
    ...(data !== undefined && { dataDir: data }),
    ...(port !== undefined && { port }),
    ...(adminPort !== undefined && { adminPort }),
    ...(tlsCert !== undefined && tlsKey !== undefined
      ? { tls: { certFile: tlsCert, keyFile: tlsKey } }
      : {}),
    ...(open !== undefined && { open }),
    ...(openMetrics !== undefined && { openMetrics }),
  };
}

function describe(): Command {
  return new Command("service-bus")
    .description(
      "A durable local Azure Service Bus on 127.0.0.1: AMQP 1.0, the administration API and metrics.",
    )
    .usage("[--config FILE] [options]")
    .option("-c, --config <file>", "entities, keys and settings (JSON, comments allowed)")
    .option("-p, --port <number>", "port of AMQP, TLS and HTTP; 0 takes a free one", port)
    .option("--admin-port <number>", "another port for HTTP: administration and metrics", port)
    .option("-d, --data <dir>", "keep everything in this folder")
    .addOption(
      new Option("--memory", "keep nothing, even if a folder is configured").conflicts("data"),
    )
    .option("--tls-cert <file>", "certificate for TLS (PEM), with --tls-key")
    .option("--tls-key <file>", "its private key (PEM)")
    .option("--no-tls", "no TLS; else a certificate is made once in <data>/tls")
    .option("--open", "everyone on this machine may do everything, without a key")
    .option("--open-metrics", "/metrics needs no key")
    .allowExcessArguments(false)
    .showHelpAfterError("Say --help to see every option.")
    .addHelpText("after", HELP)
    .action((options: { tlsCert?: string; tlsKey?: string }, command: Command) => {
      if ((options.tlsCert === undefined) !== (options.tlsKey === undefined)) {
        command.error("error: --tls-cert and --tls-key belong together", { exitCode: 2 });
      }
    });
}

const HELP = `
The line it prints when it is ready ends with a connection string, if the configuration
has no keys of its own. It serves ServiceBusClient, and ServiceBusAdministrationClient in
a process that trusts the certificate (NODE_EXTRA_CA_CERTS=<data>/tls/localhost.pem).

Exit: 0 stopped by a signal, 1 failed, 2 wrong options or configuration.`;

function port(text: string): number {
  const number = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN;
  if (number >= 0 && number <= 65_535) return number;
  throw new InvalidArgumentError("It must be between 0 and 65535.");
}
