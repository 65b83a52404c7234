// Replaces credentials that people paste into tickets, before anything is published (R5). Pure.
//
// Rules look for the shape of a credential, or for the words people put before one. A rule replaces only the
// credential, so that the sentence still says what happened. What has neither shape nor words passes: this
// keeps accidents out of the chain, it is no proof that a text holds no secret.

export const removed = "[credential removed]";

export interface RedactionRule {
  readonly name: string;
  /** Global. Where it has a group `secret`, only that is replaced; otherwise the whole match. */
  readonly pattern: RegExp;
  /** Whether what was found is a credential after all; without it, it is. */
  readonly holds?: (secret: string) => boolean;
}

// Words people put before a password, in the languages of our customers' countries.
const passwordWords = [
  "pass(?:word|code|phrase|wd)",
  "pwd?",
  "pin",
  "(?:pass|kenn|geheim)wort",
  "zugangscode",
  "mots? de passe",
  "mdp",
  "parola d['’]ordine",
  "contraseña",
].join("|");
const stillWords = "now|still|currently|jetzt|noch|maintenant";
const isWords = "is|was|ist|war|lautet|est|è|es|are";

/** A word as ordinary prose has it, with no digit and no capital inside. */
const looksLikeProse = (word: string): boolean => /^\p{L}\p{Ll}*[.,;:!?]*$/u.test(word);
/** Has what ordinary words have not: a digit, a sign, a capital inside. */
const looksMadeUp = (word: string): boolean =>
  !looksLikeProse(word) && /[\d\p{S}!?#&%@*_]|\p{Ll}\p{Lu}/u.test(word);

// After "password:" everything is taken for one, except what people write there about it.
const ordinaryWords = new Set(
  [
    "reset change changed changing expired expires expiring forgot forgotten lost locked unknown wrong",
    "incorrect invalid rejected refused missing please not does doesn't don't can't cannot isn't",
    "won't could need needs never unable help the this that and how what when why still was has have",
    "policy manager protection request issue problem error",
    "zurücksetzen vergessen abgelaufen gesperrt falsch unbekannt bitte nicht funktioniert geht ändern",
    "oublié expiré perdu bloqué incorrect réinitialiser réinitialisation svp merci scaduta dimenticata",
  ].flatMap((line) => line.split(" ")),
);
const isOrdinary = (word: string): boolean =>
  ordinaryWords.has(word.toLowerCase().replace(/[.,;:!?]+$/, ""));
const afterWords = (rest: string): RegExp =>
  new RegExp(`(?<![\\p{L}\\d])(?:${passwordWords})${rest}`, "giu");
const isRemoved = (secret: string): boolean => removed.includes(secret);

export const redactionRules: readonly RedactionRule[] = [
  {
    name: "private-key",
    pattern:
      /-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----[\s\S]*?(?:-----END [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----|$)/g,
  },
  {
    name: "json-web-token",
    pattern: /\beyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]*/g,
  },
  {
    name: "azure-key",
    pattern:
      /\b(?:AccountKey|SharedAccessKey|SharedSecret|SharedAccessSignature|AccessKey|Password|Pwd)\s*=\s*(?<secret>[^\s;"']{6,})/gi,
  },
  { name: "shared-access-signature", pattern: /[?&;]sig=(?<secret>[A-Za-z0-9%+/=_-]{16,})/gi },
  // Entra client secrets have `7Q~` or `8Q~` after three characters.
  {
    name: "entra-client-secret",
    pattern: /(?<![A-Za-z0-9_~.-])[A-Za-z0-9_~.-]{3}\dQ~[A-Za-z0-9_~.-]{31,34}/g,
  },
  { name: "aws-access-key", pattern: /\b(?:AKIA|ASIA)[A-Z0-9]{16}\b/g },
  { name: "github-token", pattern: /\b(?:gh[pousr]_[A-Za-z0-9]{36,255}|github_pat_\w{40,255})/g },
  {
    name: "slack-token",
    pattern: /\bxox[abceoprs]-[A-Za-z0-9-]{10,255}|\bxapp-\d-[A-Za-z0-9-]{10,255}/g,
  },
  {
    name: "slack-webhook",
    pattern:
      /hooks\.slack\.com\/(?:services|workflows|triggers)\/(?<secret>[A-Za-z0-9+/]{20,100})/g,
  },
  { name: "stripe-key", pattern: /\b(?:[rs]k_(?:live|test)|whsec)_[A-Za-z0-9]{16,255}/g },
  { name: "openai-key", pattern: /\bsk-(?:proj-|svcacct-|admin-|ant-)?[A-Za-z0-9_-]{20,255}/g },
  { name: "google-key", pattern: /\bAIza[A-Za-z0-9_-]{35}/g },
  { name: "gitlab-token", pattern: /\bgl(?:pat|ptt|dt|rt)-[A-Za-z0-9_-]{20,255}/g },
  {
    name: "authorization-header",
    pattern: /\b(?:Bearer|Basic)\s+(?<secret>[A-Za-z0-9._~+/-]{16,}=*)/gi,
    holds: (secret) => /[\dA-Z]/.test(secret),
  },
  {
    name: "address-with-password",
    pattern: /\b[a-z][a-z0-9+.-]{0,30}:\/\/[^\s/:@]{1,64}:(?<secret>[^\s/@]{1,128})@/gi,
  },
  // 48 digits in eight groups.
  { name: "bitlocker-recovery-key", pattern: /\b\d{6}(?:-\d{6}){7}\b/g },
  // name = value and name: value, as configurations have it.
  {
    name: "named-secret",
    pattern:
      /\b(?:client[_ -]?secret|api[_ -]?(?:key|token)|access[_ -]?(?:key|token)|secret[_ -]?key|auth[_ -]?token|refresh[_ -]?token|secret|token)["']?\s*(?:=>|:=|=|:)\s*["']?(?<secret>[^\s"',;)]{8,})/gi,
    holds: (secret) => !looksLikeProse(secret),
  },
  // "password: xyz", "Passwort = xyz", "password (old): xyz".
  {
    name: "password-after-sign",
    pattern: afterWords(
      `(?:[^\\S\\n]*\\([^)\\n]{0,40}\\)|\\s+(?:${isWords}))?["']?[^\\S\\n]*(?::=|=|:|->|→)[^\\S\\n]*["'«„“]?(?<secret>[^\\s"'»“”]{3,128})`,
    ),
    holds: (secret) => !isOrdinary(secret),
  },
  {
    name: "password-on-next-line",
    pattern: afterWords(`[^\\S\\n]*:[^\\S\\n]*\\r?\\n\\s{0,20}(?<secret>[^\\s"']{4,128})`),
    holds: looksMadeUp,
  },
  // "my password is xyz", "das Passwort lautet xyz": a word of ordinary prose is left alone.
  {
    name: "password-in-sentence",
    pattern: afterWords(
      `\\s+(?:(?:${stillWords})\\s+)?(?:${isWords})\\s+(?:(?:${stillWords})\\s+)?["'«„“]?(?<secret>[^\\s"'»“”]{4,128})`,
    ),
    holds: looksMadeUp,
  },
  // In quotes it is meant literally, whatever it looks like: my password is "summer".
  {
    name: "password-in-quotes",
    pattern: afterWords(
      `\\s+(?:${isWords})\\s*:?\\s*(?:"(?<secret>[^"\\n]{3,128})"|“(?<curly>[^”\\n]{3,128})”)`,
    ),
  },
];

export interface Redacted {
  readonly text: string;
  /** Names of the rules that found something. */
  readonly rules: readonly string[];
}

/** The text without the credentials that any rule finds, rules in their order. */
export function redact(text: string): Redacted {
  const rules: string[] = [];
  let rest = text;
  for (const { name, pattern, holds } of redactionRules) {
    const before = rest;
    rest = before.replace(pattern, (match: string, ...found: unknown[]) => {
      const secret = groupOf(found.at(-1)) ?? match;
      if (isRemoved(secret) || (holds !== undefined && !holds(secret))) return match;
      const start = match.lastIndexOf(secret);
      return `${match.slice(0, start)}${removed}${match.slice(start + secret.length)}`;
    });
    if (rest !== before) rules.push(name);
  }
  return { text: rest, rules };
}

// The last argument of a replacer is the object of named groups, where the pattern has any.
function groupOf(groups: unknown): string | undefined {
  if (typeof groups !== "object" || groups === null) return undefined;
  return Object.values(groups).find((group) => typeof group === "string");
}
