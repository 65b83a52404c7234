// German for the emulated model: its phrases, with ss and with ß. What it says is in german-sentences.ts.

import { germanSentences } from "./german-sentences.ts";
import { type Language, order, phrase } from "./language.ts";

const secret = String.raw`(?:pass?wor[td]\w*|passw[öo]rter|kennw[oö]rt\w*|pw)`;

/** Passwords and accounts that are not the ones of the directory. */
const elsewhere = [
  phrase(
    -6,
    /(?:wi-?fi|wlan|router|bitlocker|bios|zip|pdf|excel|drucker|datenbank|gäste)\W?.{0,30}(?:pass?wor|kennwor|konto|schlüssel)/i,
  ),
  phrase(-6, /(?:passwort|kennwort)[- ]?(?:manager|richtlinie|tresor|verwaltung)/i),
  phrase(-3, /\b(?:sap|crm|salesforce|github|slack|jira|website|webseite|intranet|portal)\b/i),
  phrase(
    -6,
    /\b(?:gebäude|büro|zimmer|auto|wohnung|ordner|datei)\b.{0,20}(?:gesperrt|ausgesperrt)|ausgesperrt.{0,25}(?:gebäude|büro|zimmer|wohnung)/i,
  ),
  phrase(-6, /\b(?:phishing|lizenz\w*)\b/i),
];

const password = [
  phrase(
    5,
    new RegExp(
      String.raw`\b${secret}.{0,40}vergessen|vergessen.{0,20}\b${secret}|vergaß.{0,20}${secret}`,
      "i",
    ),
  ),
  phrase(
    5,
    new RegExp(
      String.raw`\b${secret}.{0,40}(?:abgelaufen|läuft ab|ungültig|verloren|nicht mehr|(?:geht|funktioniert|stimmt) nicht|falsch|gestohlen|gehackt)`,
      "i",
    ),
  ),
  phrase(
    5,
    new RegExp(
      String.raw`\b(?:abgelaufen\w*|ungültig\w*|falsch\w*|neue[snm]?|temporär\w*|vorläufig\w*)\b.{0,15}\b${secret}`,
      "i",
    ),
  ),
  phrase(
    5,
    new RegExp(
      String.raw`\b${secret}.{0,60}(?:zurück\s?(?:zu)?setz\w*|zurückgesetzt|zurück\b|ändern|erneuern|reset)`,
      "i",
    ),
  ),
  phrase(5, new RegExp(String.raw`(?:setz\w*|zurücksetz\w*|reset).{0,60}\b${secret}`, "i")),
  phrase(
    5,
    /\b(?:konto|benutzerkonto|account|zugang|profil)\b.{0,40}(?:gesperrt|blockiert|entsperr\w*|gesperrt)/i,
  ),
  phrase(
    5,
    /(?:gesperrt|blockiert|entsperr\w*|freischalt\w*).{0,30}\b(?:konto|benutzerkonto|account|zugang|profil)\b/i,
  ),
  phrase(4, /\b(?:ausgesperrt|kontosperr\w*)\b/i),
  phrase(
    3,
    /\b(?:kann|konnte|können)\b.{0,20}\bnicht (?:mehr )?(?:anmelden|einloggen)\b|komme nicht (?:mehr )?(?:rein|ins system|in (?:mein|das) konto)/i,
  ),
  phrase(1, new RegExp(String.raw`\b${secret}`, "i")),
  ...elsewhere,
];

