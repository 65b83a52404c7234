// What an erasure deletes of the documents that the effects keep (`documents.ts`): everything about the actions of
// its tickets. What the person answered about other people's tickets belongs to those.

import type { Sweep } from "@niivo/host/erasure";
import { documentsOf } from "./documents.ts";

export const sweepDocuments: Sweep = async ({ customer, tickets }, { store, keysOf, forget }) => {
  for (const ticket of tickets)
    for (const actionId of await keysOf(ticket))
      await forget(await documentsOf(store, customer, actionId));
  return { documents: 0 };
};
