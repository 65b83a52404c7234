// The reveal: the one decision that an HTTP request makes by itself, because the secret may be neither on
// the bus nor in a state. One compare-and-swap takes the secret out of the store; whoever wins it sees it.
//
// Invariants:
//   V1. Only the recipient, signed in at most `revealSignInMaxMs` ago with a second factor, before the
//       link's end. Everybody else gets nothing, and the chain says so (R10).
//   V2. That the key is about to be taken is on the bus before the vault is asked for it (R6). No bus, no
//       reveal.
//   V3. The secret is out of the store before it is sent: of any number of requests at most one gets it.
//   V4. The secret is looked for in the customer of the session alone (R12).

import { randomUUID } from "node:crypto";
import { derivedId } from "@niivo/contracts/canonical";
import type { Customer } from "@niivo/contracts/customers";
import { revealSignInMaxMs } from "@niivo/contracts/links";
import { clockSkewMs } from "@niivo/contracts/receipt";
import type { Host } from "@niivo/host/host";
import type { Store } from "@niivo/host/store";
import { secretLinkKey } from "../credentials.ts";
import { callMs, type ReadSecret, type Secret } from "../ports.ts";
import { open, SealedSecret, secretDocument } from "../sealed-secret.ts";
import type { BrowserSession } from "./browser-sessions.ts";
import type { Person } from "./sign-in.ts";

export interface RevealParts {
  readonly customers: readonly Customer[];
  /** Shared with the broker: it creates the secrets, and discards those whose change was refused. */
  readonly secrets: Store;
  readonly readSecret: ReadSecret;
  readonly host: Pick<Host, "send" | "now" | "log">;
}

export type RefusalCode =
  | "nothing-there"
  | "other-person"
  | "second-factor-missing"
  | "sign-in-old"
  | "key-unavailable"
  | "not-openable";

export type Revealed =
  | { readonly kind: "revealed"; readonly secret: Secret }
  | { readonly kind: "refused"; readonly code: RefusalCode };

/** One attempt of one person. @throws BusUnavailable, StoreError: nothing was taken, unless it says V3. */
export async function reveal(
  parts: RevealParts,
  { customer: customerId, person }: BrowserSession,
  secretId: string,
): Promise<Revealed> {
  const customer = parts.customers.find(({ id }) => id === customerId);
  const id = secretDocument(secretId);
  const found = await parts.secrets.read(customerId, id); // V4
  const about = { customer: customerId, secretId, by: person.objectId };
  if (customer === undefined || found === undefined) return refuse(parts, about, "nothing-there");
  const sealed = SealedSecret.parse(found.body);
  const begun = { ...about, actionId: sealed.actionId, ticket: sealed.ticket };
  const problem = problemOf(sealed, person, parts.host.now());
  if (problem !== undefined) return refuse(parts, begun, problem); // V1
  const attempt = { ...begun, attempt: randomUUID() };
  await tell(parts, attempt, "reveal.begin.v1"); // V2
  const work = { requestId: attempt.attempt, signal: AbortSignal.timeout(callMs) };
  const { vaultUrl } = customer;
  const key = await parts.readSecret({ vaultUrl, name: secretLinkKey }, work);
  if (key.kind === "failed") return refuse(parts, attempt, "key-unavailable");
  const { recipient } = sealed;
  const secret = open(key.value, sealed, { secretId, recipient });
  if (secret === undefined) return refuse(parts, attempt, "not-openable");
  const { etag } = found;
  const taken = await parts.secrets.commit(customerId, [{ kind: "delete", id, etag }]); // V3
  if (taken.kind === "conflict") return refuse(parts, attempt, "nothing-there");
  try {
    await tell(parts, attempt, "reveal.end.v1");
  } catch (error) {
    // It is out of the store: kept back it would be lost. The actor will say that this attempt is unknown.
    parts.host.log.error({ err: error, secretId }, "a reveal could not be told");
  }
  return { kind: "revealed", secret };
}

// V1.
function problemOf(sealed: SealedSecret, person: Person, now: Date): RefusalCode | undefined {
  if (now.getTime() >= Date.parse(sealed.expiresAt)) return "nothing-there";
  if (sealed.recipient !== person.objectId) return "other-person";
  if (!person.multifactor) return "second-factor-missing";
  const ageMs = now.getTime() - (person.signedInAtMs ?? Number.NaN);
  // A sign-in without a time has no age, and is too old as well.
  return ageMs <= revealSignInMaxMs && ageMs >= -clockSkewMs ? undefined : "sign-in-old";
}

interface About {
  readonly customer: string;
  readonly secretId: string;
  readonly by: string;
  readonly actionId?: string;
  readonly ticket?: string;
  readonly attempt?: string;
}

async function refuse(parts: RevealParts, about: About, code: RefusalCode): Promise<Revealed> {
  await tell(parts, about, "reveal.refuse.v1", { code });
  return { kind: "refused", code };
}

async function tell({ host }: RevealParts, about: About, type: string, more: object = {}) {
  const { customer, ticket, ...data } = about;
  await host.send({
    id: derivedId(about.attempt ?? randomUUID(), type),
    type,
    customer,
    ...(ticket === undefined ? {} : { ticket }),
    subject: about.secretId,
    data: { ...data, ...more },
  });
}
