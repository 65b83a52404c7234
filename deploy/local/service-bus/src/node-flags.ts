// How Node is started for the bus. Nearly everything a message needs is garbage after one turn: a large
// young generation keeps it longer and gains nothing (docs/performance.md has the figures).

/** To be given to the process that runs `main.ts`; the young generation cannot be set from inside. */
export const nodeFlags: readonly string[] = ["--max-semi-space-size=4"];
