// What the emulated model says in German, in Swiss spelling. Every sentence about an action tells what its
// result said, and nothing better.

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

const list = (words: readonly string[]): string => listed(words, "und");
const greeting = (name: string | undefined): string =>
  name === undefined ? "Guten Tag, " : `Guten Tag ${name}, `;

export const germanSentences: Language["say"] = {
  lookingUp: (people) => `Bevor ich etwas ändere, schlage ich ${list(people)} im Verzeichnis nach.`,
  acting: (tools, people) =>
    `Das Ticket verlangt ${list(tools)}${people.length === 0 ? "" : ` für ${list(people)}`}.`,
  told,
  greeting,
  handedOver: (name) =>
    `${greeting(name)}das kann ich leider nicht selbst erledigen. Ich habe Ihr Anliegen an den Service Desk weitergegeben; jemand aus dem Team meldet sich bei Ihnen.`,
  unsettled: (name, sentences) =>
    `${greeting(name)}${sentences} Jemand vom Service Desk übernimmt und meldet sich bei Ihnen.`,
  withoutTools: "Mir steht kein Werkzeug zur Verfügung, deshalb kann ich nichts tun.",
};

function told(about: Told): string {
  const deed = deedOf(about);
  const reading = readingOf(about.result);
  switch (reading.kind) {
    case "denied":
      return refusedBecause(deed, reading.why);
    case "impossible":
      return `${deed} ist nicht möglich: ${causes[reading.cause]}. Es wurde nichts geändert.`;
    case "failed":
      return `ich habe ${deed} versucht, aber das ist fehlgeschlagen. Ob sich etwas geändert hat, ist nicht sicher.`;
    case "unknown":
      return `ich habe ${deed} versucht, weiss aber nicht, ob es geklappt hat.`;
    case "done":
      return done(about);
  }
}

const causes: Readonly<Record<Cause, string>> = {
  "usage-location-missing":
    "Im Verzeichnis fehlt der Nutzungsstandort, den eine Lizenz voraussetzt",
  "no-units-left": "Von diesem Produkt ist keine Lizenz mehr frei",
  "unknown-license": "Die Firma hat kein solches Produkt",
};

function refusedBecause(deed: string, why: Why): string {
  switch (why) {
    case "nobody-of-the-name":
      return "im Verzeichnis habe ich niemanden mit diesem Namen gefunden; ich habe deshalb nichts geändert.";
    case "expired":
      return `für ${deed} hat niemand rechtzeitig die Freigabe erteilt; ich habe deshalb nichts geändert.`;
    case "refused":
      return `für ${deed} haben die zuständigen Personen keine Freigabe erteilt; ich habe deshalb nichts geändert.`;
    case "other":
      return `für ${deed} habe ich keine Berechtigung; ich habe deshalb nichts geändert.`;
  }
}

/** In the accusative, as after `für` and before `versucht`. */
function deedOf({ tool, person, isRequester }: Told): string {
  const other = person ?? "dieser Person";
  switch (tool) {
    case "password.reset":
      return `das Zurücksetzen ${isRequester ? "Ihres Passworts" : `des Passworts von ${other}`}`;
    case "mfa.reset":
      return `das Zurücksetzen ${isRequester ? "Ihrer Mehrfaktor-Anmeldung" : `der Mehrfaktor-Anmeldung von ${other}`}`;
    case "user.facts":
      return `das Nachschlagen ${isRequester ? "Ihres Kontos" : `von ${other}`}`;
    case "sessions.revoke":
      return `das Beenden ${isRequester ? "Ihrer Sitzungen" : `der Sitzungen von ${other}`} auf allen Geräten`;
    case "license.assign":
      return `das Zuweisen der Lizenz ${isRequester ? "an Sie" : `an ${other}`}`;
    case "message.broadcast":
      return "eine Nachricht an alle";
    case "password.read":
      return `das Auslesen ${isRequester ? "Ihres Passworts" : `des Passworts von ${other}`}`;
    default:
      return `die Verwendung von «${tool}»`;
  }
}

function done({ tool, person, isRequester, result }: Told): string {
  const other = person ?? "dieser Person";
  switch (tool) {
    case "password.reset": {
      const what = isRequester ? "Ihr Passwort" : `das Passwort von ${other}`;
      const reader = readerOf(isRequester, other, result);
      const until = openUntil(result, "de-CH");
      const open = until === undefined ? "" : ` und ist bis ${until} gültig`;
      return `ich habe ${what} zurückgesetzt. Das vorläufige Passwort liegt hinter einem Link, der nur einmal funktioniert: Er ging an ${reader}${open}. Ich selbst habe das Passwort nicht gesehen. Es muss bei der ersten Anmeldung geändert werden.`;
    }
    case "mfa.reset": {
      const left = remainingOf(result, { phone: "Telefon", fido2: "Sicherheitsschlüssel" });
      const rest = left.length === 0 ? "" : ` Weiterhin hinterlegt: ${list(left)}.`;
      return isRequester
        ? `ich habe Ihre hinterlegten Methoden der Mehrfaktor-Anmeldung entfernt. Bei der nächsten Anmeldung können Sie neue einrichten.${rest}`
        : `ich habe die hinterlegten Methoden der Mehrfaktor-Anmeldung von ${other} entfernt. Bei der nächsten Anmeldung lassen sich neue einrichten.${rest}`;
    }
    case "sessions.revoke":
      return `ich habe ${isRequester ? "Ihre Sitzungen" : `die Sitzungen von ${other}`} auf allen Geräten beendet. Offene Anwendungen können noch bis zu einer Stunde weiterlaufen, und eine neue Anmeldung ist sofort möglich: Kennt vielleicht jemand anderes das Passwort, sollte es geändert werden.`;
    case "license.assign": {
      const { license, already } = licenceOf(result);
      return already
        ? `die Lizenz ${license} war schon zugewiesen.`
        : `ich habe ${isRequester ? "Ihnen" : other} die Lizenz ${license} zugewiesen.`;
    }
    case "user.facts": {
      const { name = "dieser Person", parts, manager } = profileOf(result);
      const all = manager === undefined ? parts : [...parts, `vorgesetzte Person: ${manager}`];
      return `im Verzeichnis steht zu ${name} Folgendes: ${all.join("; ")}.`;
    }
    default:
      return `ich habe «${tool}» verwendet.`;
  }
}

function readerOf(isRequester: boolean, other: string, result: unknown): string {
  if (isForManager(result))
    return isRequester ? "Ihre vorgesetzte Person" : `die vorgesetzte Person von ${other}`;
  return isRequester ? "Sie" : other;
}
