// The `links` topic. Published by the process of the one-time secret links alone: who was shown a secret,
// who was refused, and which secret nobody fetched. No secret and no ciphertext has a place here (R5).

import { CredentialAccess } from "./broker.ts";
import {
  command,
  event,
  Guid,
  Id,
  MessageDeadLettered,
  ReasonCode,
  type TopicContract,
} from "./envelope.ts";
import { ErasureConfirmed } from "./erasure.ts";

/** A link lives no longer than this, however often it is asked for. */
export const secretLinkMs = 24 * 60 * 60 * 1000;
/** Who is shown a secret signed in, with a second factor, at most this long ago. */
export const revealSignInMaxMs = 5 * 60 * 1000;
/** A reveal that has said nothing for this long was interrupted. */
export const revealMaxMs = 2 * 60 * 1000;

/** The Entra object id of the person at the page, from their validated ID token. */
const person = { by: Guid };

/** The secret was taken out of the store, for good, and sent to this one person. */
export const SecretRevealed = event("secret.revealed.v1", {
  actionId: Id,
  secretId: Id,
  ...person,
});

/** Somebody signed in, and was shown nothing. Without `actionId`, no such secret was there. */
export const SecretRevealRefused = event("secret.reveal-refused.v1", {
  actionId: Id.optional(),
  secretId: Id,
  ...person,
  code: ReasonCode,
});

/** The key was taken and the process ended: the secret may have been shown. For a person to find out. */
export const SecretRevealUnknown = event("secret.reveal-unknown.v1", {
  actionId: Id,
  secretId: Id,
  ...person,
});

/** Nobody fetched it in time. It is deleted. */
export const SecretExpired = event("secret.expired.v1", { actionId: Id, secretId: Id });

const attempt = { secretId: Id, actionId: Id, attempt: Id, ...person };

/** Command, on the bus before the vault is asked for the key (R6): this person may see the secret. */
export const RevealBegin = command("reveal.begin.v1", attempt);

/** Command: the secret is out of the store, and on its way to the person. */
export const RevealEnd = command("reveal.end.v1", attempt);

/** Command: the person was shown nothing. With `attempt`, it had begun. */
export const RevealRefuse = command("reveal.refuse.v1", {
  secretId: Id,
  actionId: Id.optional(),
  attempt: Id.optional(),
  ...person,
  code: ReasonCode,
});

/** Timer: an attempt that began should have ended. */
export const RevealDue = command("reveal.due.v1", { secretId: Id, attempt: Id });

/** Timer: the link's life is over. */
export const SecretDue = command("secret.due.v1", { secretId: Id });

export const links = {
  topic: "links",
  events: {
    [CredentialAccess.shape.type.value]: CredentialAccess,
    [SecretRevealed.shape.type.value]: SecretRevealed,
    [SecretRevealRefused.shape.type.value]: SecretRevealRefused,
    [SecretRevealUnknown.shape.type.value]: SecretRevealUnknown,
    [SecretExpired.shape.type.value]: SecretExpired,
    [ErasureConfirmed.shape.type.value]: ErasureConfirmed,
    [MessageDeadLettered.shape.type.value]: MessageDeadLettered,
  },
  commands: {
    [RevealBegin.shape.type.value]: RevealBegin,
    [RevealEnd.shape.type.value]: RevealEnd,
    [RevealRefuse.shape.type.value]: RevealRefuse,
    [RevealDue.shape.type.value]: RevealDue,
    [SecretDue.shape.type.value]: SecretDue,
  },
} as const satisfies TopicContract;
