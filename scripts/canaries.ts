// One planted violation for each gate of `npm run verify`. A gate that accepts its canary checks nothing.

export interface Canary {
  /** What must be reported, as the tool names it. */
  readonly expected: string;
  /** Where the violation is planted; the path decides which rules apply. */
  readonly path: string;
  readonly text: string;
}

const service = "services/canary/src";

export const biomeCanaries: readonly Canary[] = [
  {
    expected: "lint/nursery/noFloatingPromises",
    path: `${service}/floating-promise.ts`,
    text: "const later = async () => 1;\nexport const careless = () => {\n  later();\n};\n",
  },
  {
    expected: "lint/nursery/noMisusedPromises",
    path: `${service}/misused-promise.ts`,
    text: "export const each = (all: number[]) => all.forEach(async (one) => void (await one));\n",
  },
  {
    expected: "lint/nursery/useAwaitThenable",
    path: `${service}/await-value.ts`,
    text: "export const wait = async (value: number) => await value;\n",
  },
  {
    expected: "lint/nursery/useExhaustiveSwitchCases",
    path: `${service}/missing-case.ts`,
    text: 'export const f = (x: "a" | "b") => {\n  switch (x) {\n    case "a":\n      return 1;\n  }\n  return 2;\n};\n',
  },
  {
    expected: "lint/style/noRestrictedImports",
    path: `${service}/import-by-path.ts`,
    text: 'import { topics } from "../../../contracts/src/topology.ts";\nexport const all = topics;\n',
  },
  {
    expected: "lint/correctness/noUndeclaredDependencies",
    path: `${service}/import-by-name.ts`,
    text: 'import * as broker from "@niivo/broker";\nexport const all = broker;\n',
  },
  {
    expected: "lint/style/noRestrictedImports",
    path: `${service}/actor.ts`,
    text: 'import { readFileSync } from "node:fs";\nexport const impure = readFileSync("x");\n',
  },
  {
    expected: "lint/style/noRestrictedGlobals",
    path: "services/canary-global/src/actor.ts",
    text: 'export const impure = () => fetch("http://x.example");\n',
  },
  {
    expected: "lint/style/noDefaultExport",
    path: `${service}/default-export.ts`,
    text: "export default 1;\n",
  },
  {
    expected: "lint/performance/noReExportAll",
    path: `${service}/barrel.ts`,
    text: 'export * from "./await-value.ts";\n',
  },
  {
    expected: "lint/style/noProcessEnv",
    path: `${service}/environment.ts`,
    text: 'export const home = process.env["HOME"];\n',
  },
  {
    expected: "lint/complexity/noExcessiveLinesPerFunction",
    path: `${service}/long-function.ts`,
    text: `export const long = (x: number) => {\n${"  x += 1;\n".repeat(80)}  return x;\n};\n`,
  },
  {
    expected: "lint/style/noParameterProperties",
    path: `${service}/parameter-property.ts`,
    text: "export class Held {\n  constructor(readonly value: number) {}\n}\n",
  },
  {
    expected: "lint/style/useErrorCause",
    path: `${service}/lost-cause.ts`,
    text: 'export const f = () => {\n  try {\n    JSON.parse("{");\n  } catch (error) {\n    throw new Error("lost");\n  }\n};\n',
  },
  {
    expected: "lint/suspicious/noExplicitAny",
    path: `${service}/any.ts`,
    text: "export const anything = (x: any) => x;\n",
  },
  {
    expected: "lint/style/noNonNullAssertion",
    path: `${service}/non-null.ts`,
    text: "export const first = (all: string[]) => all[0]!;\n",
  },
  {
    expected: "lint/suspicious/noConsole",
    path: `${service}/console.ts`,
    text: 'export const say = () => console.log("x");\n',
  },
  {
    expected: "lint/suspicious/noImportCycles",
    path: `${service}/cycle-one.ts`,
    text: 'import { two } from "./cycle-two.ts";\nexport const one = () => two();\n',
  },
  {
    expected: "lint/suspicious/noImportCycles",
    path: `${service}/cycle-two.ts`,
    text: 'import { one } from "./cycle-one.ts";\nexport const two = (): unknown => one();\n',
  },
  {
    expected: "lint/style/useFilenamingConvention",
    path: `${service}/CamelCase.ts`,
    text: "export const named = 1;\n",
  },
];

export const typeCanaries: readonly Canary[] = [
  {
    expected: "TS2307",
    path: `${service}/import-service.ts`,
    text: 'import { actor } from "@niivo/broker/actor";\nexport const stolen = actor;\n',
  },
  {
    expected: "TS2366",
    path: `${service}/not-exhaustive.ts`,
    text: 'export function f(x: "a" | "b"): number {\n  switch (x) {\n    case "a":\n      return 1;\n  }\n}\n',
  },
  {
    expected: "TS1294",
    path: `${service}/parameter-property.ts`,
    text: "export class Held {\n  constructor(readonly value: number) {}\n}\n",
  },
  {
    expected: "TS2375",
    path: `${service}/optional-undefined.ts`,
    text: "export const held: { readonly x?: number } = { x: undefined };\n",
  },
];

export const unusedCanaries: readonly Canary[] = [
  {
    expected: "unused-file.ts",
    path: `${service}/unused-file.ts`,
    text: "export const dead = 1;\n",
  },
  // The planted package.json of the canary service lists `jose` and never imports it.
  { expected: "jose", path: `${service}/main.ts`, text: "export const alive = 1;\n" },
];
