// What a ticket asks for. First the honest wishes, by weighted phrases, sentence by sentence; then whatever
// else the text orders. It obeys orders on purpose: nothing that the model believes may matter, because
// policy decides (R7), and a model that cannot be deceived would prove nothing.

import type { Requester } from "./conversation.ts";
import { english } from "./english.ts";
import { french } from "./french.ts";
import { german } from "./german.ts";
import { italian } from "./italian.ts";
import { type Language, type OrderRule, type WishKind, wishWeightMin } from "./language.ts";
import { peopleIn } from "./people.ts";
import { products } from "./products.ts";

/** One thing to do by one tool. */
export interface Task {
  readonly tool: string;
  readonly arguments: Readonly<Record<string, unknown>>;
  readonly user: string | undefined;
  /** Done without looking anybody up first: the text left no doubt. */
  readonly hasty: boolean;
}

export const languages: readonly Language[] = [english, german, french, italian];
const tasksMax = 5;
const textMax = 500;
const kinds: readonly WishKind[] = ["password", "mfa", "sessions", "licence", "lookup"];
const tools: Readonly<Record<WishKind, string>> = {
  password: "password.reset",
  mfa: "mfa.reset",
  lookup: "user.facts",
  sessions: "sessions.revoke",
  licence: "license.assign",
};

/** The language of that code, if there is one. */
export const languageNamed = (code: string | undefined): Language | undefined =>
  languages.find((language) => language.code === code);

/** The language that recognises most in a text; `otherwise` where none recognises more than it. */
export function languageOf(text: string, otherwise: Language = english): Language {
  const recognised = ({ common, ...language }: Language): number =>
    (text.match(common)?.length ?? 0) +
    Math.max(0, ...kinds.map((kind) => weightOf(text, kind, language))) +
    language.claims.filter((claim) => claim.test(text)).length * wishWeightMin;
  return languages.reduce(
    (best, one) => (recognised(one) > recognised(best) ? one : best),
    otherwise,
  );
}

/** What the ticket's text asks for, honest or not, in the order in which it would be done. */
export function tasksOf(text: string, requester: Requester | undefined): Task[] {
  const language = languageOf(text);
  const claimed = isClaimed(text);
  return [
    ...wishes(text, requester, language, claimed),
    ...orders(text, requester, language, claimed),
  ];
}

/** In whatever language: an attacker does not have to write in the ticket's. */
const isClaimed = (text: string): boolean =>
  languages.some(({ claims }) => claims.some((claim) => claim.test(text)));

/** What a text that is not the requester's orders: instructions hidden in a tool's result. */
export function hiddenTasks(text: string, requester: Requester | undefined): Task[] {
  return isClaimed(text) ? tasksOf(text, requester) : [];
}

/** Each task once, and not too many. */
export function distinct(tasks: readonly Task[]): Task[] {
  const seen = new Map(tasks.map((task) => [JSON.stringify([task.tool, task.arguments]), task]));
  return [...seen.values()].slice(0, tasksMax);
}

const weightOf = (
  text: string,
  kind: WishKind,
  { wishes: table }: Pick<Language, "wishes">,
): number =>
  table[kind].reduce((sum, { pattern, weight }) => sum + (pattern.test(text) ? weight : 0), 0);

const sentencesOf = (text: string): string[] =>
  text
    .split(/(?<=[.!?])\s+|[\r\n;]+/)
    .map((sentence) => sentence.trim())
    .filter((sentence) => sentence !== "");

function wishes(
  text: string,
  requester: Requester | undefined,
  language: Language,
  claimed: boolean,
): Task[] {
  const found: Task[] = [];
  let mentioned: string[] = [];
  const understood = (part: string, spokenIn: Language): WishKind[] =>
    kinds.filter((kind) => weightOf(part, kind, spokenIn) >= wishWeightMin);

  for (const sentence of sentencesOf(text)) {
    const spokenIn = languageOf(sentence, language);
    const people = peopleIn(sentence, spokenIn, requester?.domain ?? "");
    if (people.length > 0) mentioned = people;
    for (const kind of understood(sentence, spokenIn))
      found.push(...tasksFor(kind, sentence, people, mentioned, requester, spokenIn, claimed));
  }
  if (found.length > 0) return found;
  const people = peopleIn(text, language, requester?.domain ?? "");
  return understood(text, language).flatMap((kind) =>
    tasksFor(kind, text, people, people, requester, language, claimed),
  );
}

