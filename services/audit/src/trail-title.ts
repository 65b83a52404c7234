// What an entry is, in the words of somebody who asks what happened.

import type { Entry } from "@niivo/contracts/evidence";

const titles: Readonly<Record<string, string>> = {
  "ticket.opened": "Somebody asked",
  "ticket.submitted": "Somebody wrote in Teams",
  "ticket.refused": "A message in Teams was refused",
  "ticket.waiting": "The agent waits for people",
  "ticket.resolved": "The ticket was resolved",
  "ticket.escalated": "The ticket was handed to people",
  "action.requested": "The agent asked for an action",
  "facts.requested": "Facts were asked for",
  "facts.attested": "The broker attested the facts",
  "action.allowed": "The policy set allowed it",
  "action.denied": "The policy set denied it",
  "approval.required": "The policy set requires approval",
  "approval.asked": "People were shown the action",
  "vote.accepted": "A person decided",
  "vote.rejected": "A decision did not count",
  "approval.granted": "It was approved",
  "approval.refused": "It was refused",
  "approval.expired": "Nobody decided in time",
  "notice.posted": "People were told",
  "notice.failed": "People could not be told",
  "credential.access": "A credential was used",
  "action.started": "The call began",
  "action.completed": "The call came back",
  "action.failed": "The call failed",
  "action.unknown": "What the call did is not known",
  "action.reconciled": "A late answer came",
  "authorization.lapsed": "The permission ran out before it was used",
  "receipt.rejected": "A receipt was refused",
  "reply.recorded": "The person was answered",
  "secret.stored": "A secret was laid down for one person",
  "secret.revealed": "The secret was shown to its recipient",
  "secret.reveal-refused": "The secret was not shown",
  "secret.reveal-unknown": "Whether the secret was shown is not known",
  "secret.expired": "The secret was destroyed unseen",
  "message.dead-lettered": "A message was set aside",
};

const ofTheModel: Readonly<Record<string, string>> = {
  "action.requested": "The agent asks the model",
  "action.started": "The model was asked",
  "action.completed": "The model answered",
  "action.failed": "The model did not answer",
};

export function titleOf({ type, action }: Entry): string {
  const name = type.replace(/\.v\d+$/, "");
  const isModel = action?.tool === "model.respond";
  return (isModel ? ofTheModel[name] : undefined) ?? titles[name] ?? name;
}
