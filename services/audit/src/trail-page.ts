// The page of a trail, for people: made on the server, without a script, so that it can be kept as a file.

import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import type { Entry } from "@niivo/contracts/evidence";
import { html, raw } from "hono/html";
import type { ShownEntry, ShownValue, TrailAnswer } from "./trail-answer.ts";
import type { TrailProof } from "./trail-proof.ts";
import { titleOf } from "./trail-title.ts";

const style = readFileSync(new URL("./trail-page.css", import.meta.url), "utf8");
const styleHash = createHash("sha256").update(style).digest("base64");

/** Nothing but this page's own style. */
export const pagePolicy = [
  "default-src 'none'",
  `style-src 'sha256-${styleHash}'`,
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join("; ");

export const trailPage = ({
  ticket,
  complete,
  proof,
  reading,
  entries,
}: TrailAnswer) => html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8" />
<meta name="viewport" content="width=device-width, initial-scale=1" />
<title>What happened on ticket ${ticket}</title>
<style>${raw(style)}</style>
</head>
<body>
<main>
<h1>What happened on this ticket</h1>
<p class="soft"><code>${ticket}</code> · ${entries.length} entries</p>
${proofState(proof, complete)}
<p class="soft">That you read this is entry ${reading.seq} of the same chain.</p>
<h2>In order</h2>
<ol class="trail">${entries.map(entryItem)}</ol>
</main>
</body>
</html>`;

function proofState(proof: TrailProof, complete: boolean) {
  const { checkpoint, altered, unsigned, included, witnessedBy, anchors, notProven } = proof;
  const kept = Object.entries(anchors).filter(([name]) => !witnessedBy.includes(name));
  return html`<section class="proof" aria-labelledby="proof">
<h2 id="proof">What is proven</h2>
<ul>
<li class="${complete ? "good" : "bad"}">${
    complete
      ? "The ticket’s entries are linked without a break from the first to the last shown."
      : "The ticket’s links break off: entries are missing."
  }</li>
${
  checkpoint === null
    ? html`<li class="warn">No checkpoint of this chain is signed yet.</li>`
    : html`<li class="${altered.length === 0 ? "good" : "bad"}">${included} of them are proven to be under the signed checkpoint of ${checkpoint.size} entries (root <code>#${checkpoint.root.slice(0, 6)}</code>, signed <time>${checkpoint.signedAt}</time>).</li>`
}
${altered.length === 0 ? "" : html`<li class="bad">Not what was signed: entries ${altered.join(", ")}.</li>`}
${unsigned.length === 0 ? "" : html`<li class="warn">Newer than that checkpoint: entries ${unsigned.join(", ")}.</li>`}
<li class="${witnessedBy.length === 0 ? "warn" : "good"}">${
    witnessedBy.length === 0
      ? "No witness has cosigned this checkpoint."
      : `Cosigned by ${witnessedBy.join(", ")}.`
  }</li>
${kept.map(([name, { size, outcome, at }]) => html`<li>Kept outside, ${name}: ${size} entries (${outcome}, <time>${at}</time>).</li>`)}
</ul>
<h3>What is not</h3>
<ul>${notProven.map((one) => html`<li>${one}</li>`)}</ul>
</section>`;
}

const entryItem = ({ entry, line, hash, value }: ShownEntry) => html`<li id="e${entry.seq}">
<h3>${titleOf(entry)}</h3>
<time datetime="${entry.occurredAt}">${entry.occurredAt.replace("T", " ").replace("Z", " UTC")}</time>
<p class="line">${line}</p>
<dl>${facts(entry).map(([name, fact]) => html`<dt>${name}</dt><dd>${fact}</dd>`)}</dl>
${valuePart(value)}
<details><summary>Entry ${entry.seq}, in full</summary>
<pre>hash  ${hash}
prev  ${entry.prev}${entry.commit === undefined ? "" : `\ncommitment  ${entry.commit.message}`}
sealed  ${entry.sealedAt}</pre>
</details>
</li>`;

function facts({
  actor,
  outcome,
  action,
  detail,
  gap,
}: Entry): readonly (readonly [string, string])[] {
  return [
    ["by", actor],
    ...(outcome === undefined ? [] : [["outcome", outcome] as const]),
    ...(action?.digest === undefined
      ? []
      : [["action digest", `#${action.digest.slice(0, 6)}`] as const]),
    ...Object.entries(detail).map(([name, fact]) => [words(name), String(fact)] as const),
    ...(gap === undefined
      ? []
      : [["gap", `cause missing: ${gap.cause}; messages missing: ${gap.missing}`] as const]),
  ];
}

const words = (name: string): string =>
  name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);

function valuePart(value: ShownValue) {
  switch (value.status) {
    case "none":
      return "";
    case "shown":
      return html`<details><summary>What was said</summary><pre>${JSON.stringify(insideOf(value.message), null, 2)}</pre></details>`;
    case "hidden":
      return html`<p class="soft">What was said is behind the commitment; your role does not show it.</p>`;
    case "erased":
      return html`<p class="good">What was said was erased by order; entry ${value.seq} says so.</p>`;
    case "withheld":
      return html`<p class="bad">What was said is missing, and no sealed order says why.</p>`;
    case "altered":
      return html`<p class="bad">What is stored is not what was sealed.</p>`;
  }
}

/** The envelope's fields stand above; what was said is its data. */
const insideOf = (message: unknown): unknown =>
  typeof message === "object" && message !== null && "data" in message ? message.data : message;
