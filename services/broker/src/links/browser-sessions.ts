// What is remembered about a browser, for minutes: that it went to sign in, and who came back.
//
// Invariants:
//   C1. A cookie is 256 random bits; the store has only their digest, so neither a store nor a log can
//       be turned into a session.
//   C2. A sign-in that is pending can be ended once.
//   C3. A session ends `revealSignInMaxMs` after its beginning, and has `attemptsMax` attempts.

import { createHash, randomBytes } from "node:crypto";
import { CustomerId, Id } from "@niivo/contracts/envelope";
import { revealSignInMaxMs } from "@niivo/contracts/links";
import type { Sweep } from "@niivo/host/erasure";
import type { Store } from "@niivo/host/store";
import { z } from "zod";
import { PendingSignIn, Person } from "./sign-in.ts";

const pendingSeconds = 10 * 60;
const cookieBytes = 32;
const conflictsMax = 20;
/** So often may one session ask for secrets; then the person signs in again. */
const attemptsMax = 5;

const Cookie = z
  .string()
  .max(200)
  .regex(/^[a-z][a-z0-9-]{1,39}\.[A-Za-z0-9_-]{43}$/);
const Pending = z.strictObject({ secretId: Id, signIn: PendingSignIn });
const Session = z.strictObject({ person: Person, endsAtMs: z.int(), attempts: z.int().min(0) });

export type PendingBrowser = z.infer<typeof Pending> & { readonly customer: string };
export interface BrowserSession {
  readonly customer: string;
  readonly person: Person;
  /** The document that counts this session's attempts. */
  readonly id: string;
}

export type BrowserSessions = ReturnType<typeof browserSessions>;

export function browserSessions(store: Store, now: () => Date) {
  const create = async (kind: string, customer: string, body: object, ttlSeconds: number) => {
    const cookie = `${customer}.${randomBytes(cookieBytes).toString("base64url")}`;
    const id = documentOf(kind, cookie);
    await store.commit(customer, [{ kind: "create", id, body: { ...body }, ttlSeconds }]);
    return cookie;
  };
  return {
    /** The cookie of a browser that goes to sign in, from the page of this secret. */
    depart: ({ customer, ...pending }: PendingBrowser): Promise<string> =>
      create("sign-in", customer, pending, pendingSeconds),
    /** The pending sign-in of this cookie, once (C2). */
    async take(cookie: string | undefined): Promise<PendingBrowser | undefined> {
      const customer = customerIn(cookie);
      if (cookie === undefined || customer === undefined) return undefined;
      const id = documentOf("sign-in", cookie);
      const found = await store.read(customer, id);
      if (found === undefined) return undefined;
      const done = await store.commit(customer, [{ kind: "delete", id, etag: found.etag }]);
      if (done.kind === "conflict") return undefined;
      return { customer, ...Pending.parse(found.body) };
    },
    /** The cookie of somebody who has signed in. It lives while a reveal could still succeed (C3). */
    arrive(customer: string, person: Person): Promise<string> {
      const endsAtMs = now().getTime() + revealSignInMaxMs;
      const body = { person, endsAtMs, attempts: 0 };
      return create("session", customer, body, revealSignInMaxMs / 1000);
    },
    async find(cookie: string | undefined): Promise<BrowserSession | undefined> {
      const customer = customerIn(cookie);
      if (cookie === undefined || customer === undefined) return undefined;
      const id = documentOf("session", cookie);
      const found = await store.read(customer, id);
      if (found === undefined) return undefined;
      return { customer, id, person: Session.parse(found.body).person };
    },
    /** Counts one attempt; false when there are none left, or the session has ended (C3). */
    async attempt({ customer, id }: BrowserSession): Promise<boolean> {
      for (let conflicts = 0; conflicts < conflictsMax; conflicts++) {
        const found = await store.read(customer, id);
        if (found === undefined) return false;
        const session = Session.parse(found.body);
        if (session.attempts >= attemptsMax) return false;
        const body = { ...session, attempts: session.attempts + 1 };
        const ttlSeconds = Math.ceil((session.endsAtMs - now().getTime()) / 1000);
        if (ttlSeconds <= 0) return false;
        const { etag } = found;
        const done = await store.commit(customer, [
          { kind: "replace", id, body, etag, ttlSeconds },
        ]);
        if (done.kind === "committed") return true;
      }
      return false;
    },
  };
}

const pageMax = 100;

/** What an erasure deletes: the sessions of its person. Where a browser goes to sign in nobody is known yet. */
export const sweepSessions: Sweep = async ({ customer, person }, { store, forget }) => {
  for (let after: string | undefined; ; ) {
    const from = after === undefined ? {} : { after };
    const page = await store.list(customer, { prefix: "session:", limit: pageMax, ...from });
    const theirs = page.filter(({ body }) => isOf(Session.parse(body).person, person));
    await forget(theirs.map(({ id }) => id));
    after = page.at(-1)?.id;
    if (page.length < pageMax) return { documents: 0 };
  }
};

const isOf = ({ objectId }: Person, person: string): boolean =>
  objectId.toLowerCase() === person.toLowerCase();

const documentOf = (kind: string, cookie: string): string =>
  `${kind}:${createHash("sha256").update(cookie).digest("hex")}`; // C1

function customerIn(cookie: string | undefined): string | undefined {
  const [customer] = Cookie.safeParse(cookie).data?.split(".") ?? [];
  return CustomerId.safeParse(customer).data;
}
