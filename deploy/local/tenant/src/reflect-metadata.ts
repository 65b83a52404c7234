// The part of the Reflect metadata interface that @peculiar/x509's container asks for at load.
//
// This file is the one that runs on import: the library refuses to load without it. It keeps
// metadata in a weak map, per target and key, and looks along the prototype chain as the proposal
// says (https://rbuckton.github.io/reflect-metadata/).

const metadata = new WeakMap<object, Map<unknown, unknown>>();

function own(target: object, key: unknown): unknown {
  return metadata.get(target)?.get(key);
}

function inherited(target: object, key: unknown): unknown {
  for (let level: object | null = target; level !== null; level = Object.getPrototypeOf(level)) {
    if (metadata.get(level)?.has(key) === true) return own(level, key);
  }
  return undefined;
}

function define(key: unknown, value: unknown, target: object): void {
  const entries = metadata.get(target) ?? new Map<unknown, unknown>();
  metadata.set(target, entries.set(key, value));
}

if (!("getMetadata" in Reflect)) {
  Object.assign(Reflect, {
    defineMetadata: define,
    getMetadata: (key: unknown, target: object) => inherited(target, key),
    getOwnMetadata: (key: unknown, target: object) => own(target, key),
    hasMetadata: (key: unknown, target: object) => inherited(target, key) !== undefined,
    hasOwnMetadata: (key: unknown, target: object) => own(target, key) !== undefined,
    metadata: (key: unknown, value: unknown) => (target: object) => define(key, value, target),
  });
}
