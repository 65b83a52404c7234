// What a verification does not prove. It stands in every answer, because a reader who takes more from it than it says
// is worse off than one who has no answer.

import type { Mode } from "./verdict.ts";

const always: readonly string[] = [
  "That a publisher sent everything it should have sent. Its counters show a message that is missing between " +
    "others, not one that it never numbered or that is missing after the last.",
  "That the times are right: `occurredAt` is the publisher's word, `sealedAt` the audit service's clock. A witness's " +
    "cosignature only shows that an entry is no younger than it.",
  "That the messages behind the commitments say what the entries say, unless their values were given too.",
];

const byMode: Readonly<Record<Mode, readonly string[]>> = {
  full: [],
  incremental: [
    "Stories that began before the trusted checkpoint: their conduct is judged only where they begin after it.",
    "Counters and links of tickets from before the trusted checkpoint, except that nothing before it changed.",
  ],
  ticket: [
    "Anything about entries of other tickets.",
    "The order of causes, counters and conduct of the whole chain: that takes the whole chain.",
  ],
  entry: [
    "Anything but this: the entry is in the log, at its place, and was when the checkpoint was signed.",
  ],
};

/** @param isWitnessed whether the policy asks for a witness. Without one, two histories cannot be told apart. */
export const notProvenBy = (
  mode: Mode,
  isWitnessed: boolean,
  unattested: number,
): readonly string[] => [
  ...(unattested > 0
    ? [`That the newest ${unattested} entries stay: no accepted checkpoint covers them yet.`]
    : []),
  ...(isWitnessed
    ? []
    : [
        "That the operator shows everybody the same history: the policy asks for no witness. Compare checkpoints " +
          "with somebody else who holds one.",
      ]),
  ...byMode[mode],
  ...always,
];
