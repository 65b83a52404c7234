// The values of a turn's messages, encrypted before the turn is committed. A key that is drawn for a turn that is never
// committed harms nobody.
//
// Invariants:
//   K3. No value is encrypted for somebody whose erasure is sealed, before or in this very turn: their key is about to
//       be shredded, and the value would be missing without a reason in the chain.

import type { Json } from "@niivo/contracts/canonical";
import type { StoreReader } from "@niivo/host/store";
import type { Sealing } from "./log.ts";
import { erasedId, nameOf } from "./rows.ts";
import { sealValue } from "./sealed-value.ts";
import { nobody, type ValueKeys } from "./value-keys.ts";
import type { SealedMessage } from "./work.ts";

/** By the message's name. @throws StoreError `unavailable` */
export async function sealValues(
  {
    store,
    keys,
    customer,
  }: {
    readonly store: StoreReader;
    readonly keys: ValueKeys;
    readonly customer: string;
  },
  { messages, orders, known }: Pick<Sealing, "messages" | "orders" | "known">,
): Promise<ReadonlyMap<string, Json>> {
  const people = new Map(messages.map((message) => [message, namedBy(message, known)]));
  const all = new Set([...people.values()].flat());
  const now = new Set(orders.map(({ order }) => order.pseudonym));
  const gone = new Set<string>(); // K3
  for (const one of all)
    if (now.has(one) || (await store.read(customer, erasedId(one))) !== undefined) gone.add(one);
  const kept = [nobody, ...all].filter((one) => !gone.has(one));
  const drawn = await keys.draw(customer, messages.length === 0 ? [] : kept);
  return new Map(
    messages.map((message) => {
      const { event, salt } = message;
      const names = (people.get(message) ?? []).filter((one) => drawn.has(one)).sort();
      const its = new Map(
        (names.length === 0 ? [nobody] : names).flatMap((one) => {
          const key = drawn.get(one);
          return key === undefined ? [] : [[one, key] as const];
        }),
      );
      const name = nameOf(event);
      const plain: Json = JSON.parse(JSON.stringify(event));
      return [name, sealValue(its, { customer, name }, { salt, message: plain })] as const;
    }),
  );
}

/** Everybody the entry names, and whose ticket it is. */
function namedBy({ text, entry }: SealedMessage, { tickets }: Sealing["known"]): string[] {
  const subjects = entry.ticket === undefined ? [] : (tickets.get(entry.ticket.id)?.people ?? []);
  return [...new Set([...(text.match(/psn:[0-9a-f]{32}/g) ?? []), ...subjects])];
}
