// XML as plain values: an element is its text, or an object of its attributes (`$`), its own text
// (`_`) and its children by name. Namespace prefixes are dropped when reading.

import { XMLBuilder, XMLParser, XMLValidator } from "fast-xml-parser";

export type XmlNode = string | XmlElement | readonly XmlNode[];

export interface XmlElement {
  readonly [name: string]: XmlNode | undefined;
}

const names = { attributesGroupName: "$", textNodeName: "_", ignoreAttributes: false } as const;

const parser = new XMLParser({
  ...names,
  attributeNamePrefix: "",
  removeNSPrefix: true,
  parseTagValue: false,
  parseAttributeValue: false,
  trimValues: false,
});

const builder = new XMLBuilder({
  ...names,
  attributeNamePrefix: "",
  suppressEmptyNode: true,
  suppressBooleanAttributes: false,
});

/**
 * Reads a document; the answer has its root element by name. Undefined when it is not well-formed.
 * A document type is refused: nothing here needs one, and entities of one could grow without limit.
 */
export function parseXml(text: string): XmlElement | undefined {
  if (text.includes("<!DOCTYPE") || XMLValidator.validate(text) !== true) return undefined;
  try {
    const parsed: unknown = parser.parse(text);
    return asElement(toNode(parsed));
  } catch {
    // The parser throws on entities beyond its limits: the document is at fault.
    return undefined;
  }
}

/** Writes a document. Characters that XML cannot carry become U+FFFD. */
export function writeXml(root: XmlElement): string {
  const text = String(builder.build(root));
  return `<?xml version="1.0" encoding="utf-8"?>${text.replace(UNWRITABLE, "\uFFFD")}`;
}

/** The element with its children, or undefined for mere text and for repeated elements. */
export function asElement(node: XmlNode | undefined): XmlElement | undefined {
  if (node === undefined || typeof node === "string" || isList(node)) return undefined;
  return node;
}

/** The text of an element, also when it has attributes; undefined when there are children. */
export function textOf(node: XmlNode | undefined): string | undefined {
  if (node === undefined || typeof node === "string") return node;
  const element = asElement(node);
  if (element === undefined) return undefined;
  const isLeaf = Object.keys(element).every((name) => name === "$" || name === "_");
  return isLeaf ? (textOf(element["_"]) ?? "") : undefined;
}

/** An attribute by its name without prefix. */
export function attributeOf(node: XmlNode | undefined, name: string): string | undefined {
  return textOf(asElement(asElement(node)?.["$"])?.[name]);
}

/** Repeated elements, a single one, or none, as a list. */
export function listOf(node: XmlNode | undefined): readonly XmlNode[] {
  if (node === undefined || node === "") return [];
  return isList(node) ? node : [node];
}

function isList(node: XmlNode): node is readonly XmlNode[] {
  return Array.isArray(node);
}

// What the parser gives is strings, arrays and plain objects; anything else would be its mistake.
function toNode(value: unknown): XmlNode {
  if (Array.isArray(value)) return value.map(toNode);
  if (typeof value !== "object" || value === null) return String(value ?? "");
  return Object.fromEntries(Object.entries(value).map(([name, child]) => [name, toNode(child)]));
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: exactly these are what XML 1.0 cannot carry.
const UNWRITABLE = /[\u0000-\u0008\u000B\u000C\u000E-\u001F\uFFFE\uFFFF]/g;
