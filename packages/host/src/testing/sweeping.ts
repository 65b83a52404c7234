// Carries out one erasure in a service's own store, on the disk, with the service's own sweep; then the files can be
// searched for what was planted.

import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { derivedId } from "@niivo/contracts/canonical";
import type { Customer } from "@niivo/contracts/customers";
import type { Envelope, TopicContract } from "@niivo/contracts/envelope";
import { type Identity, isErasures, subscriptions } from "@niivo/contracts/topology";
import { erasureBinding, type Sweep } from "../erasure.ts";
import { sqliteStore } from "../sqlite-store.ts";
import type { Store } from "../store.ts";
import { tieKey } from "../ticket-keys.ts";
import { inProcess } from "./in-process.ts";

export interface Sweeping {
  readonly identity: Identity;
  readonly contract: TopicContract;
  readonly sweep: (elsewhere: Store) => Sweep;
  readonly customer: Customer;
  readonly person: string;
  readonly ticket: string;
  /** The state keys that the ticket has in the service. */
  readonly keys: readonly string[];
  /** Puts documents into the service's store, and into one beside it. */
  readonly plant: (store: Store, elsewhere: Store) => Promise<void>;
  readonly now: Date;
}

export interface Swept {
  /** The data of the confirmations. */
  readonly confirmed: readonly unknown[];
  /** Does this text stand in any file of the stores, before and after? */
  readonly before: (text: string) => boolean;
  readonly after: (text: string) => boolean;
}

export async function swept(sweeping: Sweeping): Promise<Swept> {
  const { identity, contract, customer, ticket, keys, now } = sweeping;
  const folder = mkdtempSync(join(tmpdir(), "niivo-swept-"));
  const [store, elsewhere] = [`${identity}.sqlite`, "elsewhere.sqlite"].map((name) =>
    sqliteStore(join(folder, name), () => now),
  ) as [Store, Store]; // Two names make two stores.
  for (const key of keys)
    await store.commit(
      customer.id,
      await tieKey(store, customer.id, { ticket, key, keptSeconds: 86_400 }),
    );
  await sweeping.plant(store, elsewhere);
  const before = bytesIn(folder);
  const read = subscriptions.filter((one) => one.reader === identity && isErasures(one));
  const service = inProcess({
    ...{ name: identity, contract, customers: [customer], subscriptions: read, store },
    bindings: () => [erasureBinding({ subscriptions: read, sweep: sweeping.sweep(elsewhere) })],
    startsAt: now,
  });
  await service.bus.publisher("audit").publish([{ envelope: orderOf(sweeping) }]);
  await service.bus.idle();
  const after = bytesIn(folder);
  await service.drain();
  await elsewhere.close();
  rmSync(folder, { recursive: true });
  const told = service.bus.stored(contract.topic);
  return {
    confirmed: told.filter(({ type }) => type === "erasure.confirmed.v1").map(({ data }) => data),
    before: (text) => before.includes(text),
    after: (text) => after.includes(text),
  };
}

const bytesIn = (folder: string): Buffer =>
  Buffer.concat(readdirSync(folder).map((name) => readFileSync(join(folder, name))));

function orderOf({ customer, person, ticket, now }: Sweeping): Envelope {
  const erasure = derivedId("erasure", ticket);
  return {
    ...{ specversion: "1.0", id: derivedId("order", ticket), source: "audit", sequence: 1 },
    ...{ type: "erasure.ordered.v1", subject: customer.id, time: now.toISOString() },
    ...{ customer: customer.id, correlationid: erasure },
    data: { erasure, part: 1, parts: 1, person, tickets: [ticket] },
  };
}
