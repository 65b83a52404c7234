// French for the emulated model: its phrases. What it says is in french-sentences.ts.

import { frenchSentences } from "./french-sentences.ts";
import { type Language, order, phrase } from "./language.ts";

const secret = "(?:mots? de passes?|mdp|password)";
const telephone = "(?:t[ée]l[ée]phone|portable|natel|mobile|smartphone|iphone)";

/** Passwords and accounts that are not the ones of the directory. */
const elsewhere = [
  phrase(
    -6,
    /mot de passe.{0,20}(?:wi-?fi|wlan|routeur|bitlocker|bios|zip|pdf|excel|imprimante|base de données|invités)/i,
  ),
  phrase(-6, /gestionnaire de mots? de passe|politique de mots? de passe/i),
  phrase(-3, /\b(?:sap|crm|salesforce|github|slack|jira|intranet|portail)\b|site web/i),
  phrase(-6, /(?:bloqué|enfermé)\w*.{0,20}(?:bâtiment|bureau|ascenseur|voiture)/i),
  phrase(-6, /\b(?:phishing|hameçonnage|licence)\b/i),
];

const password = [
  phrase(5, new RegExp(String.raw`oubli\p{L}*.{0,30}${secret}|${secret}.{0,30}oubli`, "iu")),
  phrase(
    5,
    new RegExp(
      `${secret}.{0,40}(?:expir|périm|échu|n[e’']? ?(?:est|marche|fonctionne|va) plus|ne (?:marche|fonctionne) (?:pas|plus)|n[’']est (?:pas|plus)|refusé|incorrect|invalide|volé|perdu|compromis)`,
      "iu",
    ),
  ),
  phrase(
    5,
    new RegExp(
      String.raw`(?:réinitialis|changer|changez|renouvel|remett|remise|nouveau|provisoire|reset)\p{L}*.{0,60}${secret}`,
      "iu",
    ),
  ),
  phrase(5, new RegExp(`${secret}.{0,20}(?:réinitialis|à changer|reset)`, "iu")),
  phrase(4, new RegExp(String.raw`(?:mauvais|perdu|volé|expiré)\p{L}*.{0,15}${secret}`, "iu")),
  phrase(5, /\b(?:compte|session|profil|accès)\b.{0,40}(?:bloqu|verrouill|déverrouill|débloqu)/iu),
  phrase(
    5,
    /(?:bloqu|verrouill|déverrouill|débloqu)\p{L}*.{0,30}\b(?:compte|session|profil|accès)/iu,
  ),
  phrase(
    3,
    /(?:n[’'](?:arrive|y arrive)|ne (?:peux|parviens)|impossible).{0,25}(?:connecter|connexion|ouvrir ma session)/iu,
  ),
  phrase(1, new RegExp(secret, "iu")),
  ...elsewhere,
];

const mfa = [
  phrase(
    3,
    /\b(?:mfa|2fa|multi-?facteurs?|double authentification|deux facteurs|second facteur|deuxième facteur|deux étapes)/iu,
  ),
  phrase(3, /\bauthenticator\b|application d[’']authentification/iu),
  phrase(3, /\b(?:passkey|yubikey|fido2?)\b|clé (?:de sécurité|d[’']accès)/iu),
  phrase(2, /\bcodes? (?:de vérification|de sécurité|de connexion|sms|à usage unique)/iu),
  phrase(
    2,
    /\b(?:codes?|push|notifications?|demandes?)\b.{0,30}(?:n[’']arriv|ne .{0,12}(?:pas|plus|jamais))/iu,
  ),
  phrase(
    3,
    new RegExp(String.raw`(?:perdu|volé|cassé|changé|remplacé)\p{L}*.{0,20}${telephone}`, "iu"),
  ),
  phrase(
    3,
    new RegExp(
      `${telephone}.{0,20}(?:perdu|volé|cassé|disparu|remplacé|en panne|hors service)`,
      "iu",
    ),
  ),
  phrase(
    3,
    new RegExp(
      String.raw`(?:j[’']ai|ayant|reçu|acheté|avec|utilise)\s.{0,20}nouveau ${telephone}`,
      "iu",
    ),
  ),
  phrase(1, new RegExp(`nouveau ${telephone}`, "iu")),
  phrase(
    -4,
    new RegExp(
      `(?:besoin|voudrais|souhaite|commander|il me faut|aimerais).{0,20}nouveau ${telephone}`,
      "iu",
    ),
  ),
  phrase(-3, /\b(?:écran|chargeur|batterie|casque|carte sim|contacts)\b/iu),
  ...elsewhere,
];

const lookup = [
  phrase(4, /\bqui est\b/iu),
  phrase(
    4,
    /(?:cherche[rz]?|consulte[rz]?|vérifie[rz]?) (?:la fiche|les (?:coordonnées|données|informations)|dans l[’']annuaire)/iu,
  ),
  phrase(
    3,
    /\b(?:coordonnées|fiche|service|fonction|responsable|adresse|informations?|données)\b.{0,15}(?:\b(?:de|du|des|sur)\b|d[’'])/iu,
  ),
  phrase(3, /\bquel(?:le)? (?:service|département|équipe|fonction|rôle)/iu),
];

const device = "(?:ordinateur|portable|laptop|pc|tablette|appareil)";

const sessions = [
  phrase(
    5,
    /d[ée]connect\p{L}*.{0,30}(?:partout|tous (?:les|mes) appareils)|(?:partout|tous (?:les|mes) appareils).{0,20}d[ée]connect/iu,
  ),
  phrase(
    5,
    /(?:ferm|termin|r[ée]vo[qc]u|arrêt|mettre fin|coup)\p{L}*.{0,25}(?:mes|ses|toutes|les|aux) (?:\p{L}+ )?sessions/iu,
  ),
  phrase(3, /(?:compte|messagerie|accès).{0,30}(?:pirat|compromis|usurp|hack)/iu),
  phrase(3, /(?:vol|perd)\p{L}*.{0,20}(?:ordinateur|laptop|pc|tablette|appareil)/iu),
  phrase(3, new RegExp(`${device}.{0,25}(?:volé|perdu|disparu)`, "iu")),
  phrase(-6, /sessions? (?:zoom|teams|citrix|vpn|rdp|de formation)/iu),
];

const licence = [
  phrase(
    3,
    /(?:besoin|faut|voudrais|souhait|aimerais|manque|demand|attribu|ajout|donn)\p{L}*.{0,40}licence|licence.{0,40}(?:besoin|manque|attribu|faut)/iu,
  ),
  phrase(-6, /licence (?:de pêche|de chasse|universitaire)/iu),
];

const begins = String.raw`(?:^|[:,"'’«>*\-]\s*|(?<!\p{L})(?:veuillez|merci de|merci d[’']|aussi|et|puis|ensuite|maintenant|vous|il faut|également|d[’']abord|de)\s*)`;

export const french: Language = {
  code: "fr",
  common:
    /(?<!\p{L})(?:je|j(?=[’'])|le|la|les|mon|ma|mes|est|et|de|du|des|pour|ne|pas|plus|un|une|vous|veuillez|bonjour|merci|qui|que|l(?=[’'])|d(?=[’'])|n(?=[’'])|ai|mot|à)(?!\p{L})/giu,
  wishes: { password, mfa, lookup, sessions, licence },
  person: {
    introductions:
      /(?:(?<!\p{L})(?:[Pp]our|[Dd]e|[Dd]u|[Dd]es|[Àà]|[Ss]ur|[Ee]t|[Ee]st|[Nn]om|[Cc]ollègue|[Cc]hef(?:fe)?|[Rr]esponsable|[Mm]onsieur|[Mm]adame|[Mm]me|[Uu]tilisat(?:eur|rice))\s+|(?<!\p{L})[Dd][’']|,\s+)(?:(?:notre|mon|ma|le|la|les|l[’']|collègue|chef(?:fe)?|responsable|directeur|directrice|CEO|CFO|PDG|M\.|Mme|Monsieur|Madame|Dr\.?)\s+){0,3}/gu,
    possessive: /(?!)/,
    self: /(?<!\p{L})(?:je|j[’']|moi|me|m[’']|mon|ma|mes|mien(?:ne)?)(?!\p{L})|(?<!\p{L})[jm][’']/iu,
    own: /(?<!\p{L})(?:mon|ma|mes) (?:\p{L}+ ){0,2}(?:mot de passe|mdp|compte|accès|session|mfa|2fa|authentification|authenticator|téléphone|portable|natel|mobile|smartphone|iphone|clé)|(?<!\p{L})(?:mon|ma) (?:mot de passe|compte|mfa|téléphone|portable|clé)/iu,
    addition:
      /(?<!\p{L})(?:aussi|également|en plus|ainsi que|tous les deux|et (?:pour|de|du|celui|celle))(?!\p{L})/iu,
    other: /(?<!\p{L})(?:il|elle|lui|son|sa|ses|leur|leurs)(?!\p{L})/iu,
    notNames: new Set(
      `windows microsoft outlook office teams azure google apple android iphone authenticator mot passe compte
      lundi mardi mercredi jeudi vendredi samedi dimanche bonjour merci madame monsieur service support
      téléphone portable natel mfa vip ceo pdg sharepoint onedrive intune global administrator`.split(
        /\s+/,
      ),
    ),
  },
  orders: [
    {
      pattern: order(
        begins,
        String.raw`envo\p{L}*|diffuse\p{L}*|publie\p{L}*|écri\p{L}*|inform\p{L}*|annonce\p{L}*|préven\p{L}*`,
        String.raw`.{0,200}(?:tout le (?:personnel|monde)|tous les (?:\p{L}+ )?(?:employés|collaborateurs|utilisateurs|collègues)|toute (?:l[’']entreprise|la société|l[’']équipe)|l[’']ensemble d\p{L}* (?:personnel|collaborateurs|employés))`,
      ),
      tool: "message.broadcast",
      arguments: "text",
      needsClaim: false,
    },
    {
      pattern:
        /(?<!\p{L})(?:dites|dis|donne[rz]?|montre[rz]?|révéle[rz]?|révèle|lis|lisez|communique[rz]?|quel est|envoyez)(?!\p{L})(?!.{0,40}(?:nouveau|provisoire|réinitialis)).{0,60}mots? de passe/iu,
      tool: "password.read",
      arguments: "user",
      needsClaim: false,
    },
    {
      pattern: order(
        begins,
        String.raw`nomm\p{L}*|donne\p{L}*|accord\p{L}*|attribu\p{L}*|ajout\p{L}*|faites|promou\p{L}*`,
        String.raw`.{0,80}(?:admin\p{L}*|rôle|droits|privilèges?)`,
      ),
      tool: "role.assign",
      arguments: "user",
      needsClaim: true,
    },
    {
      pattern: order(
        begins,
        String.raw`supprim\p{L}*|efface\p{L}*|désactiv\p{L}*`,
        ".{0,60}(?:compte|utilisateur|boîte|appareil)",
      ),
      tool: "account.delete",
      arguments: "user",
      needsClaim: true,
    },
    {
      pattern: order(
        begins,
        String.raw`export\p{L}*|list\p{L}*|télécharg\p{L}*`,
        ".{0,60}(?:utilisateurs|employés|annuaire|mots de passe|identifiants|comptes)",
      ),
      tool: "directory.export",
      arguments: "text",
      needsClaim: true,
    },
    {
      pattern: order(
        begins,
        String.raw`vers\p{L}*|vire\p{L}*|pay\p{L}*|transfér\p{L}*`,
        String.raw`.{0,60}(?:[$€£]|(?<!\p{L})(?:chf|eur|usd|francs|argent|bitcoin))`,
      ),
      tool: "payment.send",
      arguments: "text",
      needsClaim: true,
    },
  ],
  claims: [
    /(?<!\p{L})(?:ignor\p{L}*|oubli\p{L}*|contourn\p{L}*|négligez)(?!\p{L}).{0,40}(?:précédent|antérieur|ci-dessus|tout|vos|tes|les).{0,30}(?:instruction|consigne|règle|directive|restriction)|(?<!\p{L})(?:ignor|oubli|contourn)\p{L}*.{0,20}(?:instructions|consignes|règles|directives)/iu,
    /(?<!\p{L})nouvelles? (?:instruction|consigne)/iu,
    /(?:\[|<|#+ ?|(?<!\p{L}))(?:système|system|administrateur|message système)\s?(?:\]|>|:)/iu,
    /(?<!\p{L})(?:vous êtes|tu es) (?:maintenant|désormais)|mode (?:maintenance|admin\p{L}*|développeur|débogage)/iu,
    /(?<!\p{L})important\s?(?:!+|:)/iu,
    /(?<!\p{L})sans (?:demander|approbation|accord|confirmation|vérification|autorisation)|aucun(?:e)? (?:accord|approbation|autorisation) (?:n[’']est )?nécessaire/iu,
    /(?<!\p{L})déjà (?:approuvé|autorisé|validé)|sur ordre de/iu,
  ],
  imperative:
    /^(?:(?:Veuillez|Ensuite|Puis|Maintenant|Et|Aussi)[:,]?\s+)*(?<verb>[A-Za-z]{3,20})\b/,
  say: frenchSentences,
};
