// What a stored message waits for. A lock is not a state of the store: locks live in memory alone.

export const rowState = { active: 0, deferred: 1, scheduled: 2 } as const;
export type RowState = (typeof rowState)[keyof typeof rowState];
