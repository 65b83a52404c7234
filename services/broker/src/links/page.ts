// The page of a one-time secret. What it shows depends on who is signed in and on nothing about the secret:
// opening it, by a person, a link preview or a prefetch, reads and changes nothing.

import { readFileSync } from "node:fs";
import { html } from "hono/html";

/** What the browser loads besides the page; both are the same for everybody. */
export const pageScript = readFileSync(new URL("./page-script.js", import.meta.url), "utf8");
export const pageStyle = readFileSync(new URL("./page-style.css", import.meta.url), "utf8");

export interface Page {
  /** Path of this page, `/s/<customer>/<secret id>`. */
  readonly path: string;
  readonly secretId: string;
  /** Who is signed in; undefined for everybody else. */
  readonly name: string | undefined;
}

export const secretPage = ({ path, secretId, name }: Page) =>
  document(
    "A temporary password",
    name === undefined
      ? html`
          <p>
            Here waits a temporary password for one person. Sign in as that person to see it. It is
            shown once.
          </p>
          ${signInForm(path, "Sign in with Microsoft")}
        `
      : html`
          <p>You are signed in as <strong>${name}</strong>.</p>
          <p>The password is shown once, for one minute. Have it typed or copied by then.</p>
          <div id="asking">
            <button id="reveal" type="button" data-url="/v1/secrets/${secretId}/reveal">
              Show the password
            </button>
          </div>
          <div id="shown" hidden>
            <label for="secret">Temporary password</label>
            <input id="secret" type="text" readonly autocomplete="off" spellcheck="false" />
            <button id="copy" type="button">Copy</button>
          </div>
          <p id="status" role="status" aria-live="polite"></p>
          <div id="again" hidden>${signInForm(path, "Sign in again")}</div>
          <noscript><p>This page needs JavaScript to ask for the password.</p></noscript>
          <script src="/assets/page-script.js" defer></script>
        `,
  );

/** After the sign-in. From here the browser goes on by itself, so that the strict cookie is sent. */
export const arrivedPage = (path: string) =>
  document(
    "You are signed in",
    html`<p><a href="${path}">Go on to the password</a></p>`,
    html`<meta http-equiv="refresh" content="0;url=${path}" />`,
  );

export const messagePage = (title: string, text: string) => document(title, html`<p>${text}</p>`);

const signInForm = (path: string, label: string) => html`
  <form method="post" action="${path}/sign-in"><button type="submit">${label}</button></form>
`;

type Html = ReturnType<typeof html>;

const document = (title: string, body: Html, head: Html | "" = "") => html`<!doctype html>
  <html lang="en">
    <head>
      <meta charset="utf-8" />
      <meta name="viewport" content="width=device-width, initial-scale=1" />
      <meta name="robots" content="noindex, nofollow" />
      <meta name="color-scheme" content="light dark" />
      <title>${title} · NIIVO</title>
      <link rel="stylesheet" href="/assets/page-style.css" />
      ${head}
    </head>
    <body>
      <main>
        <h1>${title}</h1>
        ${body}
        <p class="note">NIIVO never asks you for a password.</p>
      </main>
    </body>
  </html>`;
