// Searches everything a run left behind for every secret that existed in it. A secret is found in any of
// the forms it commonly takes on its way: as it is, in JSON, in a URL, in base64 or in hexadecimal.

import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";

export interface Canary {
  readonly kind: string;
  readonly value: string;
}

/** One thing that is searched: a name for people, and its bytes. */
export interface Sink {
  readonly name: string;
  readonly bytes: Buffer;
}

export interface Leak {
  readonly sink: string;
  /** The kind of the secret; never the secret. */
  readonly kind: string;
}

export interface Search {
  readonly leaks: readonly Leak[];
  readonly canaries: number;
  readonly sinks: number;
  readonly searchedBytes: number;
}

/** A shorter secret would be found by chance. */
export const canaryBytesMin = 12;

/** @throws RangeError when a secret is too short to be searched for: it would hide a leak. */
export function searchSinks(canaries: readonly Canary[], sinks: readonly Sink[]): Search {
  const byHash = new Map<number, { kind: string; bytes: Buffer }[]>();
  for (const { kind, value } of canaries) {
    for (const bytes of formsOf(value)) {
      if (bytes.length < canaryBytesMin) throw new RangeError(`a ${kind} is too short to search`);
      const hash = hashAt(bytes, 0);
      byHash.set(hash, [...(byHash.get(hash) ?? []), { kind, bytes }]);
    }
  }
  const leaks = sinks.flatMap(({ name, bytes }) => {
    const kinds = kindsIn(bytes, byHash);
    return [...kinds].map((kind) => ({ sink: name, kind }));
  });
  return {
    leaks,
    canaries: canaries.length,
    sinks: sinks.length,
    searchedBytes: sinks.reduce((sum, { bytes }) => sum + bytes.length, 0),
  };
}

function formsOf(secret: string): readonly Buffer[] {
  // The end of a long secret stands for it: of a token that is the signature, and a store's page
  // boundary is less likely to fall into it.
  const value = secret.length > 128 ? secret.slice(-64) : secret;
  const bytes = Buffer.from(value);
  const forms = new Set([
    value,
    JSON.stringify(value).slice(1, -1),
    encodeURIComponent(value),
    bytes.toString("hex"),
    // Inside a longer base64 text a secret stands in one of three alignments; the last two groups
    // depend on what follows and are left out.
    ...[0, 1, 2].map((shift) => base64At(bytes, shift)),
  ]);
  return [...forms].map((form) => Buffer.from(form));
}

function base64At(bytes: Buffer, shift: number): string {
  const text = Buffer.concat([Buffer.alloc(shift), bytes]).toString("base64");
  return text.slice(shift === 0 ? 0 : 4, -4);
}

const base = 257;
const leading = Array.from({ length: canaryBytesMin - 1 }).reduce<number>(
  (power) => Math.imul(power, base),
  1,
);

function hashAt(bytes: Buffer, start: number): number {
  let hash = 0;
  for (let index = start; index < start + canaryBytesMin; index += 1) {
    hash = (Math.imul(hash, base) + (bytes[index] ?? 0)) | 0;
  }
  return hash;
}

/** Rabin and Karp: one pass over the sink, however many secrets there are. */
function kindsIn(
  sink: Buffer,
  byHash: ReadonlyMap<number, readonly { kind: string; bytes: Buffer }[]>,
): ReadonlySet<string> {
  const found = new Set<string>();
  if (sink.length < canaryBytesMin) return found;
  let hash = hashAt(sink, 0);
  for (let start = 0; ; start += 1) {
    for (const { kind, bytes } of byHash.get(hash) ?? []) {
      if (sink.subarray(start, start + bytes.length).equals(bytes)) found.add(kind);
    }
    const next = start + canaryBytesMin;
    if (next >= sink.length) return found;
    const without = (hash - Math.imul(sink[start] ?? 0, leading)) | 0;
    hash = (Math.imul(without, base) + (sink[next] ?? 0)) | 0;
  }
}

/** Every file below a folder, as a sink each. */
export function fileSinks(name: string, folder: string): readonly Sink[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .map((path) => join(folder, path))
    .filter((path) => statSync(path).isFile())
    .map((path) => ({
      name: `${name}: ${path.slice(folder.length + 1)}`,
      bytes: readFileSync(path),
    }));
}

/** The bus journal: what was sent, message by message, as it came over the wire. */
export function journalSinks(file: string): readonly Sink[] {
  const lines = readFileSync(file, "utf8").split("\n").filter(Boolean);
  const messages = lines.map((line) => {
    const parsed: unknown = JSON.parse(line);
    const encoded =
      typeof parsed === "object" && parsed !== null && "base64" in parsed ? parsed.base64 : "";
    return Buffer.from(String(encoded), "base64");
  });
  return [{ name: "bus messages", bytes: Buffer.concat(messages) }];
}
