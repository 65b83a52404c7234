// The catalogue in Italian.

import type { Catalogue } from "./en.ts";

export const it: Catalogue = {
  "card.title": "Serve la Sua approvazione",
  "card.title-granted": "Approvato",
  "card.title-refused": "Rifiutato",
  "card.title-expired": "Non deciso in tempo",
  "card.notification": "NIIVO chiede la Sua approvazione",
  "card.tool": "Strumento:",
  "card.runs": "Verrà eseguito esattamente questo:",
  "card.runs-not": "Questo non viene eseguito:",
  "card.no-arguments": "senza parametri",
  "card.requester": "Richiesto da:",
  "card.verified": "identità verificata all’accesso",
  "card.unverified": "identità NON verificata",
  "card.target": "Riguarda:",
  "card.vip": "VIP",
  "card.privileged": "ACCOUNT PRIVILEGIATO",
  "card.disabled": "account disattivato",
  "card.agent": "Agente:",
  "card.claim": "Il motivo indicato dall’agente (parole sue, che nessuno ha verificato):",
  "card.digest": "Impronta:",
  "card.expires": "Termine per rispondere:",
  "card.quorum":
    "{people, plural, one {Decide una sola persona.} other {Devono approvare # persone.}}",
  "card.grant": "Approva",
  "card.refuse": "Rifiuta",
  "card.counted": "La Sua risposta è valida: {votes} su {quorum}.",
  "card.expired": "Scaduto: nessuno ha deciso in tempo, quindi l’azione non viene eseguita.",
  "card.by": "Da:",

  "notice.title": "Per Sua informazione",
  "notice.notification": "NIIVO La informa di ciò che ha fatto un agente",
  "notice.ran": "È stato eseguito questo, con i seguenti parametri:",
  "notice.tried": "Doveva essere eseguito questo, con i seguenti parametri:",
  "notice.too-large":
    "I parametri sono troppo estesi per essere mostrati. L’impronta li identifica.",
  "notice.no-answer": "Non occorre rispondere. Se non doveva accadere, avvisi il service desk.",
  "notice.code": "Motivo:",
  "notice.completed": "Eseguito",
  "notice.failed": "Tentato, senza successo",
  "notice.unknown": "Iniziato, ma non si sa se sia avvenuto",

  "link.for-you": "Si sta impostando una password provvisoria per il Suo account.",
  "link.for-other":
    "Si sta impostando una password provvisoria per un account, da consegnare alla persona. L’account è di:",
  "link.where": "Solo Lei può vederla, una volta sola, dopo un nuovo accesso:",
  "link.until": "Il link è valido fino a:",
  "link.never-asked": "NIIVO non Le chiede mai una password.",

  "press.checking": "La Sua risposta è in fase di verifica. L’esito comparirà in questa chat.",
  "press.unreadable": "Non è stato possibile leggere questa risposta, che quindi non conta.",
  "press.not-recorded":
    "Non è stato possibile registrare la Sua risposta. La preghiamo di premere di nuovo.",
  "press.unknown-approval": "Questa richiesta non risulta.",

  "ticket.opened":
    "Il Suo ticket è aperto ({ticket}). La risposta arriverà in questa chat. Ogni messaggio che scrive qui diventa un ticket a sé.",
  "ticket-refusal.no-text":
    "Non è stato aperto nessun ticket: qui si può leggere solo testo. La preghiamo di scrivere di che cosa ha bisogno.",
  "ticket-refusal.text-too-long":
    "Non è stato aperto nessun ticket: il messaggio è troppo lungo. La preghiamo di scrivere al massimo 8000 caratteri.",
  "ticket-refusal.writer-unknown":
    "Non è stato aperto nessun ticket: il Suo account non risulta nella Sua organizzazione.",
  "ticket-refusal.writer-disabled":
    "Non è stato aperto nessun ticket: il Suo account è disattivato.",
  "ticket-refusal.directory-unavailable":
    "Non è stato aperto nessun ticket: non è stato possibile verificare il Suo account. La preghiamo di inviare di nuovo il messaggio tra un minuto.",

  "refusal.digest-mismatch": "L’azione non corrisponde alla sua impronta.",
  "refusal.other-customer":
    "L’azione, o una delle persone coinvolte, appartiene a un altro cliente.",
  "refusal.too-large-to-show":
    "L’azione è troppo estesa per comparire per intero su una scheda: per questo non viene consultato nessuno.",
  "refusal.approvers-unavailable": "La directory non ha indicato chi può approvare.",
  "refusal.not-enough-approvers": "Troppo poche persone possono approvare questa azione.",
  "refusal.nobody-reached":
    "Non è stato possibile raggiungere nessuna delle persone che possono approvare.",
  "refusal.too-few-reached":
    "È stato possibile raggiungere troppo poche persone tra quelle che possono approvare.",
  "refusal.refused-by-approver": "Una delle persone consultate ha rifiutato.",

  "rejection.unknown-approval":
    "La Sua risposta non è valida: nessuno è stato consultato al riguardo.",
  "rejection.closed": "La Sua risposta non è valida: la richiesta era già stata decisa.",
  "rejection.expired": "La Sua risposta non è valida: il termine era scaduto.",
  "rejection.other-digest":
    "La Sua risposta non è valida: riguardava un’azione diversa da quella richiesta.",
  "rejection.other-tenant": "La Sua risposta non è valida: proveniva da un’altra organizzazione.",
  "rejection.is-requester": "La Sua risposta non è valida: questa richiesta proviene da Lei.",
  "rejection.is-target": "La Sua risposta non è valida: l’azione riguarda il Suo account.",
  "rejection.not-an-approver":
    "La Sua risposta non è valida: non Le è stata chiesta questa approvazione.",
  "rejection.already-voted": "La Sua seconda risposta non è valida: ha già risposto.",
  "rejection.approver-disabled": "La Sua risposta non è valida: il Suo account è disattivato.",
  "rejection.not-in-group":
    "La Sua risposta non è valida: non fa più parte del gruppo che può approvare.",
  "rejection.facts-unavailable":
    "La Sua risposta non è valida: non è stato possibile consultare la directory. La preghiamo di riprovare.",
  "rejection.facts-outdated":
    "La Sua risposta non è valida: la verifica ha richiesto troppo tempo. La preghiamo di riprovare.",

  "requester.handed-over":
    "Ho inoltrato la Sua richiesta al service desk. Una persona del team La contatterà.",
};