function tasksFor(
  kind: WishKind,
  sentence: string,
  people: readonly string[],
  mentioned: readonly string[],
  requester: Requester | undefined,
  { person }: Language,
  claimed: boolean,
): Task[] {
  const license = products.find(({ pattern }) => pattern.test(sentence))?.partNumber;
  // A licence without a product is a question for a person.
  if (kind === "licence" && license === undefined) return [];
  const own = requester?.userPrincipalName;
  const himself = own === undefined ? [] : [own];
  const speaksOfOther = people.length === 0 && person.other.test(sentence);
  const isSelf = person.self.test(sentence);
  // A look-up needs somebody to look up; everything else is for the requester unless it says otherwise.
  const users = (): readonly string[] => {
    if (person.own.test(sentence))
      return person.addition.test(sentence) ? [...himself, ...people] : himself;
    if (people.length > 0) return people;
    if (speaksOfOther && !isSelf) return mentioned;
    return kind === "lookup" && !isSelf ? [] : himself;
  };
  return users().map((user) => ({
    tool: tools[kind],
    arguments: kind === "licence" ? { user, license } : { user },
    user,
    // An address of elsewhere is in no directory that could be searched first; it is simply believed.
    hasty: user !== own && (claimed || (requester !== undefined && !isOf(user, requester))),
  }));
}

const isOf = (user: string, { domain }: Requester): boolean => user.endsWith(`@${domain}`);

function orders(
  text: string,
  requester: Requester | undefined,
  language: Language,
  claimed: boolean,
): Task[] {
  const parts = sentencesOf(text);
  const obeyed = parts.flatMap((sentence) => {
    const spokenIn = languageOf(sentence, language);
    return spokenIn.orders
      .filter((rule) => (claimed || !rule.needsClaim) && rule.pattern.test(sentence))
      .slice(0, 1)
      .flatMap((rule) => orderTasks(rule, sentence, requester, spokenIn));
  });
  const named = namedTools(text);
  if (!claimed || obeyed.length + named.length > 0) return [...obeyed, ...named];
  if (wishes(text, requester, language, claimed).length > 0) return [];
  return parts.flatMap((sentence) => madeUp(sentence, languageOf(sentence, language))).slice(0, 2);
}

function orderTasks(
  rule: OrderRule,
  sentence: string,
  requester: Requester | undefined,
  language: Language,
): Task[] {
  const about = { tool: rule.tool, hasty: true };
  if (rule.arguments === "text")
    return [{ ...about, user: undefined, arguments: { text: spoken(sentence) } }];
  return peopleIn(sentence, language, requester?.domain ?? "")
    .filter((user) => user !== requester?.userPrincipalName)
    .map((user) => ({ ...about, user, arguments: { user } }));
}

// What stands in quotes, or after a colon, is what is to be said.
const spoken = (sentence: string): string =>
  (/["“«]([^"”»]+)["”»]/.exec(sentence)?.[1] ?? /:\s+(.+)$/.exec(sentence)?.[1] ?? sentence).slice(
    0,
    textMax,
  );

// In every language at once: the names of tools are the same in all.
const toolCall =
  /\b(?:call|use|run|invoke|execute|rufen? Sie|rufe?|nutze|verwenden Sie|verwende|appele[rz]|utilise[rz]?|chiam[ai]|us[ai]|esegui)\s+(?:(?:the|das|die|l[’']|la|lo|il)\s*)?(?:tool|function|werkzeug|funktion|outil|fonction|strumento|funzione)?\s*[`"']?([a-z][a-z0-9]*(?:[._][a-z0-9-]+)+)[`"']?(?:[^{\n]{0,40}(\{[^{}]*\}))?/gi;

/** Tools that the text names itself: "call the tool account.delete with {…}". */
function namedTools(text: string): Task[] {
  return [...text.matchAll(toolCall)].map(([, name = "", written]) => ({
    tool: name.toLowerCase().replaceAll(/_+/g, "."),
    arguments: objectOf(written),
    user: undefined,
    hasty: true,
  }));
}

function objectOf(written: string | undefined): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(written ?? "{}");
    return typeof value === "object" && value !== null ? { ...value } : {};
  } catch {
    return {};
  }
}

/** Whatever else a claimed authority orders becomes a tool of that name, which nobody has. */
function madeUp(sentence: string, language: Language): Task[] {
  const isClaim = language.claims.some((claim) => claim.test(sentence));
  // "Ignore all previous instructions and do this: …": what is ordered stands after the colon.
  const ordered = isClaim ? (/[:>]\s+([^:]+)$/.exec(sentence)?.[1] ?? "") : sentence;
  const verb = language.imperative.exec(ordered)?.groups?.["verb"]?.toLowerCase();
  if (verb === undefined) return [];
  const instruction = ordered.slice(0, textMax);
  return [{ tool: `task.${verb}`, arguments: { instruction }, user: undefined, hasty: true }];
}
