// The anchor port: a place in other hands than the store's that keeps checkpoints, so that nobody can rewrite or cut
// a chain without that place knowing better.

/** A checkpoint on its way to the anchors. */
export interface Anchored {
  readonly customer: string;
  readonly chain: string;
  readonly size: number;
  readonly root: string;
  readonly note: string;
  readonly signedAt: string;
  /** The size this anchor took last, as the store remembers it: the anchor itself may not know less. */
  readonly tookBefore: number;
}

export type AnchorAnswer =
  | { readonly kind: "anchored"; readonly cosignatures?: string }
  /** It says no, and asking again changes nothing: somebody has to look. */
  | { readonly kind: "refused"; readonly code: string }
  /** It did not answer in time; the next checkpoint covers this one. */
  | { readonly kind: "unreachable" };

/**
 * Durability: `anchored` means that it will still be there after a loss of power here and there.
 * Ordering: sizes only grow. Concurrency: one process at a time. Retry: the same checkpoint twice is kept once or twice,
 * never refused. Deadlines: its own, shorter than the signal's.
 */
export interface Anchor {
  readonly name: string;
  /** Whether it keeps the checkpoints of this customer. */
  readonly takes: (customer: string) => boolean;
  readonly append: (checkpoint: Anchored, signal: AbortSignal) => Promise<AnchorAnswer>;
}

/** One line of an anchor: what a reader needs to compare. */
export const anchorLine = ({ size, root, signedAt, note }: Anchored): string =>
  `${JSON.stringify({ size, root, signedAt, note })}\n`;
