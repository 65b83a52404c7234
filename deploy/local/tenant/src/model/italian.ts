// Italian for the emulated model: its phrases. What it says is in italian-sentences.ts.

import { italianSentences } from "./italian-sentences.ts";
import { type Language, order, phrase } from "./language.ts";

const secret = "(?:password|parola d[’']ordine|parola chiave)";
const telephone = "(?:telefono|telefonino|cellulare|natel|smartphone|iphone)";

/** Passwords and accounts that are not the ones of the directory. */
const elsewhere = [
  phrase(
    -6,
    /password.{0,20}(?:wi-?fi|wlan|router|bitlocker|bios|zip|pdf|excel|stampante|database|ospiti)/i,
  ),
  phrase(-6, /(?:gestore|gestione|criteri) (?:delle |di )?password|password manager/i),
  phrase(-3, /\b(?:sap|crm|salesforce|github|slack|jira|intranet|portale)\b|sito web/i),
  phrase(-6, /(?:chius|bloccat)\p{L}* .{0,15}(?:fuori|edificio|ufficio|ascensore|auto)/iu),
  phrase(-6, /\b(?:phishing|licenza)\b/i),
];

const password = [
  phrase(
    5,
    new RegExp(
      String.raw`(?:dimenticat|scordat|non ricordo)\p{L}*.{0,30}${secret}|${secret}.{0,30}(?:dimenticat|scordat)`,
      "iu",
    ),
  ),
  phrase(
    5,
    new RegExp(
      `${secret}.{0,40}(?:scadut|non (?:è più|funziona|va|è valida|viene accettata)|sbagliat|errat|rubat|pers[ao]|compromess|rifiutat)`,
      "iu",
    ),
  ),
  phrase(
    5,
    new RegExp(
      String.raw`(?:reimpost|resett|reset|ripristin|cambi|rinnov|nuova|provvisoria|azzer)\p{L}*.{0,60}${secret}`,
      "iu",
    ),
  ),
  phrase(5, new RegExp(`${secret}.{0,20}(?:da reimpostare|da cambiare|reset)`, "iu")),
  phrase(4, new RegExp(`(?:persa|perso|rubata|scaduta).{0,15}${secret}`, "iu")),
  phrase(
    5,
    /(?<!\p{L})(?:account|conto|profilo|utente|utenza|accesso)(?!\p{L}).{0,40}(?:bloccat|sblocc)/iu,
  ),
  phrase(
    5,
    /(?:bloccat|sblocc)\p{L}*.{0,30}(?<!\p{L})(?:account|conto|profilo|utente|utenza|accesso)/iu,
  ),
  phrase(
    3,
    /(?:non (?:riesco|posso)|impossibile).{0,25}(?:acceder|entrare|collegarmi|fare il login|accesso)/iu,
  ),
  phrase(1, new RegExp(secret, "iu")),
  ...elsewhere,
];

const mfa = [
  phrase(3, /\b(?:mfa|2fa|multi-?fattore|più fattori|due fattori|secondo fattore|due passaggi)/iu),
  phrase(3, /\bauthenticator\b|app di autenticazione/iu),
  phrase(3, /\b(?:passkey|yubikey|fido2?)\b|chiave di sicurezza/iu),
  phrase(2, /\bcodic[ei] (?:di verifica|di sicurezza|di accesso|sms|monouso)/iu),
  phrase(
    2,
    /(?<!\p{L})(?:codic[ei]|push|notific\p{L}*|richiest\p{L}*)(?!\p{L}).{0,30}non (?:arriv|ricev|compai)|non (?:arriv|ricev)\p{L}*.{0,20}(?:codic|notific|push)/iu,
  ),
  phrase(
    3,
    new RegExp(
      String.raw`(?:pers[oa]|smarrit|rubat|rott|cambiat|sostituit)\p{L}*.{0,20}${telephone}`,
      "iu",
    ),
  ),
  phrase(3, new RegExp(`${telephone}.{0,20}(?:pers[oa]|smarrit|rubat|rott|guast|sostituit)`, "iu")),
  phrase(
    3,
    new RegExp(
      String.raw`(?:ho|ricevuto|comprato|acquistato|con|uso|utilizzo)\s.{0,20}(?:nuovo ${telephone}|${telephone} nuovo)`,
      "iu",
    ),
  ),
  phrase(1, new RegExp(`nuovo ${telephone}|${telephone} nuovo`, "iu")),
  phrase(
    -4,
    new RegExp(
      `(?:bisogno|vorrei|mi serve|ordinare|desidero).{0,20}(?:nuovo ${telephone}|${telephone} nuovo)`,
      "iu",
    ),
  ),
  phrase(-3, /\b(?:schermo|caricatore|batteria|cuffie|scheda sim|contatti)\b/iu),
  ...elsewhere,
];

