// What the emulated model says in French. Every sentence about an action tells what its result said, and
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

const list = (words: readonly string[]): string => listed(words, "et");
const greeting = (name: string | undefined): string =>
  name === undefined ? "Bonjour, " : `Bonjour ${name}, `;

/** `de`, or `d’` before a vowel. */
const de = (words: string): string =>
  /^[aeiouàâéèêëîïôûü]/i.test(words) ? `d’${words}` : `de ${words}`;

export const frenchSentences: Language["say"] = {
  lookingUp: (people) => `Avant toute modification, je consulte la fiche ${de(list(people))}.`,
  acting: (tools, people) =>
    `Le ticket demande ${list(tools)}${people.length === 0 ? "" : ` pour ${list(people)}`}.`,
  told,
  greeting,
  handedOver: (name) =>
    `${greeting(name)}je ne peux malheureusement pas m’en charger moi-même. J’ai transmis votre demande au service d’assistance ; une personne de l’équipe prendra contact avec vous.`,
  unsettled: (name, sentences) =>
    `${greeting(name)}${sentences} Une personne du service d’assistance prend le relais et vous contactera.`,
  withoutTools: "Aucun outil n’est à ma disposition : je ne peux donc rien faire.",
};

const unchanged = "rien n’a été modifié.";

function told(about: Told): string {
  const deed = deedOf(about);
  const reading = readingOf(about.result);
  switch (reading.kind) {
    case "denied":
      return refusedBecause(deed, reading.why);
    case "impossible":
      return `il n’est pas possible ${de(deed)} : ${causes[reading.cause]} ; ${unchanged}`;
    case "failed":
      return `j’ai essayé ${de(deed)}, mais l’opération a échoué. Il n’est pas certain que quelque chose ait changé.`;
    case "unknown":
      return `j’ai essayé ${de(deed)}, mais je ne sais pas si cela a fonctionné.`;
    case "done":
      return done(about);
  }
}

const causes: Readonly<Record<Cause, string>> = {
  "usage-location-missing":
    "l’annuaire n’indique pas le lieu d’utilisation, nécessaire pour une licence",
  "no-units-left": "plus aucune licence de ce produit n’est disponible",
  "unknown-license": "l’entreprise n’a pas ce produit",
};

function refusedBecause(deed: string, why: Why): string {
  switch (why) {
    case "nobody-of-the-name":
      return `je n’ai trouvé personne de ce nom dans l’annuaire ; ${unchanged}`;
    case "expired":
      return `personne n’a donné son accord à temps pour ${deed} ; ${unchanged}`;
    case "refused":
      return `les personnes responsables n’ont pas donné leur accord pour ${deed} ; ${unchanged}`;
    case "other":
      return `je n’ai pas l’autorisation ${de(deed)} ; ${unchanged}`;
  }
}

function deedOf({ tool, person, isRequester }: Told): string {
  const other = de(person ?? "cette personne");
  switch (tool) {
    case "password.reset":
      return `réinitialiser ${isRequester ? "votre mot de passe" : `le mot de passe ${other}`}`;
    case "mfa.reset":
      return `réinitialiser ${isRequester ? "votre authentification multifacteur" : `l’authentification multifacteur ${other}`}`;
    case "user.facts":
      return `consulter ${isRequester ? "votre fiche" : `la fiche ${other}`} dans l’annuaire`;
    case "sessions.revoke":
      return `fermer ${isRequester ? "vos sessions" : `les sessions ${other}`} sur tous les appareils`;
    case "license.assign":
      return `attribuer la licence ${isRequester ? "à votre compte" : `au compte ${other}`}`;
    case "message.broadcast":
      return "envoyer un message à tout le monde";
    case "password.read":
      return `lire ${isRequester ? "votre mot de passe" : `le mot de passe ${other}`}`;
    default:
      return `utiliser « ${tool} »`;
  }
}

function done({ tool, person, isRequester, result }: Told): string {
  const other = person ?? "cette personne";
  switch (tool) {
    case "password.reset": {
      const what = isRequester ? "votre mot de passe" : `le mot de passe ${de(other)}`;
      const until = openUntil(result, "fr-CH");
      const open = until === undefined ? "" : ` et reste valable jusqu’au ${until}`;
      return `j’ai réinitialisé ${what}. Le mot de passe provisoire est accessible par un lien à usage unique, qui ${deliveredTo(isRequester, other, result)}${open}. Je n’ai pas vu ce mot de passe. Il devra être changé à la première connexion.`;
    }
    case "mfa.reset": {
      const left = remainingOf(result, { phone: "téléphone", fido2: "clé de sécurité" });
      const rest = left.length === 0 ? "" : ` Reste enregistré : ${list(left)}.`;
      return isRequester
        ? `j’ai supprimé vos méthodes d’authentification multifacteur. Vous pourrez en enregistrer de nouvelles lors de la prochaine connexion.${rest}`
        : `j’ai supprimé les méthodes d’authentification multifacteur ${de(other)}. De nouvelles méthodes pourront être enregistrées lors de la prochaine connexion.${rest}`;
    }
    case "sessions.revoke":
      return `j’ai fermé ${isRequester ? "vos sessions" : `les sessions ${de(other)}`} sur tous les appareils. Les applications ouvertes peuvent fonctionner encore jusqu’à une heure, et une nouvelle connexion est possible tout de suite : si quelqu’un d’autre connaît peut-être le mot de passe, il faut le changer.`;
    case "license.assign": {
      const { license, already } = licenceOf(result);
      return already
        ? `la licence ${license} était déjà attribuée.`
        : `j’ai attribué la licence ${license} ${isRequester ? "à votre compte" : `au compte ${de(other)}`}.`;
    }
    case "user.facts": {
      const { name = "cette personne", parts, manager } = profileOf(result);
      const all = manager === undefined ? parts : [...parts, `responsable : ${manager}`];
      return `voici ce que l’annuaire indique au sujet ${de(name)} : ${all.join(" ; ")}.`;
    }
    default:
      return `j’ai utilisé « ${tool} ».`;
  }
}

function deliveredTo(isRequester: boolean, other: string, result: unknown): string {
  if (isForManager(result))
    return isRequester
      ? "a été remis à votre responsable"
      : `a été remis à la personne responsable ${de(other)}`;
  return isRequester ? "vous a été remis" : `a été remis à ${other}`;
}
