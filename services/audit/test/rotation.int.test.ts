// Replacing the vault key of a chain: a life under the old key, one under both, one under the new one, each of which
// may end at any step. What comes of it is judged by every verifier there is.

import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { checkpointMs } from "@niivo/contracts/audit";
import { Entry } from "@niivo/contracts/evidence";
import { subscriptions } from "@niivo/contracts/topology";
import { memoryBus } from "@niivo/host/memory-bus";
import { memoryStore } from "@niivo/host/memory-store";
import type { Store } from "@niivo/host/store";
import { testClock } from "@niivo/host/testing/in-process";
import { afterAll, describe, expect, test } from "vitest";
import { bundleOf } from "../src/bundle.ts";
import { keyEntryPrefix } from "../src/rows.ts";
import { readEntries, readHead } from "../src/stored-chain.ts";
import { readCheckpoint } from "../src/stored-checkpoints.ts";
import { type AuditOptions, auditInProcess } from "../src/testing/audit-in-process.ts";
import { testVaultKey } from "../src/testing/endorsed.ts";
import { filesIn } from "../src/testing/files-in.ts";
import { mortalStore } from "../src/testing/mortal-store.ts";
import { customer, startsAt, story } from "../src/testing/story.ts";
import { wrappingKey } from "../src/testing/wrapping.ts";
import { ticketBundle } from "../src/ticket-bundle.ts";
import { readTrail } from "../src/trail.ts";
import { valueKeys } from "../src/value-keys.ts";
import { verifyStored } from "../src/verify-stored.ts";

const own = subscriptions.filter(({ reader }) => reader === "audit");
const [oldKey, newKey] = [
  testVaultKey("https://v.example/a/1"),
  testVaultKey("https://v.example/a/2"),
];
const lives = {
  old: { vaultKey: oldKey },
  both: { vaultKey: newKey, previousVaultKey: oldKey },
  fresh: { vaultKey: newKey },
} as const;

