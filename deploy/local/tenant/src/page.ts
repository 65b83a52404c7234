// Emulator only: the Teams-like page, so that a person can try what Teams shows. It uses the controls of this
// emulator and nothing else; its script, its style and Microsoft's card renderer come from this machine.
//
// Invariant:
//   U1. The browser runs no script but these files (Content-Security-Policy), and reaches no other address.

import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { Hono } from "hono";

const file = (name: string): URL => new URL(`../page/${name}`, import.meta.url);

const renderer = import.meta.resolve("adaptivecards/dist/adaptivecards.min.js");

const html = "text/html; charset=utf-8";
const script = "text/javascript; charset=utf-8";
const files = [
  ["/teams", file("teams.html"), html],
  ["/teams/teams.css", file("teams.css"), "text/css; charset=utf-8"],
  ["/teams/teams.js", file("teams.js"), script],
  ["/teams/host-config.js", file("host-config.js"), script],
  ["/teams/icon.svg", file("icon.svg"), "image/svg+xml"],
  ["/teams/adaptivecards.js", new URL(renderer), script],
] as const;

// The renderer makes its markup through these policies alone (https://www.w3.org/TR/trusted-types/).
const rendererPolicies = [
  "adaptivecards#deprecatedExportedFunctionPolicy",
  "adaptivecards#markdownPassthroughPolicy",
  "adaptivecards#restoreContentsPolicy",
];
const contentSecurityPolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "connect-src 'self'",
  "img-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
  `trusted-types ${rendererPolicies.join(" ")}`,
].join("; ");

const headers = {
  "content-security-policy": contentSecurityPolicy, // U1
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
  "referrer-policy": "no-referrer",
  "x-content-type-options": "nosniff",
  "cache-control": "no-cache",
};

/** The files are read once. @throws when one is missing. */
export function teamsPage(): Hono {
  const app = new Hono();
  app.get("/", (c) => c.redirect("/teams"));
  for (const [path, url, type] of files) {
    const content = readFileSync(fileURLToPath(url));
    app.get(path, (c) => c.body(content, 200, { ...headers, "content-type": type }));
  }
  return app;
}
