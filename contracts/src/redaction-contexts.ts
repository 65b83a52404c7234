// Redaction rules for credentials that can be told by what stands before them: a header, a name and a sign,
// or the words people use, in English, German, French and Italian. Pure.

import {
  isPlaceholder,
  looksLikeProse,
  looksMadeUp,
  looksRandom,
  type RedactionRule,
} from "./redaction-rule.ts";

// Words people put before a password, in the languages of our customers' countries.
const passwordWords = [
  "pass(?:word|code|phrase|wd)?",
  "pwd?",
  "pin(?:-?code)?",
  "\\p{L}{0,20}(?:pass|kenn|geheim)wort",
  "(?:zugangs|sicherheits)code",
  "mots? de passe",
  "mdp",
  "code (?:secret|d['’]accès)",
  "parola (?:d['’](?:ordine|accesso)|chiave)",
  "codice (?:segreto|di accesso)",
  "contraseña",
].join("|");
const stillWords =
  "now|still|currently|jetzt|noch|neu|maintenant|toujours|adesso|ora|ancora|attualmente";
const isWords = "is|was|ist|war|lautet|est|était|sera|è|era|sarà|es|are";
const setWords =
  "set|reset|changed|gesetzt|geändert|zurückgesetzt|mis|changé|modifié|réinitialisé|cambiata|impostata|modificata|reimpostata";
const toWords = "to|auf|zu|à|en|sur|a|in|su|con";

// After "password:" everything is taken for one, except what people write there about it.
const ordinaryWords = new Set(
  [
    "reset change changed changing expired expires expiring forgot forgotten lost locked unknown wrong",
    "incorrect invalid rejected refused missing please not does doesn't don't can't cannot isn't",
    "won't could need needs never unable help the this that and how what when why still was has have",
    "policy manager protection request issue problem error none yes no",
    "zurücksetzen vergessen abgelaufen gesperrt falsch unbekannt bitte nicht funktioniert geht ändern",
    "oublié expiré perdu bloqué incorrect réinitialiser réinitialisation svp merci ne inconnu",
    "scaduta dimenticata persa bloccata errata sconosciuta reimpostare cambiare non grazie",
  ].flatMap((line) => line.split(" ")),
);
const isOrdinary = (word: string): boolean =>
  ordinaryWords.has(word.toLowerCase().replace(/[.,;:!?]+$/, ""));
const afterWords = (rest: string): RegExp =>
  new RegExp(`(?<![\\p{L}\\d])(?:${passwordWords})${rest}`, "giu");

/** A letter, a digit and a sign within, and no address: what hardly anything but a password has. */
const looksLikePassword = (word: string): boolean =>
  /\p{L}/u.test(word) &&
  /\d/.test(word) &&
  /[!#$%&*+=?^~@](?!$)/.test(word.replace(/[.,;:!?)]+$/, "x")) &&
  !/@[\p{L}\d-]+\.|:\/\/|\\\\/u.test(word);

const headerRules: readonly RedactionRule[] = [
  {
    name: "authorization-header",
    pattern: /\b(?:Bearer|Basic)\s+(?<secret>[A-Za-z0-9._~+/-]{16,}=*)/gi,
    holds: (secret) => /[\dA-Z]/.test(secret) && !isPlaceholder(secret),
  },
  {
    name: "authorization-line",
    pattern:
      /\bAuthorization["']?\s{0,9}[:=]\s{0,9}["']?(?:[A-Za-z][\w-]{1,20}\s{1,9})?(?<secret>[^\s"'\\,;]{8,4000})/gi,
    holds: (secret) => looksMadeUp(secret) && !isPlaceholder(secret),
  },
  {
    name: "command-line",
    pattern:
      /\bcurl\b[^\n]{0,300}?\s(?:-u|--user|--proxy-user)[\s=]{1,9}["']?[^\s:"']{1,64}:(?<secret>[^\s"']{3,128})/g,
    holds: (secret) => looksMadeUp(secret) && !isPlaceholder(secret),
  },
  {
    name: "secure-string",
    pattern:
      /\bConvertTo-SecureString\s{1,9}(?:-String\s{1,9})?["'](?<secret>[^"'\n]{3,128})["']/gi,
    holds: (secret) => !isPlaceholder(secret),
  },
];

