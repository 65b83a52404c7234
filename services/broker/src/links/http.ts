// The door of the secret links: a page, a sign-in, and the reveal.
//
// Invariants:
//   W1. No GET reveals, consumes or even looks for a secret: previews and prefetches get a page with a button.
//   W2. What changes something comes from this page: a request of another origin is refused, besides the
//       strict cookie that such a request does not carry.
//   W3. Nothing of it is kept by a browser or a proxy, shown in a frame, or told to another site.

import type { Customer } from "@niivo/contracts/customers";
import { CustomerId, Id } from "@niivo/contracts/envelope";
import { bodyLimit, problem } from "@niivo/host/problem";
import { type Context, Hono } from "hono";
import { deleteCookie, getCookie, setCookie } from "hono/cookie";
import type { CookieOptions } from "hono/utils/cookie";
import type { BrowserSessions } from "./browser-sessions.ts";
import { arrivedPage, messagePage, pageScript, pageStyle, secretPage } from "./page.ts";
import { type RefusalCode, type Revealed, type RevealParts, reveal } from "./reveal.ts";
import type { SignIn } from "./sign-in.ts";

const bodyBytesMax = 1024;
/** The way back from the sign-in takes no longer than a person and their phone. */
const signInSeconds = 10 * 60;
const sessionSeconds = 5 * 60;
/** Registered with the application in Entra. */
export const callbackPath = "/sign-in/callback";

export interface LinksDoor extends RevealParts {
  /** The page's own origin. */
  readonly linksUrl: string;
  /** Where the sign-in form leads: a browser applies `form-action` to the redirect, too. */
  readonly entraAuthorityHost: string;
  readonly browsers: BrowserSessions;
  readonly signIn: SignIn;
}

export function linksHttp(door: LinksDoor): Hono {
  const app = new Hono();
  const cookies = cookiesOf(door.linksUrl);
  app.use(async (c, next) => {
    await next();
    protect(c, door.entraAuthorityHost); // W3
  });
  app.get("/assets/page-script.js", (c) =>
    c.body(pageScript, 200, { "content-type": "text/javascript; charset=utf-8" }),
  );
  app.get("/assets/page-style.css", (c) =>
    c.body(pageStyle, 200, { "content-type": "text/css; charset=utf-8" }),
  );
  app.get("/s/:customer/:secret", async (c) => {
    const link = linkOf(door.customers, c.req.param());
    if (link === undefined) return nothing(c);
    const session = await door.browsers.find(getCookie(c, cookies.session));
    const name = session?.customer === link.customer.id ? session.person.name : undefined;
    return c.html(secretPage({ ...link, name })); // W1
  });
  app.post("/s/:customer/:secret/sign-in", bodyLimit(bodyBytesMax), async (c) => {
    const link = linkOf(door.customers, c.req.param());
    if (link === undefined) return nothing(c);
    if (!isOwn(c, door.linksUrl)) return otherOrigin(c); // W2
    const { url, pending } = await door.signIn.begin(link.customer);
    const { customer, secretId } = link;
    const departing = { customer: customer.id, secretId, signIn: pending };
    // Lax: the browser comes back from Entra's site.
    setCookie(c, cookies.signIn, await door.browsers.depart(departing), {
      ...cookies.options,
      sameSite: "Lax",
      maxAge: signInSeconds,
    });
    return c.redirect(url.href, 303);
  });
  app.get(callbackPath, (c) => arrived(door, c));
  app.post("/v1/secrets/:secret/reveal", bodyLimit(bodyBytesMax), (c) => asked(door, c));
  return app;
}

async function arrived(door: LinksDoor, c: Context): Promise<Response> {
  const cookies = cookiesOf(door.linksUrl);
  const pending = await door.browsers.take(getCookie(c, cookies.signIn));
  deleteCookie(c, cookies.signIn, cookies.options);
  const customer = door.customers.find(({ id }) => id === pending?.customer);
  if (pending === undefined || customer === undefined) return notSignedIn(c);
  const url = new URL(callbackPath, door.linksUrl);
  url.search = new URL(c.req.url).search;
  const arrival = await door.signIn.end(customer, url, pending.signIn);
  if (arrival.kind === "refused") {
    door.host.log.warn({ code: arrival.code, customer: customer.id }, "a sign-in was refused");
    return notSignedIn(c);
  }
  setCookie(c, cookies.session, await door.browsers.arrive(customer.id, arrival.person), {
    ...cookies.options,
    sameSite: "Strict",
    maxAge: sessionSeconds,
  });
  return c.html(arrivedPage(`/s/${customer.id}/${pending.secretId}`));
}