const hasPython = spawnSync("python3", ["--version"]).status === 0;
const folder = mkdtempSync(join(tmpdir(), "niivo-rotation-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function world(left: Store = memoryStore()) {
  const clock = testClock(startsAt);
  const bus = memoryBus({ subscriptions: own, now: clock.now });
  const keyStore = memoryStore();
  /** One life of the process. `store` may be one that dies. */
  const begin = (keys: Partial<AuditOptions>, store: Store = left) =>
    auditInProcess({ bus, clock, keyStore, store, isOpen: false, ...keys });
  const live = async (keys: Partial<AuditOptions>, store?: Store) => {
    const audit = await begin(keys, store);
    await audit.open();
    clock.advance(checkpointMs);
    await audit.tick();
    return audit;
  };
  return { clock, bus, left, keyStore, begin, live };
}
type World = ReturnType<typeof world>;

const entriesIn = async (store: Store) =>
  (await readEntries(store, customer, { from: 0, limit: 500 })).map(({ bytes }) =>
    Entry.parse(JSON.parse(bytes)),
  );
const saidOfKeys = async (store: Store) =>
  (await entriesIn(store)).filter(({ type }) => type.startsWith("key."));
const signedSize = async (store: Store) => (await readCheckpoint(store, customer))?.size;

async function firstLife({ live }: World) {
  const audit = await live(lives.old);
  await audit.tell(...story().all);
  return live(lives.old);
}

describe("one vault key after the other", () => {
  test("L35: is named once and retired once, however often the process starts", async () => {
    const one = world();
    const first = await firstLife(one);
    const genesis = (await entriesIn(one.left))[0]?.detail["vkey"];
    await one.live(lives.both);
    await one.live(lives.both);
    expect((await saidOfKeys(one.left)).map(({ type }) => type)).toEqual(["key.rotate"]);
    await one.live(lives.fresh);
    await one.live(lives.fresh);
    const said = await saidOfKeys(one.left);
    expect(said.map(({ type, detail }) => [type, detail["replaces"] ?? detail["vkey"]])).toEqual([
      ["key.rotate", genesis],
      ["key.retired", genesis],
    ]);
    const rows = await one.left.list(customer, { prefix: keyEntryPrefix, limit: 10 });
    expect(rows.map(({ body }) => body)).toEqual(said.map(({ seq }) => ({ seq })));
    expect(first.fatal).toEqual([]);
  });

  test("L34, L36: without the old key nothing is signed or retired until it has vouched for the new one", async () => {
    const one = world();
    await firstLife(one);
    const before = await signedSize(one.left);
    const tooEarly = await one.live(lives.fresh);
    await tooEarly.tell(story("meanwhile").opened);
    await one.live(lives.fresh);
    expect((await saidOfKeys(one.left)).map(({ type }) => type)).toEqual(["key.rotate"]);
    expect(await signedSize(one.left)).toBe(before);
    await one.live(lives.both);
    expect(await signedSize(one.left)).toBeGreaterThan(before ?? 0);
    await one.live(lives.fresh);
    expect((await saidOfKeys(one.left)).map(({ type }) => type)).toEqual([
      "key.rotate",
      "key.retired",
    ]);
    expect((await verifyStored(one.left, customer, { now: one.clock.now() }))?.verdict).toBe("OK");
  });

  test("where the old key is lost and the operator says so, signing goes on, and verification tells", async () => {
    const one = world();
    await firstLife(one);
    const before = await signedSize(one.left);
    await one.live({ ...lives.fresh, isKeyLost: true });
    expect(await signedSize(one.left)).toBeGreaterThan(before ?? 0);
    const found = await verifyStored(one.left, customer, { now: one.clock.now() });
    expect(found?.report.findings.map(({ code }) => code).sort()).toEqual([
      "KEY_EPOCH",
      "UNANCHORED",
    ]);
  });

  test("L37: a retired key is not named again, and signs nothing", async () => {
    const one = world();
    await firstLife(one);
    await one.live(lives.both);
    await one.live(lives.fresh);
    await one.live(lives.fresh);
    const before = await signedSize(one.left);
    const back = await one.live(lives.old);
    await back.tell(story("meanwhile").opened);
    await one.live(lives.old);
    expect(await saidOfKeys(one.left)).toHaveLength(2);
    expect(await signedSize(one.left)).toBe(before);
  });

  test("a rotation that is taken back before its end leaves the old key in force", async () => {
    const one = world();
    await firstLife(one);
    await one.live(lives.both);
    await one.live({ vaultKey: oldKey, previousVaultKey: newKey });
    await one.live(lives.old);
    await one.live(lives.old);
    const types = (await saidOfKeys(one.left)).map(({ type }) => type);
    expect(types).toEqual(["key.rotate", "key.rotate", "key.retired"]);
    expect((await verifyStored(one.left, customer, { now: one.clock.now() }))?.verdict).toBe("OK");
  });
});

async function killedAt(life: "both" | "fresh", step: number, isApplied: boolean): Promise<void> {
  const one = world();
  await firstLife(one);
  if (life === "fresh") await one.live(lives.both);
  const mortal = mortalStore(one.left, step, isApplied);
  void one.live(lives[life], mortal.store);
  await mortal.died;
  one.bus.crash();
  const found = await verifyStored(one.left, customer, { now: one.clock.now() });
  expect(found?.report.verdicts).toMatchObject({ integrity: "OK", keys: "OK" });
  await one.live(lives.both);
  await one.live(lives.fresh);
  await one.live(lives.fresh);
  const said = (await saidOfKeys(one.left)).map(({ type }) => type);
  expect(said, `${life}, step ${step}`).toEqual(["key.rotate", "key.retired"]);
  expect((await verifyStored(one.left, customer, { now: one.clock.now() }))?.verdict).toBe("OK");
}

test.each(["both", "fresh"] as const)(
  "L35: killed at any step of the life with %s keys, there is no second and no missing entry",
  async (life) => {
    const one = world();
    await firstLife(one);
    if (life === "fresh") await one.live(lives.both);
    const counted = mortalStore(one.left);
    await one.live(lives[life], counted.store);
    // What is left changes with commits only: each is lost, or the last thing that the process did.
    expect(counted.commits().length).toBeGreaterThan(8);
    for (const step of counted.commits())
      for (const isApplied of [false, true]) await killedAt(life, step, isApplied);
  },
);

describe("an outsider whose policy names only the first key", () => {
  const root = fileURLToPath(new URL("../../../", import.meta.url));
  const write = (name: string, files: Iterable<readonly [string, Uint8Array | string]>): string => {
    for (const [path, bytes] of files) {
      mkdirSync(dirname(join(folder, name, path)), { recursive: true });
      writeFileSync(join(folder, name, path), bytes);
    }
    return join(folder, name);
  };
  const run = (program: string, script: string, args: readonly string[]) => {
    const { status, stdout } = spawnSync(program, [join(root, script), ...args], {
      encoding: "utf8",
      timeout: 60_000,
    });
    return { status, stdout };
  };

  async function rotated(): Promise<World> {
    const one = world();
    await firstLife(one);
    const both = await one.live(lives.both);
    await both.tell(...story("another").all);
    await one.live(lives.both);
    const fresh = await one.live(lives.fresh);
    await fresh.tell(...story("a third").all);
    await one.live(lives.fresh);
    return one;
  }
  const policyOf = async ({ left }: World) =>
    `log ${(await entriesIn(left))[0]?.detail["vkey"]}\nquorum none\n`;

  /** The arguments of a verifier. */
  async function wholeChain(): Promise<readonly string[]> {
    const one = await rotated();
    const head = await readHead(one.left, customer);
    if (head === undefined) throw new Error("no chain");
    const pieces: Uint8Array[] = [];
    for await (const piece of bundleOf(one.left, customer, head, one.clock.now()))
      pieces.push(piece);
    const bundle = write("chain", filesIn(Buffer.concat(pieces)));
    const policy = join(write("policy", [["chain.txt", await policyOf(one)]]), "chain.txt");
    return [bundle, "--policy", policy, "--at", one.clock.now().toISOString()];
  }

  test("verifies the whole chain", async () => {
    const first = run(process.execPath, "packages/verify/src/main.ts", await wholeChain());
    expect(first.stdout).toContain("IN ORDER");
    expect(first.status).toBe(0);
  });

  test.skipIf(!hasPython)(
    hasPython ? "verifies it in Python" : "verifies it in Python (skipped: no python3)",
    async () => {
      const second = run("python3", "tests/evidence/niivo_verify.py", await wholeChain());
      expect(second.status, second.stdout).toBe(0);
    },
  );

  test("verifies one ticket of the newest days: key entries are in its bundle, proved under the older key", async () => {
    const one = await rotated();
    const { ticket } = story("a third");
    const trail = await readTrail(one.left, customer, ticket);
    if (trail === undefined) throw new Error("no trail");
    const parts = { store: one.left, keys: valueKeys(one.keyStore, wrappingKey) };
    const asked = { ticket, trail, values: false, now: one.clock.now() };
    const archive = await ticketBundle(parts, customer, asked);
    const bundle = write("ticket", filesIn(Buffer.from(archive ?? [])));
    const policy = join(write("policy", [["ticket.txt", await policyOf(one)]]), "ticket.txt");
    const found = run(process.execPath, "packages/verify/src/main.ts", [
      bundle,
      "--policy",
      policy,
    ]);
    expect(found.stdout).toContain("IN ORDER");
    expect(found.status).toBe(0);
  });
});