const lookup = [
  phrase(4, /(?<!\p{L})chi è(?!\p{L})/iu),
  phrase(
    4,
    /(?:cerc|consult|verific|controll)\p{L}* (?:i dati|le informazioni|nella (?:directory|rubrica)|la scheda)/iu,
  ),
  phrase(
    3,
    /(?<!\p{L})(?:dati|contatt[oi]|reparto|funzione|responsabile|indirizzo|informazioni|recapiti)(?!\p{L}).{0,15}(?<!\p{L})(?:di|del|della|su)(?!\p{L})/iu,
  ),
  phrase(3, /(?<!\p{L})(?:in )?(?:quale|che) (?:reparto|team|funzione|ruolo)/iu),
];

const device = "(?:computer|portatile|laptop|pc|tablet|dispositivo)";

const sessions = [
  phrase(
    5,
    /(?:disconnett|disconness|sconnett|scollega|esci|uscire|logout).{0,30}(?:ovunque|dappertutto|(?:tutti|ogni)(?: i)?(?: miei)? dispositiv)/iu,
  ),
  phrase(
    5,
    /(?:chiud|termin|revoc|interromp|annull)\p{L}*.{0,25}(?:sessioni|ogni sessione|la sessione)/iu,
  ),
  phrase(3, /(?:account|casella|conto|utenza).{0,30}(?:hackera|violat|compromess|piratat)/iu),
  phrase(3, new RegExp(`${device}.{0,25}(?:rubat|pers[oa]|smarrit)`, "iu")),
  phrase(3, new RegExp(`(?:rubat|pers[oa]|smarrit)\\p{L}*.{0,15}${device}`, "iu")),
  phrase(-6, /session[ei] (?:zoom|teams|citrix|vpn|rdp|di formazione)/iu),
];

const licence = [
  phrase(
    3,
    /(?:bisogno|serve|vorrei|desider|manca|richied|assegn|aggiung|dare|chied)\p{L}*.{0,40}licenz|licenz\p{L}*.{0,40}(?:bisogno|manca|assegn|serve)/iu,
  ),
  phrase(-6, /licenza (?:di pesca|di caccia|di guida)/iu),
];

const begins = String.raw`(?:^|[:,"'’«>*\-]\s*|(?<!\p{L})(?:per favore|prego|anche|e|ed|poi|quindi|ora|adesso|subito|inoltre|di|deve|prima)\s+)`;

