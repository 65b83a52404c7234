// The command: runs the bus until it is told to stop. `--help` says what it takes.

import { join } from "node:path";
import { allRights } from "./access/rights.ts";
import { ensureRootKey, ROOT_KEY_NAME } from "./access/root-key.ts";
import { type CommandOptions, parseCommand, withOptions } from "./command.ts";
import { ConfigError, type ServerSettings } from "./config.ts";
import { parseConfigText, readConfigFile } from "./config-file/read-config-file.ts";
import { ensureOwnCertificate } from "./own-certificate.ts";
import { type ServiceBus, startNamespace } from "./server.ts";

const NOTHING = '{ "topics": [] }';

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
  // Without a file the namespace begins with what its data folder has, or empty.
  const file =
    options.config === undefined ? parseConfigText(NOTHING) : readConfigFile(options.config);
  const settings = withOptions(file.settings, options);
  const { keys, dataDir } = settings;
  // A bus without a key would be of use to nobody.
  const rootKey = keys.length === 0 ? ensureRootKey(dataDir) : undefined;
  const withKey =
    rootKey === undefined ? keys : [{ name: ROOT_KEY_NAME, key: rootKey, ...allRights }];
  const tls = settings.tls ?? (await ownTls(settings, options));
  const server = await startNamespace({
    settings: { ...settings, keys: withKey, ...(tls !== undefined && { tls }) },
    namespace: file.namespace,
  });
  for (const signal of ["SIGTERM", "SIGINT"] as const) {
    process.once(signal, () => void server.close().then(() => process.exit(0), fail));
  }
  announce(server, rootKey, tls?.certFile);
}

async function ownTls({ dataDir }: ServerSettings, { tls }: CommandOptions) {
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

function fail(error: unknown): never {
  const isTaken = error instanceof Error && "code" in error && error.code === "EADDRINUSE";
  const reason = error instanceof Error ? error.message : String(error);
  const line = isTaken ? `the port is taken (${reason})` : reason;
  console.error(`service-bus: ${line}`.split("\n")[0]);
  process.exit(error instanceof ConfigError ? 2 : 1);
}
