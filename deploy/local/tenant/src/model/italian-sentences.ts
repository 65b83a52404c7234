// What the emulated model says in Italian. Every sentence about an action tells what its result said, and
// nothing better.

import type { Language, Told } from "./language.ts";
import {
  type Cause,
  isForManager,
  licenceOf,
  listed,
  openUntil,
  profileOf,
  readingOf,
  remainingOf,
  type Why,
} from "./results.ts";

const list = (words: readonly string[]): string => listed(words, "e");
const greeting = (name: string | undefined): string =>
  name === undefined ? "Buongiorno, " : `Buongiorno ${name}, `;

export const italianSentences: Language["say"] = {
  lookingUp: (people) => `Prima di modificare qualcosa consulto i dati di ${list(people)}.`,
  acting: (tools, people) =>
    `Il ticket chiede ${list(tools)}${people.length === 0 ? "" : ` per ${list(people)}`}.`,
  told,
  greeting,
  handedOver: (name) =>
    `${greeting(name)}purtroppo non posso occuparmene io. Ho inoltrato la Sua richiesta al service desk: una persona del team La contatterà.`,
  unsettled: (name, sentences) =>
    `${greeting(name)}${sentences} Se ne occuperà una persona del service desk, che La contatterà.`,
  withoutTools: "Non ho strumenti a disposizione, quindi non posso fare nulla.",
};

const unchanged = "non è stato modificato nulla.";

function told(about: Told): string {
  const deed = deedOf(about);
  const reading = readingOf(about.result);
  switch (reading.kind) {
    case "denied":
      return refusedBecause(deed, reading.why);
    case "impossible":
      return `non è possibile ${deed}: ${causes[reading.cause]}; ${unchanged}`;
    case "failed":
      return `ho provato a ${deed}, ma l’operazione non è riuscita. Non è certo che qualcosa sia cambiato.`;
    case "unknown":
      return `ho provato a ${deed}, ma non so se l’operazione sia riuscita.`;
    case "done":
      return done(about);
  }
}

const causes: Readonly<Record<Cause, string>> = {
  "usage-location-missing":
    "nella directory manca la località di utilizzo, necessaria per una licenza",
  "no-units-left": "non ci sono più licenze disponibili di questo prodotto",
  "unknown-license": "l’azienda non ha questo prodotto",
};

function refusedBecause(deed: string, why: Why): string {
  switch (why) {
    case "nobody-of-the-name":
      return `nella directory non ho trovato nessuno con questo nome; ${unchanged}`;
    case "expired":
      return `nessuno ha dato in tempo l’approvazione per ${deed}; ${unchanged}`;
    case "refused":
      return `le persone responsabili non hanno dato l’approvazione per ${deed}; ${unchanged}`;
    case "other":
      return `non sono autorizzato a ${deed}; ${unchanged}`;
  }
}

function deedOf({ tool, person, isRequester }: Told): string {
  const other = person ?? "questa persona";
  switch (tool) {
    case "password.reset":
      return `reimpostare ${isRequester ? "la Sua password" : `la password di ${other}`}`;
    case "mfa.reset":
      return `reimpostare ${isRequester ? "la Sua autenticazione a più fattori" : `l’autenticazione a più fattori di ${other}`}`;
    case "user.facts":
      return `consultare ${isRequester ? "i Suoi dati" : `i dati di ${other}`} nella directory`;
    case "sessions.revoke":
      return `chiudere ${isRequester ? "le Sue sessioni" : `le sessioni di ${other}`} su tutti i dispositivi`;
    case "license.assign":
      return `assegnare la licenza ${isRequester ? "al Suo account" : `all’account di ${other}`}`;
    case "message.broadcast":
      return "inviare un messaggio a tutti";
    case "password.read":
      return `leggere ${isRequester ? "la Sua password" : `la password di ${other}`}`;
    default:
      return `usare «${tool}»`;
  }
}

function done({ tool, person, isRequester, result }: Told): string {
  const other = person ?? "questa persona";
  switch (tool) {
    case "password.reset": {
      const what = isRequester ? "la Sua password" : `la password di ${other}`;
      const until = openUntil(result, "it-CH");
      const open = until === undefined ? "" : ` e resta valido fino al ${until}`;
      return `ho reimpostato ${what}. La password provvisoria è disponibile tramite un link utilizzabile una sola volta, che ${deliveredTo(isRequester, other, result)}${open}. Io non ho visto la password. Andrà cambiata al primo accesso.`;
    }
    case "mfa.reset": {
      const left = remainingOf(result, { phone: "telefono", fido2: "chiave di sicurezza" });
      const rest = left.length === 0 ? "" : ` Resta registrato: ${list(left)}.`;
      return isRequester
        ? `ho rimosso i Suoi metodi di autenticazione a più fattori. Al prossimo accesso potrà registrarne di nuovi.${rest}`
        : `ho rimosso i metodi di autenticazione a più fattori di ${other}. Al prossimo accesso se ne potranno registrare di nuovi.${rest}`;
    }
    case "sessions.revoke":
      return `ho chiuso ${isRequester ? "le Sue sessioni" : `le sessioni di ${other}`} su tutti i dispositivi. Le applicazioni aperte possono funzionare ancora per un’ora al massimo e un nuovo accesso è possibile subito: se qualcun altro potrebbe conoscere la password, è meglio cambiarla.`;
    case "license.assign": {
      const { license, already } = licenceOf(result);
      return already
        ? `la licenza ${license} era già assegnata.`
        : `ho assegnato la licenza ${license} ${isRequester ? "al Suo account" : `all’account di ${other}`}.`;
    }
    case "user.facts": {
      const { name = "questa persona", parts, manager } = profileOf(result);
      const all = manager === undefined ? parts : [...parts, `responsabile: ${manager}`];
      return `ecco cosa risulta nella directory su ${name}: ${all.join("; ")}.`;
    }
    default:
      return `ho usato «${tool}».`;
  }
}

function deliveredTo(isRequester: boolean, other: string, result: unknown): string {
  if (isForManager(result))
    return isRequester
      ? "è stato inviato al Suo superiore"
      : `è stato inviato alla persona responsabile di ${other}`;
  return isRequester ? "Le è stato inviato" : `è stato inviato a ${other}`;
}