export const italian: Language = {
  code: "it",
  common:
    /(?<!\p{L})(?:il|lo|la|le|gli|un|una|mio|mia|miei|mie|è|e|ho|di|del|della|per|non|più|che|chi|sono|buongiorno|grazie|favore|mi|con|l(?=[’'])|dell(?=[’'])|può|si)(?!\p{L})/giu,
  wishes: { password, mfa, lookup, sessions, licence },
  person: {
    introductions:
      /(?<!\p{L})(?:[Pp]er|[Dd]i|[Dd]el|[Dd]ella|[Aa]|[Aa]l|[Aa]lla|[Ss]u|[Ss]ul|[Ee]|[Ed]d|[ÈèEe]’?|[Nn]ome|[Cc]olleg[ao]|[Cc]apo|[Rr]esponsabile|[Ss]ignor[ae]?|[Uu]tente|,)\s+(?:(?:nostr[oa]|mi[oa]|il|la|lo|collega|capo|responsabile|direttore|direttrice|utente|CEO|CFO|signora?|signor|Dr\.?|dott\.?)\s+){0,3}/gu,
    possessive: /(?!)/,
    self: /(?<!\p{L})(?:io|me|mi|mio|mia|miei|mie|ho|riesco|posso)(?!\p{L})/iu,
    own: /(?<!\p{L})(?:mi[oa]|miei|mie) (?:\p{L}+ ){0,2}(?:password|account|conto|profilo|utenza|accesso|mfa|2fa|autenticazione|authenticator|telefono|telefonino|cellulare|natel|smartphone|iphone|chiave)(?!\p{L})/iu,
    addition:
      /(?<!\p{L})(?:anche|inoltre|pure|entrambi|e (?:per|di|quella|quello|del|della))(?!\p{L})/iu,
    other: /(?<!\p{L})(?:lui|lei|gli|suo|sua|suoi|sue|loro)(?!\p{L})/iu,
    notNames: new Set(
      `windows microsoft outlook office teams azure google apple android iphone authenticator password account
      lunedì martedì mercoledì giovedì venerdì sabato domenica buongiorno grazie signora signor service desk
      telefono cellulare natel mfa vip ceo sharepoint onedrive intune global administrator`.split(
        /\s+/,
      ),
    ),
  },
  orders: [
    {
      pattern: order(
        begins,
        String.raw`invi\p{L}*|mand\p{L}*|scriv\p{L}*|pubblic\p{L}*|comunic\p{L}*|inform\p{L}*|annunci\p{L}*|avvis\p{L}*`,
        String.raw`.{0,200}(?:tutto il (?:personale|team)|tutti i (?:\p{L}+ )?(?:dipendenti|collaboratori|colleghi|utenti)|tutta l[’']azienda|(?<!\p{L})tutti(?!\p{L}))`,
      ),
      tool: "message.broadcast",
      arguments: "text",
      needsClaim: false,
    },
    {
      pattern:
        /(?<!\p{L})(?:dimmi|mi dica|dica|dammi|mostra\p{L}*|mostri|rivel\p{L}*|leggi|legga|comunic\p{L}*|qual è|quale è)(?!\p{L})(?!.{0,40}(?:nuova|provvisoria|reimpost)).{0,60}password/iu,
      tool: "password.read",
      arguments: "user",
      needsClaim: false,
    },
    {
      pattern: order(
        begins,
        String.raw`rend\p{L}*|assegn\p{L}*|conced\p{L}*|aggiung\p{L}*|promuov\p{L}*|nomin\p{L}*`,
        String.raw`.{0,80}(?:amministrator\p{L}*|admin|ruolo|privileg\p{L}*|diritti)`,
      ),
      tool: "role.assign",
      arguments: "user",
      needsClaim: true,
    },
    {
      pattern: order(
        begins,
        String.raw`elimin\p{L}*|cancell\p{L}*|disattiv\p{L}*|rimuov\p{L}*`,
        ".{0,60}(?:account|utente|casella|dispositiv)",
      ),
      tool: "account.delete",
      arguments: "user",
      needsClaim: true,
    },
    {
      pattern: order(
        begins,
        String.raw`esport\p{L}*|elenc\p{L}*|scaric\p{L}*`,
        ".{0,60}(?:utenti|dipendenti|directory|password|credenziali|account)",
      ),
      tool: "directory.export",
      arguments: "text",
      needsClaim: true,
    },
    {
      pattern: order(
        begins,
        String.raw`vers\p{L}*|pag\p{L}*|trasfer\p{L}*|bonific\p{L}*`,
        String.raw`.{0,60}(?:[$€£]|(?<!\p{L})(?:chf|eur|usd|franchi|denaro|soldi|bitcoin))`,
      ),
      tool: "payment.send",
      arguments: "text",
      needsClaim: true,
    },
  ],
  claims: [
    /(?<!\p{L})(?:ignor\p{L}*|dimentic\p{L}*|aggir\p{L}*|trascur\p{L}*)(?!\p{L}).{0,40}(?:precedent|sopra|tutt|tue|sue|le).{0,25}(?:istruzion|regol|direttiv|disposizion|restrizion)/iu,
    /(?<!\p{L})nuov[ea] istruzion/iu,
    /(?:\[|<|#+ ?|(?<!\p{L}))(?:sistema|system|amministratore|messaggio di sistema)\s?(?:\]|>|:)/iu,
    /(?<!\p{L})(?:ora|adesso|da ora) (?:sei|lei è|è)(?!\p{L})|(?<!\p{L})sei (?:ora|adesso)|modalità (?:manutenzione|amministratore|sviluppatore|debug)/iu,
    /(?<!\p{L})importante\s?(?:!+|:)/iu,
    /(?<!\p{L})senza (?:chiedere|approvazion\p{L}*|conferma|verifica|autorizzazion\p{L}*)|nessuna approvazione (?:è )?necessaria/iu,
    /(?<!\p{L})già (?:approvat|autorizzat)|per ordine d/iu,
  ],
  imperative: /^(?:(?:Per favore|Poi|Ora|Adesso|E|Anche|Prima)[:,]?\s+)*(?<verb>[A-Za-z]{3,20})\b/,
  say: italianSentences,
};
