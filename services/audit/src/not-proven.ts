// What a verification does not prove. It stands in every answer, because a reader who takes more from it than
// it says is worse off than one who has no answer.

export const notProven: readonly string[] = [
  "That nobody who can write to this store recomputed every entry together with the head row: no signed " +
    "statement of the chain's size and root is held by anybody outside this service yet.",
  "That the newest entries were not removed together with the head row. The receipts that the broker holds " +
    "name entries, and can be compared.",
  "That a publisher sent everything it should have sent. Its counters show a message that is missing between " +
    "others, not one that it never numbered or that is missing after the last.",
  "That the times are right: `occurredAt` is the publisher's word and `sealedAt` is this service's clock.",
  "That the messages behind the commitments say what the entries say: their text and salts are not read here.",
  "That this answer itself is honest. The entries are at /entries as canonical bytes: recompute them yourself.",
];
