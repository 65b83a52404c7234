// The configuration of the bus: its entities, its keys and where it keeps its data.

import { readFileSync } from "node:fs";
import { z } from "zod";
import { IdentityConfig } from "./access/identity-config.ts";
import { mayWith, RightsConfig } from "./access/rights.ts";
import type { SasKey } from "./access/sas-token.ts";
import type { TlsPair } from "./front-door.ts";

const DAY_MS = 86_400_000;

const Name = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,49}$/, "must be 1 to 50 letters, digits, dots or dashes");
const FilterText = z.string().max(1_024);

const CorrelationFilter = z.strictObject({
  properties: z.record(z.string().min(1).max(128), FilterText),
  subject: FilterText.optional(),
  correlationId: FilterText.optional(),
  sessionId: FilterText.optional(),
  messageId: FilterText.optional(),
  to: FilterText.optional(),
  replyTo: FilterText.optional(),
  replyToSessionId: FilterText.optional(),
  contentType: FilterText.optional(),
});

const Rule = z.strictObject({ name: Name, correlationFilter: CorrelationFilter });
export type Rule = z.infer<typeof Rule>;
const Subscription = z.strictObject({
  name: Name,
  requiresSession: z.boolean().default(false),
  lockDurationMs: z.int().min(50).max(300_000).default(60_000),
  maxDeliveryCount: z.int().min(1).max(2_000).default(10),
  timeToLiveMs: z
    .int()
    .min(1)
    .max(10_000 * DAY_MS)
    .optional(),
  deadLetterOnExpiration: z.boolean().default(false),
  rules: z.array(Rule).max(2_000).default([]),
});
export type SubscriptionConfig = z.output<typeof Subscription>;

const Topic = z.strictObject({
  name: Name,
  /** The cloud's Standard tier by default. */
  maxMessageSizeInKilobytes: z.int().min(1).max(1_024).default(256),
  maxSizeInMegabytes: z.int().min(1).max(81_920).default(5_120),
  subscriptions: z.array(Subscription).max(2_000),
});

/** What a key may do is listed by entity: its name, `topic/subscription`, or `*` for everything. */
const Key = z
  .strictObject({
    name: z.string().min(1).max(256),
    /** The secret itself, or the path of a file that holds nothing else: exactly one of them. */
    key: z.string().min(1).max(1_024).optional(),
    keyFile: z.string().min(1).optional(),
    ...RightsConfig.shape,
  })
  .refine(
    ({ key, keyFile }) => (key === undefined) !== (keyFile === undefined),
    "needs either `key` or `keyFile`",
  );

/** Everything but the entities. */
export const ServerSettings = z.strictObject({
  host: z.literal("127.0.0.1").default("127.0.0.1"),
  /** 0 takes a free port. */
  port: z.int().min(0).max(65_535).default(5_672),
  /** Another port for the administration API, health and metrics; they are on `port` too. */
  adminPort: z.int().min(0).max(65_535).optional(),
  /** PEM files; with them `port` and `adminPort` also take TLS. */
  tls: z.strictObject({ certFile: z.string().min(1), keyFile: z.string().min(1) }).optional(),
  /** Where the store lives. Absent: nothing outlives the process. */
  dataDir: z.string().min(1).optional(),
  /** A test facility: every accepted message, as it came, is appended to this file. */
  journal: z.string().min(1).optional(),
  keys: z.array(Key).max(1_000).default([]),
  /** Tokens of identities (JWT); absent: only keys open anything. */
  identity: IdentityConfig.optional(),
  /** Everyone on this machine may do everything, also without a token. */
  open: z.boolean().default(false),
  /** `/metrics` needs no key. */
  openMetrics: z.boolean().default(false),
});
export type ServerSettings = z.output<typeof ServerSettings>;

const Config = ServerSettings.extend({ topics: z.array(Topic).max(10_000) }).superRefine(
  checkNames,
);

export type ServiceBusConfig = z.input<typeof Config>;
export type BusConfig = z.output<typeof Config>;

/** The configuration is not usable. The message has every problem with its path, and no secret. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";
}

/** Checks an untrusted configuration. Throws `ConfigError`. */
export function parseConfig(input: unknown): BusConfig {
  const parsed = Config.safeParse(input);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map(
    (issue) => `${issue.path.join(".") || "config"}: ${issue.message}`,
  );
  throw new ConfigError(problems.join("; "));
}

/** The keys by name, with the secrets of key files read. Throws `ConfigError`. */
export function readKeys(config: Pick<ServerSettings, "keys">): ReadonlyMap<string, SasKey> {
  return new Map(
    config.keys.map((key) => {
      const secret = key.key ?? readKeyFile(key.name, key.keyFile ?? "");
      return [key.name, { name: key.name, secret: () => secret, may: mayWith(key) }];
    }),
  );
}

/** The certificate and its key. Throws `ConfigError` when a file cannot be read. */
export function readTls({ tls }: Pick<ServerSettings, "tls">): TlsPair | undefined {
  if (tls === undefined) return undefined;
  try {
    return { cert: readFileSync(tls.certFile, "utf8"), key: readFileSync(tls.keyFile, "utf8") };
  } catch (cause) {
    throw new ConfigError("tls: the certificate or its key cannot be read", { cause });
  }
}

function readKeyFile(name: string, path: string): string {
  try {
    const secret = readFileSync(path, "utf8").trim();
    if (secret !== "") return secret;
  } catch (cause) {
    throw new ConfigError(`keys: the key file of "${name}" cannot be read`, { cause });
  }
  throw new ConfigError(`keys: the key file of "${name}" is empty`);
}

// A right on an entity that does not exist is a typing error that would otherwise show as a refusal.
function checkNames(
  config: {
    topics: z.output<typeof Topic>[];
    keys: z.output<typeof Key>[];
  },
  context: z.RefinementCtx,
): void {
  const report = (path: (string | number)[], message: string) =>
    context.addIssue({ code: "custom", path, message });
  const topics = new Set<string>();
  const subscriptions = new Set<string>();
  for (const [index, topic] of config.topics.entries()) {
    const name = topic.name.toLowerCase();
    if (topics.has(name)) report(["topics", index, "name"], `"${topic.name}" is repeated`);
    topics.add(name);
    for (const [at, subscription] of topic.subscriptions.entries()) {
      const path = `${name}/${subscription.name.toLowerCase()}`;
      if (subscriptions.has(path)) {
        report(["topics", index, "subscriptions", at, "name"], `"${path}" is repeated`);
      }
      subscriptions.add(path);
    }
  }
  const names = new Set<string>();
  for (const [index, key] of config.keys.entries()) {
    if (names.has(key.name)) report(["keys", index, "name"], `"${key.name}" is repeated`);
    names.add(key.name);
    for (const right of ["send", "listen", "manage"] as const) {
      for (const [at, path] of key[right].entries()) {
        const known = path === "*" || topics.has(path.toLowerCase());
        if (!known && !subscriptions.has(path.toLowerCase())) {
          report(["keys", index, right, at], `there is no entity "${path}"`);
        }
      }
    }
  }
}