async function asked(door: LinksDoor, c: Context): Promise<Response> {
  if (!isOwn(c, door.linksUrl)) return otherOrigin(c); // W2
  const secretId = Id.safeParse(c.req.param("secret"));
  if (!secretId.success) return problem(c, 404, "nothing-there", "There is no such secret.");
  const session = await door.browsers.find(getCookie(c, cookiesOf(door.linksUrl).session));
  if (session === undefined) return problem(c, 401, "not-signed-in", "Sign in at the page first.");
  if (!(await door.browsers.attempt(session)))
    return problem(c, 429, "too-many-attempts", "Sign in again before you try again.");
  return answered(c, await reveal(door, session, secretId.data.toLowerCase()));
}

function answered(c: Context, outcome: Revealed): Response {
  if (outcome.kind === "revealed") return c.json({ secret: outcome.secret() }, 200);
  const [status, detail] = refusals[outcome.code];
  return problem(c, status, outcome.code, detail);
}

const refusals: Readonly<Record<RefusalCode, readonly [403 | 404 | 500 | 503, string]>> = {
  "nothing-there": [404, "It was never here, was shown already, or its time is over."],
  "other-person": [403, "It is for somebody else."],
  "second-factor-missing": [403, "Sign in with a second factor."],
  "sign-in-old": [403, "Sign in again: the last time is too long ago."],
  "key-unavailable": [503, "It cannot be opened now; nothing was used up."],
  "not-openable": [500, "It cannot be opened."],
};

function linkOf(customers: readonly Customer[], path: { customer: string; secret: string }) {
  const id = CustomerId.safeParse(path.customer).data;
  const secretId = Id.safeParse(path.secret).data?.toLowerCase();
  const customer = customers.find((one) => one.id === id);
  if (customer === undefined || secretId === undefined) return undefined;
  return { customer, secretId, path: `/s/${customer.id}/${secretId}` };
}

/**
 * A browser says where a POST comes from: by `Origin`, or, for a form of a page without referrer, where
 * that is `null`, by `Sec-Fetch-Site`. No page of another site can write either.
 * https://html.spec.whatwg.org/multipage/, https://www.w3.org/TR/fetch-metadata/
 */
function isOwn(c: Context, linksUrl: string): boolean {
  const origin = c.req.header("origin") ?? "null";
  return (
    origin === linksUrl || (origin === "null" && c.req.header("sec-fetch-site") === "same-origin")
  );
}

// W3.
function protect(c: Context, entraAuthorityHost: string): void {
  const policy = [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "connect-src 'self'",
    `form-action 'self' ${new URL(entraAuthorityHost).origin}`,
    "base-uri 'none'",
    "frame-ancestors 'none'",
  ];
  c.header("content-security-policy", policy.join("; "));
  c.header("cache-control", "no-store");
  c.header("referrer-policy", "no-referrer");
  c.header("x-robots-tag", "noindex, nofollow, noarchive");
}

/** `__Host-` and `Secure` wherever there is TLS: a configured origin without it is this machine's. */
function cookiesOf(linksUrl: string) {
  const secure = linksUrl.startsWith("https:");
  const prefix = secure ? "__Host-" : "";
  const options = { path: "/", httpOnly: true, secure } satisfies CookieOptions;
  return { session: `${prefix}niivo-session`, signIn: `${prefix}niivo-sign-in`, options };
}

const otherOrigin = (c: Context) =>
  problem(c, 403, "other-origin", "This is not asked by the page itself.");
const nothing = (c: Context) =>
  c.html(messagePage("Nothing here", "This address leads to no secret. Was it cut off?"), 404);
const notSignedIn = (c: Context) =>
  c.html(
    messagePage("You are not signed in", "The sign-in failed. Open the link again, please."),
    400,
  );
