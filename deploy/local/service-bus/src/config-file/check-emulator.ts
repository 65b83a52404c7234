// What the schema of an emulator configuration cannot say: names that must be different or must
// exist, and rules that must be understood.

import { EntityError } from "../entities/entity-error.ts";
import { compileRule } from "../rules/compile-rule.ts";
import { describeRule } from "./describe-emulator.ts";
import type { EmulatorConfig, EmulatorRule } from "./emulator-schema.ts";

type Path = readonly (string | number)[];

export interface Problem {
  readonly path: Path;
  readonly message: string;
}

const root = ["UserConfig", "Namespaces", 0] as const;

export function checkEmulator(config: EmulatorConfig): Problem[] {
  const [namespace] = config.UserConfig.Namespaces;
  if (namespace === undefined) return [];
  const { Queues: queues, Topics: topics } = namespace;
  const entities = [
    ...queues.map(({ Name: name }, index) => ({ name, path: [...root, "Queues", index] })),
    ...topics.map(({ Name: name }, index) => ({ name, path: [...root, "Topics", index] })),
  ];
  const known = new Set(entities.map(({ name }) => name.toLowerCase()));
  const problems = repeated(entities);
  for (const [index, { Name: name, Properties: given }] of queues.entries()) {
    problems.push(...checkTargets(given, name, known, [...root, "Queues", index]));
  }
  const paths = new Set<string>();
  for (const [index, topic] of topics.entries()) {
    const at = [...root, "Topics", index, "Subscriptions"];
    const named = topic.Subscriptions.map(({ Name: name }, one) => ({ name, path: [...at, one] }));
    problems.push(...repeated(named));
    for (const [one, subscription] of topic.Subscriptions.entries()) {
      const { Name: name, Properties: given, Rules: rules } = subscription;
      paths.add(`${topic.Name}/${name}`.toLowerCase());
      problems.push(...checkTargets(given, topic.Name, known, [...at, one]));
      problems.push(...checkRules(rules, [...at, one, "Rules"]));
    }
  }
  return [...problems, ...checkKeys(config, new Set([...known, ...paths]))];
}

function repeated(all: readonly { readonly name: string; readonly path: Path }[]): Problem[] {
  const seen = new Set<string>();
  return all.flatMap(({ name, path }) => {
    const isNew = !seen.has(name.toLowerCase());
    seen.add(name.toLowerCase());
    return isNew ? [] : [{ path: [...path, "Name"], message: `"${name}" is repeated` }];
  });
}

function checkTargets(
  given: {
    readonly ForwardTo?: string | undefined;
    readonly ForwardDeadLetteredMessagesTo?: string | undefined;
    readonly RequiresSession: boolean;
  },
  own: string,
  known: ReadonlySet<string>,
  path: Path,
): Problem[] {
  const problems: Problem[] = [];
  for (const field of ["ForwardTo", "ForwardDeadLetteredMessagesTo"] as const) {
    const target = given[field];
    const at = [...path, "Properties", field];
    if (target === undefined) continue;
    if (!known.has(target.toLowerCase())) {
      problems.push({ path: at, message: `there is no queue or topic "${target}"` });
    } else if (target.toLowerCase() === own.toLowerCase()) {
      problems.push({ path: at, message: "forwards to itself" });
    } else if (field === "ForwardTo" && given.RequiresSession) {
      const message = "an entity that requires sessions cannot forward its messages";
      problems.push({ path: at, message });
    }
  }
  return problems;
}

function checkRules(rules: readonly EmulatorRule[], path: Path): Problem[] {
  const problems = repeated(
    rules.map(({ Name: name }, index) => ({ name, path: [...path, index] })),
  );
  for (const [index, rule] of rules.entries()) {
    try {
      compileRule(describeRule(rule));
    } catch (error) {
      if (!(error instanceof EntityError)) throw error;
      problems.push({ path: [...path, index, "Properties"], message: error.message });
    }
  }
  return problems;
}

// A right on an entity that does not exist is a typing error that would otherwise show as a refusal.
function checkKeys(config: EmulatorConfig, known: ReadonlySet<string>): Problem[] {
  const problems: Problem[] = [];
  const names = new Set<string>();
  for (const [index, key] of config.LocalServiceBus.keys.entries()) {
    const path = ["LocalServiceBus", "keys", index];
    if (names.has(key.name)) problems.push({ path, message: `"${key.name}" is repeated` });
    names.add(key.name);
    for (const right of ["send", "listen", "manage"] as const) {
      for (const [at, entity] of key[right].entries()) {
        if (entity === "*" || known.has(entity.toLowerCase())) continue;
        const message = `there is no entity "${entity}"`;
        problems.push({ path: [...path, right, at], message });
      }
    }
  }
  return problems;
}
