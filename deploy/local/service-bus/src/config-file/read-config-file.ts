// Reads a configuration file: Microsoft's emulator format or our own, told apart by `UserConfig`.
// Both may have comments and trailing commas. Every problem is reported with its path and line, and
// none quotes a key.

import { readFileSync } from "node:fs";
import {
  findNodeAtLocation,
  getNodeValue,
  type Node,
  type ParseError,
  parseTree,
  printParseErrorCode,
} from "jsonc-parser";
import { ConfigError, parseConfig, type ServerSettings } from "../config.ts";
import type { NamespaceDescription } from "../entities/descriptions.ts";
import { checkEmulator, type Problem } from "./check-emulator.ts";
import { describeEmulator } from "./describe-emulator.ts";
import { describeTopology } from "./describe-topology.ts";
import { EmulatorConfig } from "./emulator-schema.ts";

export interface ConfigFile {
  readonly settings: ServerSettings;
  readonly namespace: NamespaceDescription;
}

const FILE_CHARACTERS_MAX = 16_777_216;

/** Throws `ConfigError` with every problem of the file. */
export function readConfigFile(file: string): ConfigFile {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (cause) {
    throw new ConfigError(`the configuration ${file} cannot be read`, { cause });
  }
  try {
    return parseConfigText(text);
  } catch (cause) {
    if (!(cause instanceof ConfigError)) throw cause;
    throw new ConfigError(`the configuration ${file}: ${cause.message}`, { cause });
  }
}

/** The content of a configuration file. Throws `ConfigError` with every problem. */
export function parseConfigText(text: string): ConfigFile {
  if (text.length > FILE_CHARACTERS_MAX) throw new ConfigError("it is too large");
  const tree = parseText(text.replace(/^\uFEFF/, ""));
  const value: unknown = getNodeValue(tree);
  if (findNodeAtLocation(tree, ["UserConfig"]) === undefined) {
    const { topics, ...settings } = parseConfig(value);
    return { settings, namespace: describeTopology({ topics }) };
  }
  const parsed = EmulatorConfig.safeParse(value);
  if (!parsed.success) {
    // JSON has no symbols, so every step of a path is a name or an index.
    const problems = parsed.error.issues.map(({ path, message }) => ({
      path: path.filter((step) => typeof step !== "symbol"),
      message,
    }));
    throw refusal(problems, tree, text);
  }
  const problems = checkEmulator(parsed.data);
  if (problems.length > 0) throw refusal(problems, tree, text);
  return { settings: parsed.data.LocalServiceBus, namespace: describeEmulator(parsed.data) };
}

function parseText(text: string): Node {
  const errors: ParseError[] = [];
  const tree = parseTree(text, errors, { allowTrailingComma: true });
  const [first] = errors;
  if (first !== undefined || tree === undefined) {
    const reason = first === undefined ? "it is empty" : printParseErrorCode(first.error);
    throw new ConfigError(`line ${lineAt(text, first?.offset ?? 0)}: not JSON (${reason})`);
  }
  return tree;
}

function refusal(problems: readonly Problem[], tree: Node, text: string): ConfigError {
  const lines = problems.map(({ path, message }) => {
    const line = lineAt(text, offsetOf(tree, path));
    return `${written(path)} (line ${line}): ${message}`;
  });
  return new ConfigError(lines.join("; "));
}

// What is missing has no place of its own: it is missing in what surrounds it.
function offsetOf(tree: Node, path: Problem["path"]): number {
  for (let length = path.length; length > 0; length -= 1) {
    const node = findNodeAtLocation(tree, path.slice(0, length));
    if (node !== undefined) return node.offset;
  }
  return tree.offset;
}

function lineAt(text: string, offset: number): number {
  return text.slice(0, offset).split("\n").length;
}

function written(path: Problem["path"]): string {
  const steps = path.map((step) => (typeof step === "number" ? `[${step}]` : `.${step}`));
  return steps.join("").replace(/^\./, "") || "config";
}
