// The catalogue in German, in Swiss spelling: ss, never ß.

import type { Catalogue } from "./en.ts";

export const de: Catalogue = {
  "card.title": "Freigabe nötig",
  "card.title-granted": "Freigegeben",
  "card.title-refused": "Abgelehnt",
  "card.title-expired": "Nicht rechtzeitig entschieden",
  "card.notification": "NIIVO bittet Sie um eine Freigabe",
  "card.tool": "Werkzeug:",
  "card.runs": "Genau das wird ausgeführt:",
  "card.runs-not": "Das wird nicht ausgeführt:",
  "card.no-arguments": "ohne Angaben",
  "card.requester": "Angefragt von:",
  "card.verified": "angemeldet",
  "card.unverified": "Identität NICHT bestätigt",
  "card.target": "Betrifft:",
  "card.vip": "VIP",
  "card.privileged": "PRIVILEGIERT",
  "card.disabled": "Konto deaktiviert",
  "card.agent": "Agent:",
  "card.claim": "So begründet es der Agent (in seinen eigenen Worten, von niemandem geprüft):",
  "card.digest": "Prüfsumme:",
  "card.expires": "Offen bis:",
  "card.quorum":
    "{people, plural, one {Eine Person entscheidet.} other {# Personen müssen zustimmen.}}",
  "card.grant": "Freigeben",
  "card.refuse": "Ablehnen",
  "card.counted": "Ihre Antwort zählt: {votes} von {quorum}.",
  "card.expired":
    "Abgelaufen: Niemand hat rechtzeitig entschieden, deshalb wird nichts ausgeführt.",
  "card.by": "Von:",

  "notice.title": "Zu Ihrer Information",
  "notice.notification": "NIIVO teilt Ihnen mit, was ein Agent getan hat",
  "notice.ran": "Das wurde ausgeführt, mit diesen Angaben:",
  "notice.tried": "Das sollte ausgeführt werden, mit diesen Angaben:",
  "notice.too-large":
    "Die Angaben sind zu umfangreich, um sie zu zeigen. Die Prüfsumme bezeichnet sie.",
  "notice.no-answer":
    "Sie müssen nicht antworten. Hätte das nicht geschehen dürfen, melden Sie sich beim Service Desk.",
  "notice.code": "Grund:",
  "notice.completed": "Erledigt",
  "notice.failed": "Versucht und gescheitert",
  "notice.unknown": "Begonnen; ob es geschehen ist, ist nicht bekannt",

  "link.for-you": "Für Ihr Konto wird ein vorläufiges Passwort gesetzt.",
  "link.for-other":
    "Für ein Konto wird ein vorläufiges Passwort gesetzt, das Sie bitte weitergeben. Es ist das Konto von:",
  "link.where": "Nur Sie können es sehen, ein einziges Mal, nachdem Sie sich neu angemeldet haben:",
  "link.until": "Der Link gilt bis:",
  "link.never-asked": "NIIVO fragt Sie nie nach einem Passwort.",

  "press.checking": "Ihre Antwort wird geprüft. Das Ergebnis sehen Sie in diesem Chat.",
  "press.unreadable": "Diese Antwort war nicht lesbar und wurde nicht gezählt.",
  "press.not-recorded":
    "Ihre Antwort konnte nicht gespeichert werden. Bitte drücken Sie noch einmal.",
  "press.unknown-approval": "Diese Anfrage ist hier nicht bekannt.",

  "ticket.opened":
    "Ihr Ticket ist eröffnet ({ticket}). Die Antwort kommt in diesen Chat. Jede Nachricht, die Sie hier schreiben, wird ein eigenes Ticket.",
  "ticket-refusal.no-text":
    "Daraus wurde kein Ticket: Hier ist nur Text lesbar. Bitte schreiben Sie, was Sie brauchen.",
  "ticket-refusal.text-too-long":
    "Daraus wurde kein Ticket: Die Nachricht ist zu lang. Bitte schreiben Sie höchstens 8000 Zeichen.",
  "ticket-refusal.writer-unknown":
    "Daraus wurde kein Ticket: Ihr Konto wurde in Ihrer Organisation nicht gefunden.",
  "ticket-refusal.writer-disabled": "Daraus wurde kein Ticket: Ihr Konto ist deaktiviert.",
  "ticket-refusal.directory-unavailable":
    "Daraus wurde kein Ticket: Ihr Konto konnte nicht geprüft werden. Bitte senden Sie die Nachricht in einer Minute noch einmal.",

  "refusal.digest-mismatch": "Die Aktion stimmt nicht mit ihrer Prüfsumme überein.",
  "refusal.other-customer":
    "Die Aktion oder eine der beteiligten Personen gehört zu einem anderen Kunden.",
  "refusal.too-large-to-show":
    "Die Aktion ist zu umfangreich, um ganz auf einer Karte zu stehen. Darum wird niemand gefragt.",
  "refusal.approvers-unavailable": "Das Verzeichnis hat nicht mitgeteilt, wer freigeben darf.",
  "refusal.not-enough-approvers": "Zu wenige Personen dürfen das freigeben.",
  "refusal.nobody-reached": "Niemand, der freigeben darf, war erreichbar.",
  "refusal.too-few-reached": "Zu wenige Personen, die freigeben dürfen, waren erreichbar.",
  "refusal.refused-by-approver": "Eine der angefragten Personen hat abgelehnt.",

  "rejection.unknown-approval": "Ihre Antwort zählt nicht: Dazu wurde niemand gefragt.",
  "rejection.closed": "Ihre Antwort zählt nicht: Über die Anfrage war schon entschieden.",
  "rejection.expired": "Ihre Antwort zählt nicht: Die Frist war abgelaufen.",
  "rejection.other-digest":
    "Ihre Antwort zählt nicht: Sie betraf eine andere Aktion als die angefragte.",
  "rejection.other-tenant": "Ihre Antwort zählt nicht: Sie kam aus einer anderen Organisation.",
  "rejection.is-requester": "Ihre Antwort zählt nicht: Sie haben das selbst angefragt.",
  "rejection.is-target": "Ihre Antwort zählt nicht: Es geht um Ihr eigenes Konto.",
  "rejection.not-an-approver":
    "Ihre Antwort zählt nicht: Sie wurden nicht um diese Freigabe gebeten.",
  "rejection.already-voted": "Ihre zweite Antwort zählt nicht: Sie haben bereits geantwortet.",
  "rejection.approver-disabled": "Ihre Antwort zählt nicht: Ihr Konto ist deaktiviert.",
  "rejection.not-in-group":
    "Ihre Antwort zählt nicht: Sie gehören nicht mehr zur Gruppe, die das freigeben darf.",
  "rejection.facts-unavailable":
    "Ihre Antwort zählt nicht: Das Verzeichnis war nicht lesbar. Bitte versuchen Sie es noch einmal.",
  "rejection.facts-outdated":
    "Ihre Antwort zählt nicht: Die Prüfung hat zu lange gedauert. Bitte versuchen Sie es noch einmal.",

  "requester.handed-over":
    "Ich habe Ihr Anliegen an den Service Desk weitergegeben. Jemand aus dem Team meldet sich bei Ihnen.",
};