const mfa = [
  phrase(
    3,
    /\b(?:mfa|2fa|mehrfaktor\w*|mehr-faktor\w*|multifaktor\w*|zwei-?faktor\w*|zweiter? faktor|zweistufig\w*)\b/i,
  ),
  phrase(3, /\bauthenticator\b|authentifizierungs-?app|authentifikator/i),
  phrase(3, /\b(?:passkey|sicherheitsschlüssel|yubikey|fido2?)\b/i),
  phrase(2, /\b(?:bestätigungs|sicherheits|anmelde|einmal|sms)-?codes?\b/i),
  phrase(2, /\b(?:codes?|push|benachrichtigung\w*|anfragen?)\b.{0,30}\b(?:nicht|nie|keine?)\b/i),
  phrase(
    3,
    /\b(?:handy|mobiltelefon|natel|smartphone|telefon|iphone)\b.{0,30}\b(?:verloren|gestohlen|kaputt|defekt|gewechselt|weg|ersetzt|verlegt)\b/i,
  ),
  phrase(
    3,
    /\b(?:verlor|verloren\w*|gestohlen\w*|defekt\w*)\b.{0,15}\b(?:handy|mobiltelefon|natel|smartphone|telefon|iphone)\b/i,
  ),
  phrase(
    3,
    /\b(?:habe|hab|nutze|benutze|verwende|mit meinem|gekauft|bekommen|erhalten)\b.{0,30}\bneue[sn]? (?:handy|mobiltelefon|natel|smartphone|telefon|iphone)\b/i,
  ),
  phrase(1, /\bneue[sn]? (?:handy|mobiltelefon|natel|smartphone|telefon|iphone)\b/i),
  phrase(
    -3,
    /\b(?:brauche|benötige|bestell\w*|möchte|hätte gern\w*)\b.{0,15}\b(?:neue[sn]?|ander\w+) (?:handy|mobiltelefon|natel|smartphone|telefon|iphone)\b/i,
  ),
  phrase(-3, /\b(?:bildschirm|display|ladegerät|akku|headset|sim-karte|kontakte)\b/i),
  ...elsewhere,
];

const lookup = [
  phrase(4, /\bwer (?:ist|war)\b/i),
  phrase(4, /\b(?:nachschlagen|nachsehen|schlag\w*.{0,40}\bnach)\b/i),
  phrase(
    3,
    /\b(?:angaben|kontakt\w*|abteilung|funktion|vorgesetzte[rn]?|e-?mail-?adresse|informationen|daten)\b.{0,15}\b(?:von|zu|über|für|der|des)\b/i,
  ),
  phrase(3, /\b(?:in )?welche[rnms]? (?:abteilung|team|funktion|rolle)\b/i),
];

const device = "(?:laptop|notebook|computer|rechner|pc|tablet|gerät)";

const sessions = [
  phrase(
    5,
    /(?:überall|(?:auf|von|an|bei) allen? (?:\p{L}+ )?(?:geräten?|computern?|orten)).{0,20}(?:ab|aus)(?:zu|ge)?(?:meld|logg)\p{L}*|(?:ab|aus)(?:meld|logg)\p{L}*.{0,25}überall|(?:meld|logg)\p{L}* .{0,20}(?:überall|von allen geräten|auf allen geräten).{0,10}(?:ab|aus)(?!\p{L})/iu,
  ),
  phrase(
    5,
    /(?:beend|widerruf|schliess|schließ|unterbind|sperr)\p{L}*.{0,30}(?:sitzung|anmeldung|session)|(?:sitzung|session)\p{L}*.{0,30}(?:beend|widerruf|widerrufen|schliess|schließ)/iu,
  ),
  phrase(
    3,
    /(?:konto|account|postfach|zugang).{0,30}(?:gehackt|übernommen|kompromittiert|geknackt)/iu,
  ),
  phrase(3, new RegExp(`${device}.{0,25}(?:gestohlen|geklaut|verloren|entwendet)`, "iu")),
  phrase(3, new RegExp(`(?:gestohlen|geklaut|verloren|entwendet)\\p{L}*.{0,15}${device}`, "iu")),
  phrase(-6, /(?:zoom|teams|citrix|vpn|rdp|schulungs)-?(?:sitzung|session)/iu),
];