// name = value and name: value, as configurations have it.
const namedRules: readonly RedactionRule[] = [
  {
    name: "connection-string",
    pattern:
      /\b(?:AccountKey|SharedAccessKey|SharedSecret|SharedAccessSignature|AccessKey|Password|Pwd)\s{0,9}=\s{0,9}(?<secret>[^\s;"']{6,})/gi,
    holds: (secret) => !/^(?:[<{]|\$[{(]?\w+[)}]?$|%\w+%$)/.test(secret),
  },
  {
    name: "named-secret",
    pattern:
      /\b(?:client[_ -]?secret|api[_ -]?(?:key|token)|access[_ -]?(?:key|token)|secret[_ -]?key|auth[_ -]?token|refresh[_ -]?token|secret|token)["']?\s{0,9}(?:=>|:=|=|:)\s{0,9}["']?(?<secret>[^\s"',;)]{8,})/gi,
    holds: (secret) => !looksLikeProse(secret) && !isPlaceholder(secret),
  },
  // The same as the end of a longer name, where the value must look drawn: BACKUP_TOKEN=…, dbSecret: '…'.
  {
    name: "long-named-secret",
    pattern:
      /(?:secret|token|credentials?|(?:api|access|secret|private|account|encryption|signing|master|storage|shared|subscription|licen[cs]e)[_ -]?key)(?:[_ -]?value)?["']?\s{0,9}(?:=>|:=|=|:)\s{0,9}["']?(?<secret>[^\s"',;)]{16,})/gi,
    holds: looksRandom,
  },
];

const saidRules: readonly RedactionRule[] = [
  // "password: xyz", "Passwort = xyz", "password (old): xyz".
  {
    name: "password-after-sign",
    pattern: afterWords(
      `(?:[^\\S\\n]{0,9}\\([^)\\n]{0,40}\\)|\\s{1,9}(?:${isWords}))?["']?[^\\S\\n]{0,9}(?::=|=|:|->|→)[^\\S\\n]{0,9}["'«„“]?(?<secret>[^\\s"'»“”]{3,128})`,
    ),
    holds: (secret) => !isOrdinary(secret),
  },
  {
    name: "password-on-next-line",
    pattern: afterWords(`[^\\S\\n]{0,9}:[^\\S\\n]{0,9}\\r?\\n\\s{0,20}(?<secret>[^\\s"']{4,128})`),
    holds: looksMadeUp,
  },
  // "my password is xyz", "das Passwort lautet xyz": a word of ordinary prose is left alone.
  {
    name: "password-in-sentence",
    pattern: afterWords(
      `\\s{1,9}(?:(?:${stillWords})\\s{1,9})?(?:${isWords})\\s{1,9}(?:(?:${stillWords})\\s{1,9})?["'«„“]?(?<secret>[^\\s"'»“”]{4,128})`,
    ),
    holds: looksMadeUp,
  },
  // "the password was changed to xyz", "das Passwort wurde auf xyz gesetzt".
  {
    name: "password-set-to",
    pattern: afterWords(
      `[^.;:\\n]{1,40}?\\s(?:(?:${setWords})\\s{1,9}(?:${toWords})|auf)\\s{1,9}["'«„“]?(?<secret>[^\\s"'»“”]{4,128})`,
    ),
    holds: (secret) => looksMadeUp(secret) && /\d/.test(secret) && /\p{L}/u.test(secret),
  },
  // "log in with password xyz": nothing between, so it has to look like nothing else.
  {
    name: "password-beside-word",
    pattern: afterWords(`\\s{1,9}["'«„“]?(?<secret>[^\\s"'»“”]{6,128})`),
    holds: looksLikePassword,
  },
  // In quotes it is meant literally, whatever it looks like: my password is "summer".
  {
    name: "password-in-quotes",
    pattern: afterWords(
      `\\s{1,9}(?:${isWords})\\s{0,9}:?\\s{0,9}(?:"(?<secret>[^"\\n]{3,128})"|“(?<curly>[^”\\n]{3,128})”|«\\s?(?<angled>[^»\\n]{3,128}?)\\s?»|„(?<low>[^“\\n]{3,128})“)`,
    ),
  },
];

export const contextRules: readonly RedactionRule[] = [...headerRules, ...namedRules, ...saidRules];
