// All live entities, and every change of them: checked, written, then put into effect.

import type { Node } from "../address.ts";
import { limits } from "../limits.ts";
import type { EntityRow } from "../store/entity-store.ts";
import type { Store } from "../store/store.ts";
import type { NamespaceDescription } from "./descriptions.ts";
import { EntityError } from "./entity-error.ts";
import { checkGiven, checkSame, checkTopicFor, type Given, givenBy, pathOf } from "./given.ts";
import type { Live } from "./live.ts";
import { createLiveMap, type LiveMap } from "./live-map.ts";
import { unavailable } from "./sending.ts";
import { checkChange } from "./validation.ts";

export interface Registry {
  find(node: Node): Live | undefined;
  readonly live: LiveMap;
  /** Serves what the store has, with the configuration over it. */
  open(configured: NamespaceDescription): void;
  create(given: Given): Promise<void>;
  update(given: Given): Promise<void>;
  remove(live: Live): Promise<void>;
  /** The row as it will be once the changes under way are durable. */
  latest<Row extends EntityRow>(row: Row): Row;
  stop(): void;
}

const keyOf = (kind: EntityRow["kind"], path: string) => `${kind === "subscription"}:${path}`;

export function createRegistry(
  store: Store,
  clock: () => number,
  closing: (path: string, why: "deleted" | "disabled") => void,
): Registry {
  const map = createLiveMap(store, clock);
  const drafts = createDrafts(store);

  async function create(given: Given): Promise<void> {
    const path = pathOf(given);
    if (given.kind === "subscription") checkTopicFor(map, given.description.topicName);
    else if (map.entities.size >= limits.entitiesMax) throw tooMany();
    if (map.at(path, given.kind) !== undefined || drafts.has(given.kind, path)) {
      throw new EntityError("already-exists", `"${path}" exists already`);
    }
    checkGiven(map, given);
    const now = Math.trunc(clock());
    const row = rowOf(
      given,
      { id: store.entities.nextId(), isConfigured: false, createdAt: now },
      now,
    );
    store.entities.put(row);
    await drafts.durable([row], () => map.serve(row)); // B1
  }
  async function update(given: Given): Promise<void> {
    const path = pathOf(given);
    const live = map.at(path, given.kind);
    if (live?.kind !== given.kind) throw new EntityError("not-found", `"${path}" does not exist`);
    checkGiven(map, given);
    checkChange(live.row.description, given.description);
    const row = rowOf(given, live.row, Math.trunc(clock()));
    store.entities.put(row);
    await drafts.durable([row], () => {
      map.change(live, row);
      if (row.description.status !== "active") closing(path, "disabled"); // B1
    });
  }
  async function remove(live: Live): Promise<void> {
    const parts: Live[] = live.kind === "topic" ? [...live.subscriptions.values(), live] : [live];
    for (const { row } of parts) {
      for (let queue = row.id * 4; queue < row.id * 4 + 3; queue += 1) {
        store.messages.removeAll(queue);
      }
      store.entities.remove(row.id);
    }
    await drafts.durable([], () => {
      for (const part of parts) {
        map.forget(part);
        closing(part.row.path, "deleted"); // B1
      }
    });
  }
  const sweep = setInterval(() => sweepAll(store, map.all(), clock(), remove), limits.sweepMs);
  sweep.unref();
  return {
    live: map,
    find(node) {
      if (node.kind === "cbs") return undefined;
      if (node.kind === "entity") return map.entities.get(node.name);
      return map.at(`${node.topic}/${node.subscription}`, "subscription");
    },
    open: (configured) => openAll(store, map, configured, Math.trunc(clock())),
    create,
    update,
    remove,
    latest: drafts.latest,
    stop() {
      clearInterval(sweep);
      for (const live of map.all()) if (live.kind !== "topic") live.inbox.stop();
    },
  };
}

/** Rows whose change is under way, so that two changes in one turn build on each other. */
function createDrafts(store: Store) {
  const rows = new Map<string, EntityRow>();
  return {
    has: (kind: EntityRow["kind"], path: string) => rows.has(keyOf(kind, path)),
    latest<Row extends EntityRow>(row: Row): Row {
      // The draft at a key is of the same kind as the row it replaces.
      return (rows.get(keyOf(row.kind, row.path)) ?? row) as Row;
    },
    durable: (changed: readonly EntityRow[], then: () => void): Promise<void> =>
      new Promise((resolve, reject) => {
        for (const row of changed) rows.set(keyOf(row.kind, row.path), row);
        const settle = () => {
          for (const { kind, path } of changed) rows.delete(keyOf(kind, path));
        };
        store.afterCommit(
          () => {
            settle();
            then();
            resolve();
          },
          () => {
            settle();
            reject(unavailable());
          },
        );
      }),
  };
}

function rowOf(
  given: Given,
  { id, isConfigured, createdAt }: Pick<EntityRow, "id" | "isConfigured" | "createdAt">,
  updatedAt: number,
): EntityRow {
  return { ...given, id, path: pathOf(given), isConfigured, createdAt, updatedAt };
}

// What clients created is served as they left it; what the configuration names as it says. What an
// earlier configuration named stays in the store, untouched and unserved.
function openAll(store: Store, map: LiveMap, configured: NamespaceDescription, now: number): void {
  const known = new Map(store.entities.all().map((row) => [keyOf(row.kind, row.path), row]));
  const served = new Map([...known].filter(([, row]) => !row.isConfigured));
  const wanted = givenBy(configured);
  for (const given of wanted) {
    const key = keyOf(given.kind, pathOf(given));
    const before = known.get(key);
    if (before !== undefined) checkSame(before, given);
    const id = before?.id ?? store.entities.nextId();
    const row = rowOf(given, { id, isConfigured: true, createdAt: before?.createdAt ?? now }, now);
    store.entities.put(row);
    served.set(key, row);
  }
  const rows = [...served.values()];
  for (const row of rows) if (row.kind !== "subscription") map.serve(row);
  for (const row of rows) if (row.kind === "subscription") map.serve(row);
  for (const given of wanted) checkGiven(map, given);
}

function sweepAll(
  store: Store,
  all: readonly Live[],
  now: number,
  remove: (live: Live) => Promise<void>,
): void {
  for (const live of all) {
    const { description, id } = live.row;
    const idle = description.autoDeleteOnIdleMs;
    if (idle !== undefined && live.accessedAt + idle < now && !isInUse(live)) {
      remove(live).catch(() => undefined); // Tried again with the next sweep.
    } else if ("requiresDuplicateDetection" in description) {
      const window = description.duplicateDetectionHistoryTimeWindowMs;
      if (description.requiresDuplicateDetection) store.forgetDuplicates(id, now - window);
    }
  }
}

const tooMany = () => new EntityError("quota", "the namespace has as many entities as it may");

function isInUse(live: Live): boolean {
  if (live.kind === "topic") return live.subscriptions.size > 0;
  return [...live.inbox.main.lanes.values()].some(({ consumers }) => consumers.length > 0);
}
