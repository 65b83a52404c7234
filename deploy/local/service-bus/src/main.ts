// The command: runs the bus until it is told to stop. `--help` says what it takes.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type CommandOptions, parseCommand, withOptions } from "./command.ts";
import { ConfigError, parseConfig, type ServiceBusConfig } from "./config.ts";
import { parseJsonc } from "./jsonc.ts";
import { ensureOwnCertificate } from "./own-certificate.ts";
import { ensureRootKey, ROOT_KEY_NAME } from "./root-key.ts";
import { type ServiceBus, startServiceBus } from "./server.ts";

const said = parseCommand(process.argv.slice(2));
switch (said.kind) {
  case "end":
    (said.exitCode === 0 ? process.stdout : process.stderr).write(said.text);
    process.exitCode = said.exitCode;
    break;
  case "run":
    await run(said.options).catch(fail);
    break;
}

async function run(options: CommandOptions): Promise<void> {
  const config = withOptions(readConfig(options.config), options);
  const { keys } = parseConfig(config);
  // A bus without a key would be of use to nobody.
  const rootKey = keys.length === 0 ? ensureRootKey(config.dataDir) : undefined;
  const all = { send: ["*"], listen: ["*"], manage: ["*"] };
  const withKey = rootKey === undefined ? [] : [{ name: ROOT_KEY_NAME, key: rootKey, ...all }];
  const tls = config.tls ?? (await ownTls(config, options));
  const server = await startServiceBus({
    ...config,
    keys: [...keys, ...withKey],
    ...(tls !== undefined && { tls }),
  });
  for (const signal of ["SIGTERM", "SIGINT"] as const) {
    process.once(signal, () => void server.close().then(() => process.exit(0), fail));
  }
  announce(server, rootKey, tls?.certFile);
}

async function ownTls({ dataDir }: ServiceBusConfig, { tls }: CommandOptions) {
  if (!tls || dataDir === undefined) return undefined;
  try {
    return await ensureOwnCertificate(join(dataDir, "tls"));
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : "it cannot be written";
    throw new Error(`the data folder ${dataDir} cannot be used: ${reason}`, { cause });
  }
}

// The first line is for programs too: it is there when the bus takes connections.
function announce(server: ServiceBus, rootKey: string | undefined, certFile: string | undefined) {
  const { port, adminPort } = server;
  const connectionString =
    rootKey === undefined
      ? ""
      : ` Endpoint=sb://127.0.0.1:${port};SharedAccessKeyName=${ROOT_KEY_NAME};` +
        `SharedAccessKey=${rootKey};UseDevelopmentEmulator=true;`;
  console.log(`service-bus ready on 127.0.0.1:${port}${connectionString}`);
  console.log(`  administration, health and metrics: http://127.0.0.1:${adminPort ?? port}`);
  if (certFile !== undefined) {
    console.log(`  TLS too, for clients with NODE_EXTRA_CA_CERTS=${certFile}`);
  }
}

function readConfig(file: string | undefined): ServiceBusConfig {
  if (file === undefined) return { topics: [] };
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (cause) {
    throw new ConfigError(`the configuration ${file} cannot be read`, { cause });
  }
  const parsed = parseJsonc(text);
  if (parsed.kind === "wrong") {
    throw new ConfigError(`the configuration ${file} is not JSON (line ${parsed.line})`);
  }
  return parseConfig(parsed.value);
}

function fail(error: unknown): never {
  const isTaken = error instanceof Error && "code" in error && error.code === "EADDRINUSE";
  const reason = error instanceof Error ? error.message : String(error);
  const line = isTaken ? `the port is taken (${reason})` : reason;
  console.error(`service-bus: ${line}`.split("\n")[0]);
  process.exit(error instanceof ConfigError ? 2 : 1);
}
