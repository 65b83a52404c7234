// The environment of a process, parsed once at its start (style 3.7). Every problem is printed, by the
// variable's name and never by its value, and the process ends with code 78 (EX_CONFIG of sysexits.h).
//
// A schema's keys are camelCase and stand for SCREAMING_SNAKE variables: `storeFile` is `STORE_FILE`. A key
// whose value is what a file contains names its variable with `.meta({ variable: "CUSTOMERS_FILE" })`.

import { readFileSync } from "node:fs";
import { Customers } from "@niivo/contracts/customers";
import { Guid } from "@niivo/contracts/envelope";
import { z } from "zod";

const prefix = "NIIVO_";
const exitConfiguration = 78;
const pathMax = 1000;

const path = z.string().min(1).max(pathMax);

/**
 * What a JSON file contains, parsed with `schema`; the variable holds the file's path.
 * Problems are told by path within the file, never by value.
 */
export const jsonFile = <S extends z.ZodType>(schema: S, variable: string) =>
  path
    .transform((file, context): z.output<S> => {
      const outcome = schema.safeParse(readJson(file));
      if (outcome.success) return outcome.data;
      for (const issue of outcome.error.issues)
        context.addIssue({ code: "custom", path: issue.path, message: issue.message });
      return z.NEVER;
    })
    .meta({ variable });

/** What every service needs. Services add their own with `.extend({...})`. */
export const HostVariables = z.object({
  /** `host:port` on this machine, or the fully qualified name of an Azure namespace. */
  serviceBusNamespace: z.string().min(1).max(260),
  /** This process's key on a local bus, and the file that holds it. Never used in Azure. */
  serviceBusKeyName: z.string().min(1).max(100).optional(),
  serviceBusKeyFile: path.optional(),
  storeFile: path,
  httpPort: z.coerce.number().int().min(0).max(65_535),
  /** The contents of `CUSTOMERS_FILE`. */
  customers: jsonFile(Customers, "CUSTOMERS_FILE"),
  /** For example `https://login.microsoftonline.com`. */
  entraAuthorityHost: z.url({ protocol: /^https?$/ }),
  /** What an access token for this API must name as its audience. */
  entraAudience: z.string().min(1).max(200),
  azureTenantId: Guid,
  azureClientId: Guid,
  azureFederatedTokenFile: path.optional(),
  otelExporterOtlpEndpoint: z.url({ protocol: /^https?$/ }).optional(),
  logLevel: z.enum(["debug", "info", "warn", "error"]).optional(),
});
export type HostEnvironment = z.output<typeof HostVariables>;

/** Parses the process's environment. Ends the process if there is any problem. */
export function readEnv<S extends z.ZodObject>(schema: S): z.output<S> {
  const outcome = parseEnv(schema, process.env);
  if (outcome.kind === "parsed") return outcome.environment;
  for (const problem of outcome.problems) console.error(problem);
  process.exit(exitConfiguration);
}

export type ParsedEnvironment<S extends z.ZodObject> =
  | { readonly kind: "parsed"; readonly environment: z.output<S> }
  | { readonly kind: "refused"; readonly problems: readonly string[] };

/** The pure part of `readEnv`. An empty variable counts as absent. */
export function parseEnv<S extends z.ZodObject>(
  schema: S,
  variables: Readonly<Record<string, string | undefined>>,
): ParsedEnvironment<S> {
  const names = new Map(Object.entries(schema.shape).map(([key, one]) => [key, nameOf(key, one)]));
  const given = [...names].flatMap(([key, name]) => {
    const text = variables[name];
    return text === undefined || text === "" ? [] : [[key, text]];
  });
  const known = new Set(names.values());
  const problems = Object.keys(variables)
    .filter((name) => name.startsWith(prefix) && !known.has(name))
    .map((name) => `${name}: is not a variable of this process`);
  const outcome = schema.safeParse(Object.fromEntries(given));
  if (outcome.success && problems.length === 0)
    return { kind: "parsed", environment: outcome.data };
  for (const {
    path: [key = "", ...inside],
    message,
    code,
  } of outcome.error?.issues ?? []) {
    const name = names.get(String(key)) ?? String(key);
    const missing = code === "invalid_type" && inside.length === 0 && !(variables[name] ?? "");
    const where = inside.length === 0 ? "" : ` at /${inside.map(String).join("/")}`;
    problems.push(`${name}${where}: ${missing ? "is missing" : message}`);
  }
  return { kind: "refused", problems };
}

function nameOf(key: string, schema: unknown): string {
  // What is said of a schema is not said of the same one made optional.
  if (schema instanceof z.ZodOptional) return nameOf(key, schema.unwrap());
  const variable = schema instanceof z.ZodType ? schema.meta()?.["variable"] : undefined;
  return typeof variable === "string" ? variable : screaming(key);
}

const screaming = (key: string): string =>
  key === key.toUpperCase() ? key : key.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase();

function readJson(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, "utf8"));
  } catch {
    return undefined; // The schema says what it expected; the contents stay unsaid.
  }
}