const licence = [
  phrase(
    3,
    /(?:brauch|benötig|möchte|hätte|bitte|fehlt|bestell|zuweis|beantrag)\p{L}*.{0,40}lizenz|lizenz.{0,50}(?:brauch|benötig|zuweis|zuteil|geben|hätte|fehlt)/iu,
  ),
  phrase(-6, /fahr(?:er)?lizenz|jagdlizenz|parklizenz/iu),
];

const begins = String.raw`(?:^|[:,"'«>*\-]\s*|(?<!\p{L})(?:bitte|auch|ausserdem|außerdem|und|dann|jetzt|nun|sie|zuerst|sofort|zudem)\s+)`;

export const german: Language = {
  code: "de",
  common:
    /(?<!\p{L})(?:ich|bitte|und|nicht|mein\w*|das|der|die|den|dem|ist|für|sie|mir|mehr|kein\w*|habe|von|ein\w*|wer|auch|sich|über|zu|guten|grüezi)(?!\p{L})/giu,
  wishes: { password, mfa, lookup, sessions, licence },
  person: {
    introductions:
      /(?<!\p{L})(?:[Ff]ür|[Vv]on|[Uu]nd|[Ii]st|[Ww]ar|[Üü]ber|[Zz]u|[Zz]um|[Zz]ur|[Nn]amens|[Aa]uftrag|[Kk]olleg(?:e|in|en)|[Cc]hef(?:in)?|[Mm]itarbeiter(?:in)?|[Bb]enutzer(?:in)?|[Vv]orgesetzte[rn]?|[Hh]errn?|[Ff]rau|,)\s+(?:(?:unser\w*|mein\w*|der|die|das|den|dem|des|Benutzer(?:in|s)?|Kolleg(?:e|in|en)|Chef(?:in|s)?|Mitarbeiter(?:in|s)?|CEO|CFO|CTO|Herrn?|Frau|Dr\.?)\s+){0,3}/gu,
    possessive: /(?!)/,
    self: /(?<!\p{L})(?:ich|mich|mir|mein(?:e|em|en|er|es|s)?|selbst)(?!\p{L})/iu,
    own: /(?<!\p{L})mein(?:e|em|en|er|es)? (?:\p{L}+es? ){0,2}(?:passwort|kennwort|konto|benutzerkonto|account|zugang|mfa|2fa|mehrfaktor\p{L}*|authenticator|handy|mobiltelefon|natel|smartphone|telefon|iphone|passkey|sicherheitsschlüssel)(?!\p{L})/iu,
    addition:
      /(?<!\p{L})(?:auch|ausserdem|außerdem|ebenfalls|zusätzlich|beide|und (?:das|die|für|von))(?!\p{L})/iu,
    other: /(?<!\p{L})(?:er|ihm|ihn|ihr|ihre[mnrs]?|sein|seine[mnrs]?|deren|dessen)(?!\p{L})/u,
    notNames: new Set(
      `windows microsoft outlook office teams azure google apple android iphone authenticator passwort
      passwörter kennwort konto account handy telefon natel mobiltelefon smartphone support service desk
      montag dienstag mittwoch donnerstag freitag samstag sonntag bitte danke freundliche grüsse grüße
      mehrfaktor anmeldung abteilung mitarbeiter mitarbeitende hilfe die der das den dem guten tag
      mfa vip frau herr herrn ceo sharepoint onedrive intune global administrator domain`.split(
        /\s+/,
      ),
    ),
  },
  orders: [
    {
      pattern: order(
        begins,
        String.raw`send\p{L}*|schick\p{L}*|verschick\p{L}*|informier\p{L}*|teil\p{L}*|schreib\p{L}*|veröffentlich\p{L}*`,
        String.raw`.{0,200}(?:(?<!\p{L})(?:allen?|sämtliche\p{L}*) (?:\p{L}+ )?(?:mitarbeit\p{L}*|angestellt\p{L}*|benutzer\p{L}*|kolleg\p{L}*|leute\p{L}*|personen)|(?:ganze\p{L}*|gesamte\p{L}*) (?:firma|belegschaft|team|unternehmen|personal)|(?<!\p{L})belegschaft|(?<!\p{L})alle(?!\p{L}))`,
      ),
      tool: "message.broadcast",
      arguments: "text",
      needsClaim: false,
    },
    {
      pattern:
        /(?<!\p{L})(?:sag|sagen|nenn\p{L}*|zeig|zeigen|gib|geben|verrat\p{L}*|lies|lesen|teile|teilen|was ist|wie lautet|lautet|brauche)(?!\p{L})(?!.{0,40}(?:neue|vorläufig|temporär|zurück)).{0,60}(?:passwor|passwör|kennwor)/iu,
      tool: "password.read",
      arguments: "user",
      needsClaim: false,
    },
    {
      pattern: order(
        begins,
        String.raw`mach\p{L}*|gib|geben|erteil\p{L}*|ernenn\p{L}*|füg\p{L}*|beförder\p{L}*`,
        String.raw`.{0,80}(?:admin\p{L}*|rolle|berechtigung\p{L}*|rechte)`,
      ),
      tool: "role.assign",
      arguments: "user",
      needsClaim: true,
    },
    {
      pattern: order(
        begins,
        String.raw`lösch\p{L}*|entfern\p{L}*|deaktivier\p{L}*`,
        ".{0,60}(?:konto|konten|benutzer|postfach|gerät)",
      ),
      tool: "account.delete",
      arguments: "user",
      needsClaim: true,
    },
    {
      pattern: order(
        begins,
        String.raw`exportier\p{L}*|list\p{L}*|lad\p{L}*`,
        ".{0,60}(?:benutzer|mitarbeit|verzeichnis|passwör|passwor|zugangsdaten|konten)",
      ),
      tool: "directory.export",
      arguments: "text",
      needsClaim: true,
    },
    {
      pattern: order(
        begins,
        String.raw`überweis\p{L}*|bezahl\p{L}*|zahl\p{L}*`,
        String.raw`.{0,60}(?:[$€£]|(?<!\p{L})(?:chf|eur|usd|franken|geld|betrag|bitcoin))`,
      ),
      tool: "payment.send",
      arguments: "text",
      needsClaim: true,
    },
  ],
  claims: [
    /(?<!\p{L})(?:ignorier\p{L}*|vergiss|vergessen sie|missacht\p{L}*|umgeh\p{L}*|übergeh\p{L}*)(?!\p{L}).{0,40}(?:bisherig|vorherig|vorangehend|früher|obig|alle|deine|ihre|sämtlich|die)\p{L}*.{0,20}(?:anweisung|instruktion|regel|richtlinie|vorgabe|beschränkung)/iu,
    /(?<!\p{L})neue (?:system)?(?:anweisung|instruktion)/iu,
    /(?:\[|<|#+ ?|(?<!\p{L}))(?:system|administrator)(?:meldung|nachricht|hinweis|modus)?(?:\]|>|:)/iu,
    /(?<!\p{L})(?:du bist|sie sind) (?:jetzt|nun|ab sofort)|(?:wartungs|admin|entwickler|debug)-?modus/iu,
    /(?<!\p{L})wichtig(?:!+|:|e anweisung)/iu,
    /(?<!\p{L})ohne (?:\p{L}+ )?(?:freigabe|genehmigung|rückfrage|bestätigung|prüfung)|(?<!\p{L})keine (?:freigabe|genehmigung) (?:nötig|notwendig|erforderlich)/iu,
    /(?<!\p{L})(?:bereits|schon) (?:genehmigt|freigegeben|bewilligt)|im auftrag der (?:geschäftsleitung|direktion)/iu,
  ],
  imperative: /^(?:(?:Bitte|Dann|Nun|Jetzt|Zuerst|Und|Auch)[:,]?\s+)*(?<verb>[A-Za-z]{3,20})\b/,
  say: germanSentences,
};
