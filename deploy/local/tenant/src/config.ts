// The emulator's configuration: one file, checked whole before anything starts.

import { readFileSync } from "node:fs";
import { z } from "zod";

const Port = z.int().min(0).max(65_535); // 0 takes a free one.
const Path = z.string().min(1).max(4_096);

const Schema = z.strictObject({
  /** Folder of the durable state. */
  dataDir: Path,
  ports: z
    .strictObject({
      http: Port.default(7660),
      https: Port.default(7661),
      vaults: z
        .strictObject({
          contoso: Port.default(7662),
          fabrikam: Port.default(7663),
          platform: Port.default(7664),
        })
        .prefault({}),
    })
    .prefault({}),
  /** The messaging endpoint of the bot: where signed activities go. Loopback only. */
  botEndpoint: z.url({ protocol: /^http$/, hostname: /^(localhost|127\.0\.0\.1)$/ }),
  /** PEM files of the server certificate for localhost. */
  certificates: z.strictObject({ certFile: Path, keyFile: Path }),
  /** Folder of the federated token files, one per service identity. */
  tokenDir: Path,
});
/** What `startTenant` takes; ports may be left out. */
export type TenantConfig = z.input<typeof Schema>;

/** Checks a configuration. Throws one error that names every problem and no value. */
export function parseConfig(config: unknown): z.output<typeof Schema> {
  const parsed = Schema.safeParse(config);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map(({ path, message }) => `${path.join(".")}: ${message}`);
  throw new Error(`the configuration is wrong: ${problems.join("; ")}`);
}

/** Reads a JSON file; `startTenant` checks what it says. Throws when there is no such file. */
export function readConfigFile(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, "utf8"));
  } catch (cause) {
    throw new Error(`cannot read the configuration file ${file}`, { cause });
  }
}
