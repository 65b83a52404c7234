// The catalogue in French. Before a colon stands a space that does not break, as it is written there.

import type { Catalogue } from "./en.ts";

export const fr: Catalogue = {
  "card.title": "Votre accord est nécessaire",
  "card.title-granted": "Accepté",
  "card.title-refused": "Refusé",
  "card.title-expired": "Délai dépassé",
  "card.notification": "NIIVO vous demande votre accord",
  "card.tool": "Outil\u00a0:",
  "card.runs": "Voici exactement ce qui sera exécuté\u00a0:",
  "card.runs-not": "Ceci ne sera pas exécuté\u00a0:",
  "card.no-arguments": "sans paramètre",
  "card.requester": "Demandé par\u00a0:",
  "card.verified": "identité vérifiée à la connexion",
  "card.unverified": "identité NON vérifiée",
  "card.target": "Concerne\u00a0:",
  "card.vip": "VIP",
  "card.privileged": "COMPTE PRIVILÉGIÉ",
  "card.disabled": "compte désactivé",
  "card.agent": "Agent\u00a0:",
  "card.claim":
    "La raison avancée par l’agent (ce sont ses propres mots, personne ne les a vérifiés)\u00a0:",
  "card.digest": "Empreinte\u00a0:",
  "card.expires": "Délai de réponse\u00a0:",
  "card.quorum":
    "{people, plural, one {Une seule personne décide.} other {L’accord de # personnes est nécessaire.}}",
  "card.grant": "Accepter",
  "card.refuse": "Refuser",
  "card.counted": "Votre réponse est prise en compte\u00a0: {votes} sur {quorum}.",
  "card.expired":
    "Délai dépassé\u00a0: personne n’a répondu à temps, l’action ne sera donc pas exécutée.",
  "card.by": "Par\u00a0:",

  "notice.title": "Pour votre information",
  "notice.notification": "NIIVO vous informe de ce qu’un agent a fait",
  "notice.ran": "Voici ce qui a été exécuté, avec ces paramètres\u00a0:",
  "notice.tried": "Voici ce qui devait être exécuté, avec ces paramètres\u00a0:",
  "notice.too-large":
    "Les paramètres sont trop volumineux pour être affichés. L’empreinte les désigne.",
  "notice.no-answer":
    "Aucune réponse n’est nécessaire. Si cela ne devait pas se produire, prévenez le service d’assistance.",
  "notice.code": "Motif\u00a0:",
  "notice.completed": "Effectué",
  "notice.failed": "Essayé, sans succès",
  "notice.unknown": "Commencé, mais le résultat n’est pas connu",

  "link.for-you": "Un mot de passe provisoire est en cours de création pour votre compte.",
  "link.for-other":
    "Un mot de passe provisoire est en cours de création pour un compte, et c’est à vous de le transmettre. Il s’agit du compte de\u00a0:",
  "link.where":
    "Il n’est visible que par vous, une seule fois, après une nouvelle connexion\u00a0:",
  "link.until": "Le lien est valable jusqu’au\u00a0:",
  "link.never-asked": "NIIVO ne vous demande jamais de mot de passe.",

  "press.checking":
    "Votre réponse est en cours de vérification. Le résultat s’affichera dans cette conversation.",
  "press.unreadable": "Cette réponse n’a pas pu être lue et n’a pas été prise en compte.",
  "press.not-recorded":
    "Votre réponse n’a pas pu être enregistrée. Veuillez appuyer encore une fois.",
  "press.unknown-approval": "Cette demande n’est pas connue ici.",

  "ticket.opened":
    "Votre ticket est ouvert ({ticket}). La réponse arrivera dans cette conversation. Chaque message que vous écrivez ici devient un ticket distinct.",
  "ticket-refusal.no-text":
    "Aucun ticket n’a été ouvert\u00a0: seul du texte peut être lu ici. Veuillez écrire ce dont vous avez besoin.",
  "ticket-refusal.text-too-long":
    "Aucun ticket n’a été ouvert\u00a0: le message est trop long. Veuillez écrire 8000 caractères au maximum.",
  "ticket-refusal.writer-unknown":
    "Aucun ticket n’a été ouvert\u00a0: votre compte n’a pas été trouvé dans votre organisation.",
  "ticket-refusal.writer-disabled":
    "Aucun ticket n’a été ouvert\u00a0: votre compte est désactivé.",
  "ticket-refusal.directory-unavailable":
    "Aucun ticket n’a été ouvert\u00a0: votre compte n’a pas pu être vérifié. Veuillez renvoyer le message dans une minute.",

  "refusal.digest-mismatch": "L’action ne correspond pas à son empreinte.",
  "refusal.other-customer": "L’action, ou une personne concernée, appartient à un autre client.",
  "refusal.too-large-to-show":
    "L’action est trop volumineuse pour figurer en entier sur une carte\u00a0: personne n’est donc consulté.",
  "refusal.approvers-unavailable": "L’annuaire n’a pas indiqué qui peut donner son accord.",
  "refusal.not-enough-approvers": "Trop peu de personnes peuvent donner leur accord.",
  "refusal.nobody-reached": "Aucune des personnes pouvant donner leur accord n’a pu être jointe.",
  "refusal.too-few-reached":
    "Trop peu de personnes pouvant donner leur accord ont pu être jointes.",
  "refusal.refused-by-approver": "Une des personnes consultées a refusé.",

  "rejection.unknown-approval":
    "Votre réponse n’a pas été prise en compte\u00a0: personne n’a été consulté à ce sujet.",
  "rejection.closed":
    "Votre réponse n’a pas été prise en compte\u00a0: la demande était déjà tranchée.",
  "rejection.expired": "Votre réponse n’a pas été prise en compte\u00a0: le délai était dépassé.",
  "rejection.other-digest":
    "Votre réponse n’a pas été prise en compte\u00a0: elle portait sur une autre action que celle demandée.",
  "rejection.other-tenant":
    "Votre réponse n’a pas été prise en compte\u00a0: elle provenait d’une autre organisation.",
  "rejection.is-requester":
    "Votre réponse n’a pas été prise en compte\u00a0: c’est vous qui avez fait cette demande.",
  "rejection.is-target":
    "Votre réponse n’a pas été prise en compte\u00a0: cette action concerne votre propre compte.",
  "rejection.not-an-approver":
    "Votre réponse n’a pas été prise en compte\u00a0: votre accord n’a pas été demandé.",
  "rejection.already-voted":
    "Votre deuxième réponse n’a pas été prise en compte\u00a0: vous avez déjà répondu.",
  "rejection.approver-disabled":
    "Votre réponse n’a pas été prise en compte\u00a0: votre compte est désactivé.",
  "rejection.not-in-group":
    "Votre réponse n’a pas été prise en compte\u00a0: vous ne faites plus partie du groupe habilité.",
  "rejection.facts-unavailable":
    "Votre réponse n’a pas été prise en compte\u00a0: l’annuaire n’a pas pu être consulté. Veuillez réessayer.",
  "rejection.facts-outdated":
    "Votre réponse n’a pas été prise en compte\u00a0: la vérification a pris trop de temps. Veuillez réessayer.",

  "requester.handed-over":
    "J’ai transmis votre demande au service d’assistance. Une personne de l’équipe prendra contact avec vous.",
};
