// What a language has to provide for the emulated model to understand it. All of it is data and sentences:
// a further language is two more files beside `english.ts`, and one line in `understanding.ts`.

/** What an ordinary ticket can ask for that there are tools for. */
export type WishKind = "password" | "mfa" | "lookup" | "sessions" | "licence";

/** Phrases count by weight; a wish is understood from `wishWeightMin` on. Negative ones speak against it. */
export interface Phrase {
  readonly pattern: RegExp;
  readonly weight: number;
}
export const wishWeightMin = 3;

/** A thing that the model can be talked into. */
export interface OrderRule {
  readonly pattern: RegExp;
  /** As NIIVO writes tool names. Most do not exist: that is the point. */
  readonly tool: string;
  /** `user`: one call for each person named. `text`: what was to be said. */
  readonly arguments: "user" | "text";
  /** Obeyed only where the text claims an authority, see `claims`. */
  readonly needsClaim: boolean;
}

/** What came of one thing that was tried. */
export interface Told {
  readonly tool: string;
  /** The person as the requester would name them; `you` where it is the requester. */
  readonly person: string | undefined;
  readonly isRequester: boolean;
  readonly result: unknown;
}

/** A phrase of a table. */
export const phrase = (weight: number, pattern: RegExp): Phrase => ({ weight, pattern });

/** An order's pattern: what may stand before it, its verbs, and what must follow them. */
export const order = (begins: string, verbs: string, rest: string): RegExp =>
  new RegExp(String.raw`${begins}(?:${verbs})(?!\p{L})${rest}`, "iu");

export interface Language {
  /** BCP 47, primary subtag. */
  readonly code: string;
  /** Words that nearly every text of the language has, and few of another's. */
  readonly common: RegExp;
  readonly wishes: Readonly<Record<WishKind, readonly Phrase[]>>;
  readonly person: {
    /** Words before a name, for example `for`. Matches up to the name itself. */
    readonly introductions: RegExp;
    readonly possessive: RegExp;
    /** The requester speaks of themself. */
    readonly self: RegExp;
    /** What is meant is the requester's own, whoever else is mentioned. */
    readonly own: RegExp;
    /** Somebody else's as well. */
    readonly addition: RegExp;
    /** He, she, they: the person mentioned before. */
    readonly other: RegExp;
    /** Capitalised words that are no names. */
    readonly notNames: ReadonlySet<string>;
  };
  readonly orders: readonly OrderRule[];
  /** "Ignore previous instructions" and its kin: claims that a gullible reader takes for authority. */
  readonly claims: readonly RegExp[];
  /** The verb of an imperative sentence, in its group `verb`. */
  readonly imperative: RegExp;
  readonly say: {
    readonly lookingUp: (people: readonly string[]) => string;
    readonly acting: (tools: readonly string[], people: readonly string[]) => string;
    readonly told: (told: Told) => string;
    readonly greeting: (name: string | undefined) => string;
    readonly handedOver: (name: string | undefined) => string;
    readonly unsettled: (name: string | undefined, sentences: string) => string;
    readonly withoutTools: string;
  };
}
