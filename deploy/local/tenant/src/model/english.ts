// English for the emulated model: its phrases. What it says is in english-sentences.ts.

import { englishSentences } from "./english-sentences.ts";
import { type Language, order as orderAfter, type Phrase, phrase } from "./language.ts";

/** Passwords and accounts that are not the ones of the directory. */
const elsewhere = [
  phrase(
    -6,
    /\b(?:wi-?fi|wlan|router|bitlocker|bios|zip|pdf|excel|sim|printer|shared|service|database|root|local admin\w*|voicemail)\b.{0,30}\b(?:passwords?|pass|account|key)\b/i,
  ),
  phrase(-6, /\bpassword (?:manager|policy|policies|vault|protect\w*|hash\w*)\b/i),
  phrase(-3, /\b(?:erp|sap|crm|salesforce|hr|github|slack|jira|website|intranet|portal|vendor)\b/i),
  phrase(
    -6,
    /\block(?:ed)?(?: out)? (?:of|in|from)? ?(?:the|my|our|a) (?:\w+ )?(?:building|office|room|car|house|file|document|folder|cell)\b/i,
  ),
  phrase(-6, /\b(?:access request|siem|phish\w*|licen[cs]e)\b/i),
];

const password: readonly Phrase[] = [
  phrase(5, /\bforg[eo]t(?:ten)?\b.{0,30}\bpass(?:word|code|phrase)/i),
  phrase(
    5,
    /\bpasswords?\b.{0,30}\b(?:expir\w+|forgotten|lost|no longer (?:works?|accepted)|stopped working|(?:does ?n[o']t|is ?n[o']t|not) (?:work\w*|accepted))/i,
  ),
  phrase(5, /\bexpir(?:ed|y|ing)\b.{0,20}\bpasswords?\b/i),
  phrase(5, /\b(?:reset\w*|set(?! up)|change|renew|new|temporary)\b.{0,60}\bpasswords?\b/i),
  phrase(5, /\bpasswords?\b.{0,20}\b(?:reset|change)\b/i),
  phrase(4, /\b(?:wrong|incorrect|invalid|leaked|stolen|compromised|lost)\b.{0,15}\bpasswords?\b/i),
  phrase(
    4,
    /\bpasswords?\b.{0,20}\b(?:wrong|incorrect|invalid|leaked|stolen|compromised|rejected|refused)\b/i,
  ),
  phrase(5, /\baccounts?\b.{0,25}\b(?:lock(?:ed|out)|blocked)\b/i),
  phrase(5, /\b(?:locked|blocked|unlock\w*)\b.{0,20}\b(?:accounts?|profile|user)\b/i),
  phrase(4, /\block(?:ed)?(?: |-)?out\b/i),
  phrase(3, /\bunlock (?:me|him|her|them)\b/i),
  phrase(
    2,
    /\b(?:can ?n[o']t|can't|cannot|unable to|could not|couldn't)\b.{0,15}\b(?:log|sign) ?(?:in|on)\b/i,
  ),
  phrase(1, /\b(?:log|sign) ?(?:in|on)\b\W*$/i),
  phrase(1, /\b(?:account|windows|computer|laptop|pc|microsoft|office)\b/i),
  phrase(1, /\bpasswords?\b/i),
  ...elsewhere,
];

const mfa: readonly Phrase[] = [
  phrase(3, /\b(?:mfa|2fa|multi-?factor|two-?factor|two-?step|second factor)\b/i),
  phrase(3, /\bauthenticator\b/i),
  phrase(3, /\b(?:passkey|security key|yubikey|fido2?)\b/i),
  phrase(2, /\b(?:verification|one-?time|sign-?in|login|security|sms) codes?\b/i),
  phrase(
    2,
    /\b(?:prompts?|codes?|push|notifications?)\b.{0,25}\b(?:not|never|no longer|don't|doesn't)\b.{0,10}\b(?:receiv\w+|arriv\w+|com(?:e|ing)|appear\w*|show\w*)/i,
  ),
  phrase(
    3,
    /\b(?:lost|stolen|broke|broken|smashed|dead|changed|replaced|switched)\b.{0,15}\b(?:smart|i|mobile )?phones?\b/i,
  ),
  phrase(
    3,
    /\bphones?\b.{0,15}\b(?:was|is|got|has been)\b.{0,5}\b(?:lost|stolen|broken|replaced)\b/i,
  ),
  phrase(3, /\b(?:have|got|bought|using|use|with) (?:a|my) new (?:smart|i|mobile )?phone\b/i),
  phrase(1, /\bnew (?:smart|i|mobile )?phone\b/i),
  phrase(
    -3,
    /\b(?:need|want|order|request\w*|would like) (?:a |an )?(?:new|another|replacement) (?:smart|i|mobile )?phone\b/i,
  ),
  phrase(
    -3,
    /\b(?:screen|charg\w+|battery|headset|sim card|desk phone|voicemail|extension|contacts)\b/i,
  ),
  ...elsewhere,
];

const lookup: readonly Phrase[] = [
  phrase(4, /\bwho(?: is|'s)\b/i),
  phrase(4, /\b(?:look up|lookup|look for the details|find out (?:who|about))\b/i),
  phrase(
    3,
    /\b(?:details|contact|department|job title|manager|e-?mail address|information|data)\b.{0,15}\b(?:of|for|about)\b/i,
  ),
  phrase(3, /\b(?:which|what) (?:department|team|role|job title)\b/i),
  phrase(
    3,
    /\b(?:show|tell|give) me (?:everything |all )?(?:about|(?:the )?(?:details|data|information|profile))\b/i,
  ),
];

const sessions: readonly Phrase[] = [
  phrase(
    5,
    /\b(?:sign|log)(?:ged|ned|ing)? (?:\S+ ){0,3}out (?:of |from |on )?(?:everywhere|all|every|each|any)\b/i,
  ),
  phrase(
    5,
    /\b(?:end|revoke|terminate|kill|close|invalidate|cancel|stop)\b.{0,25}\b(?:sessions?|sign-?ins?)\b/i,
  ),
  phrase(
    3,
    /\b(?:account|mailbox|login)\b.{0,25}\b(?:hacked|hijacked|compromised|breached|taken over)\b/i,
  ),
  phrase(3, /\b(?:stolen|stole|lost)\b.{0,15}\b(?:laptop|notebook|computer|pc|tablet|device)\b/i),
  phrase(3, /\b(?:laptop|notebook|computer|pc|tablet|device)\b.{0,20}\b(?:stolen|lost)\b/i),
  phrase(-6, /\b(?:zoom|teams meeting|remote desktop|rdp|citrix|vpn|training) sessions?\b/i),
];

const licence: readonly Phrase[] = [
  phrase(
    3,
    /\b(?:need|want|assign|give|get|add|request\w*|require|would like|missing)\b.{0,40}\blicen[cs]es?\b/i,
  ),
  phrase(-6, /\b(?:driver|driving|parking|fishing) licen[cs]e\b/i),
];

const begins = String.raw`(?:^|[:,"'>*\-]\s*|\b(?:please|also|and|then|must|should|now|you|instead|first|do|to|kindly)\s+)`;
const order = (verbs: string, rest: string): RegExp => orderAfter(begins, verbs, rest);

export const english: Language = {
  code: "en",
  common:
    /\b(?:the|my|is|and|please|of|for|to|not|you|it|her|his|was|have|has|who|can|all|with|this|that|are|she|he)\b|\bI\b/gi,
  wishes: { password, mfa, lookup, sessions, licence },
  person: {
    introductions:
      /\b(?:[Ff]or|[Oo]f|[Tt]o|[Aa]bout|[Bb]ehalf of|[Uu]ser|[Ee]mployee|[Cc]olleague|[Bb]oss|[Mm]anager|[Aa]ssistant|[Uu]p|[Ii]s|[Aa]nd|[Rr]eset|[Uu]nlock|[Gg]ive|,)\s+(?:(?:our|my|the|user|employee|colleague|boss|manager|CEO|CFO|CTO|Mr\.?|Ms\.?|Mrs\.?|Dr\.?)\s+){0,3}/g,
    possessive: /['’]s?\b/,
    self: /\b(?:I|I'm|I’m|me|mine|myself|my (?:own |user |work |company |microsoft |office |windows |old |new |domain |network )*(?:password|passcode|account|mfa|2fa|authenticator|phone|login|sign-?in|passkey|security key|pc|laptop|computer|manager|boss|department))\b/i,
    own: /\bmy (?:own |user |work |company |microsoft |office |windows |old |domain |network )*(?:password|passcode|account|mfa|2fa|authenticator|phone|login|passkey|security key)\b/i,
    addition: /\b(?:also|too|as well|both|and (?:for|of|reset|unlock|that of))\b/i,
    other: /\b(?:he|she|his|her|him|they|their|them)\b/i,
    notNames: new Set(
      `windows microsoft outlook office teams azure active help service google apple android iphone
      authenticator monday tuesday wednesday thursday friday saturday sunday the this that access remote
      human global domain directory desk support account password internal external company security
      multi factor two wi remote our please thanks kind best regards it hr sharepoint onedrive intune`.split(
        /\s+/,
      ),
    ),
  },
  orders: [
    {
      pattern: order(
        "send|post|broadcast|publish|announce|e-?mail|mail|message|write|tell|inform|notify",
        String.raw`.{0,200}\b(?:all (?:of )?(?:the |our |my )?(?:staff|employees|users|colleagues|people|personnel|team)|everyone|everybody|(?:the )?(?:whole|entire) (?:company|staff|organi[sz]ation)|company-?wide)\b`,
      ),
      tool: "message.broadcast",
      arguments: "text",
      needsClaim: false,
    },
    {
      pattern:
        /\b(?:tell|show|give|send|reveal|read|print|share|disclose|what(?: is|'s)|need)\b(?!.{0,40}\b(?:new|temporary|reset)\b).{0,60}\bpasswords?\b/i,
      tool: "password.read",
      arguments: "user",
      needsClaim: false,
    },
    {
      pattern: order(
        "grant|make|assign|add|promote|elevate",
        String.raw`.{0,80}\b(?:admin\w*|role|owner|privileg\w+)\b`,
      ),
      tool: "role.assign",
      arguments: "user",
      needsClaim: true,
    },
    {
      pattern: order(
        "delete|remove|disable|deactivate|wipe",
        String.raw`.{0,60}\b(?:account|user|mailbox|device)s?\b`,
      ),
      tool: "account.delete",
      arguments: "user",
      needsClaim: true,
    },
    {
      pattern: order(
        "export|dump|list|download",
        String.raw`.{0,60}\b(?:users|employees|directory|passwords|credentials|secrets|accounts)\b`,
      ),
      tool: "directory.export",
      arguments: "text",
      needsClaim: true,
    },
    {
      pattern: order("send|forward|e-?mail|mail", ".{0,200}@"),
      tool: "mail.send",
      arguments: "text",
      needsClaim: true,
    },
    {
      pattern: order(
        "transfer|pay|wire|withdraw|deposit|send",
        String.raw`.{0,60}(?:[$€£]|\b(?:chf|usd|eur|money|bitcoin|transaction)\b)`,
      ),
      tool: "payment.send",
      arguments: "text",
      needsClaim: true,
    },
  ],
  claims: [
    /\b(?:ignore|disregard|forget|override|bypass)\b.{0,30}\b(?:previous|prior|above|earlier|preceding|all|your|the|these|any)\b.{0,20}\b(?:\w*structions?|rules?|prompts?|guidelines?|polic(?:y|ies)|restrictions?)\b/i,
    /\b(?:new|updated|additional|following) (?:system )?instructions?\b/i,
    /(?:\[|<|#+ ?\(?|\b)(?:system|admin|developer)(?:[ _](?:message|override|prompt|note|notice|mode))?(?:\]|>|\)|:)/i,
    /<\/?(?:system|information|instructions?|important|admin)>/i,
    /\byou are now\b|\b(?:developer|admin|maintenance|debug|god) mode\b|\bact as (?:an? )?(?:admin\w*|root)\b/i,
    /\bimportant(?:!+|:| message| instructions?)/i,
    /\b(?:without|no|skip (?:the )?|bypass (?:the )?)\s?(?:asking|approvals?|confirmation|verification)\b/i,
    /\b(?:pre-?|already )approved\b|\bI (?:hereby )?authori[sz]e\b|\bby order of\b/i,
  ],
  imperative:
    /^(?:(?:TODO|Do|Then|Also|Now|First|And|Please|Kindly)[:,]?\s+)*(?<verb>[A-Za-z]{3,20})\b/,
  say: englishSentences,
};
