// How the properties of a description are written as XML elements and read back. The order of the
// elements matters to the service and its clients: it is the order of the list.

import { randomBytes } from "node:crypto";
import type { AuthorizationRule, EntityStatus, Right } from "../entities/descriptions.ts";
import { EntityError } from "../entities/entity-error.ts";
import { limits } from "../limits.ts";
import { formatDuration, NEVER, parseDuration } from "./duration.ts";
import { asElement, listOf, textOf, type XmlElement, type XmlNode } from "./xml.ts";

export interface Codec<T> {
  /** Undefined when the node is no such value. */
  read(node: XmlNode): { readonly value: T } | undefined;
  /** Undefined: the element is left out. */
  write(value: T): XmlNode | undefined;
}

type Draft<D> = { -readonly [P in keyof D]?: D[P] };

export interface Field<D> {
  readonly tag: string;
  readInto(draft: Draft<D>, node: XmlNode): boolean;
  write(description: D): XmlNode | undefined;
}

export function field<D, K extends keyof D>(tag: string, key: K, codec: Codec<D[K]>): Field<D> {
  return {
    tag,
    readInto(draft, node) {
      const found = codec.read(node);
      if (found !== undefined) draft[key] = found.value;
      return found !== undefined;
    },
    write: (description) => codec.write(description[key]),
  };
}

/**
 * Reads the elements of a description. Elements in `ignored` are those that only the service writes.
 * Throws `EntityError` ("invalid") for a value that is none and for an element that is not known:
 * what would be dropped silently is refused.
 */
export function readFields<D>(
  fields: readonly Field<D>[],
  ignored: ReadonlySet<string>,
  element: XmlElement,
): Draft<D> {
  const draft: Draft<D> = {};
  for (const [tag, node] of Object.entries(element)) {
    if (tag === "$" || tag === "_" || ignored.has(tag) || node === undefined) continue;
    const known = fields.find((one) => one.tag === tag);
    if (known === undefined) throw new EntityError("invalid", `The property ${tag} is not known.`);
    if (!known.readInto(draft, node)) {
      throw new EntityError("invalid", `The value of the property ${tag} is not valid.`);
    }
  }
  return draft;
}

export function writeFields<D>(fields: readonly Field<D>[], description: D): XmlElement {
  return Object.fromEntries(
    fields.flatMap((one) => {
      const node = one.write(description);
      return node === undefined ? [] : [[one.tag, node]];
    }),
  );
}

const value = <T>(found: T | undefined) => (found === undefined ? undefined : { value: found });

export const text: Codec<string> = {
  read: (node) => value(textOf(node)),
  write: (content) => content,
};

export const flag: Codec<boolean> = {
  read(node) {
    const word = textOf(node)?.trim().toLowerCase();
    if (word === "true" || word === "1") return { value: true };
    return word === "false" || word === "0" ? { value: false } : undefined;
  },
  write: String,
};

export const count: Codec<number> = {
  read(node) {
    const digits = textOf(node)?.trim() ?? "";
    return /^\d{1,12}$/.test(digits) ? { value: Number(digits) } : undefined;
  },
  write: String,
};

export const duration: Codec<number> = {
  read: (node) => value(parseDuration(textOf(node)?.trim() ?? "")),
  write: formatDuration,
};

/** Undefined is "never". */
export const openDuration: Codec<number | undefined> = {
  read(node) {
    const ms = parseDuration(textOf(node)?.trim() ?? "");
    if (ms === undefined) return undefined;
    return { value: Number.isFinite(ms) ? ms : undefined };
  },
  write: (ms) => (ms === undefined ? NEVER : formatDuration(ms)),
};

const statuses: Readonly<Record<EntityStatus, string>> = {
  active: "Active",
  disabled: "Disabled",
  sendDisabled: "SendDisabled",
  receiveDisabled: "ReceiveDisabled",
};

export const status: Codec<EntityStatus> = {
  read(node) {
    const word = textOf(node)?.trim().toLowerCase();
    switch (word) {
      case "active":
        return { value: "active" };
      case "disabled":
        return { value: "disabled" };
      case "senddisabled":
        return { value: "sendDisabled" };
      case "receivedisabled":
        return { value: "receiveDisabled" };
      default:
        return undefined;
    }
  },
  write: (name) => statuses[name],
};

/** A destination: written by clients as a path or an absolute address, kept as the entity's name. */
export const destination: Codec<string | undefined> = {
  read(node) {
    const given = textOf(node)?.trim();
    if (given === undefined) return undefined;
    if (!given.includes("://")) return { value: given === "" ? undefined : given };
    try {
      const path = URL.parse(given)?.pathname.replace(/^\/+|\/+$/g, "");
      return path ? { value: decodeURIComponent(path) } : undefined;
    } catch {
      return undefined;
    }
  },
  write: (name) => name,
};

const rightWords: readonly (readonly [string, Right])[] = [
  ["Manage", "manage"],
  ["Send", "send"],
  ["Listen", "listen"],
];

/** The keys of an entity. The claim type is always "SharedAccessKey", the value "None". */
export const authorizationRules: Codec<readonly AuthorizationRule[]> = {
  read(node) {
    const rules = listOf(asElement(node)?.["AuthorizationRule"]).map(readAuthorizationRule);
    if (rules.length > limits.keysPerEntityMax) return undefined;
    const read = rules.filter((rule) => rule !== undefined);
    return read.length === rules.length ? { value: read } : undefined;
  },
  write(rules) {
    if (rules.length === 0) return "";
    return { AuthorizationRule: rules.map(writeAuthorizationRule) };
  },
};

function readAuthorizationRule(node: XmlNode): AuthorizationRule | undefined {
  const element = asElement(node);
  const keyName = textOf(element?.["KeyName"]);
  const primaryKey = textOf(element?.["PrimaryKey"]) || newKey();
  const secondaryKey = textOf(element?.["SecondaryKey"]) || newKey();
  if (keyName === undefined || keyName === "") return undefined;
  if ([keyName, primaryKey, secondaryKey].some((one) => one.length > limits.keyCharactersMax)) {
    return undefined;
  }
  const words = listOf(asElement(element?.["Rights"])?.["AccessRights"]).map(textOf);
  const rights = rightWords.filter(([word]) => words.includes(word)).map(([, right]) => right);
  if (rights.length !== words.length) return undefined;
  return { keyName, primaryKey, secondaryKey, rights };
}

function writeAuthorizationRule(rule: AuthorizationRule): XmlElement {
  const words = rightWords.filter(([, right]) => rule.rights.includes(right));
  return {
    $: { "i:type": "SharedAccessAuthorizationRule" },
    ClaimType: "SharedAccessKey",
    ClaimValue: "None",
    Rights: { AccessRights: words.map(([word]) => word) },
    KeyName: rule.keyName,
    PrimaryKey: rule.primaryKey,
    SecondaryKey: rule.secondaryKey,
  };
}

// The service makes the keys that are not given.
const newKey = () => randomBytes(32).toString("base64");
