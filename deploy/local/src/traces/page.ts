// The pages, made on this side: plain HTML with SVG bars and no script. Every value is escaped by `html`.

import { html } from "hono/html";
import type { TraceSpan } from "./otlp.ts";
import type { TicketTrace } from "./ticket-trace.ts";

type Html = ReturnType<typeof html>;

const services = ["intake", "agent", "policy", "approvals", "broker", "audit", "links"] as const;
const shortName = (service: string): string => service.replace(/^niivo-/, "");
const classOf = (service: string): string => {
  const name = shortName(service);
  const index = Object.keys(services).find((at) => services[Number(at)] === name);
  return `service-${index ?? "other"}`;
};
const barUnits = 1000;
/** A bar is at least this wide, so that a short span can be seen. */
const barMin = 3;
const depthShownMax = 6;

const document = (title: string, body: Html): Html => html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title}</title>
<link rel="stylesheet" href="/style.css">
</head>
<body>
<main>${body}</main>
</body>
</html>`;

export const missingPage: Html = document(
  "No such ticket",
  html`<h1>No spans of this ticket</h1>
<p>They come within a second or two of its steps, and the oldest are forgotten. <a href="/">All tickets</a></p>`,
);

/** Recent tickets, the newest first. */
export const listPage = (tickets: readonly TicketTrace[]): Html =>
  document(
    "NIIVO traces",
    html`<h1>Recent tickets</h1>
${
  tickets.length === 0
    ? html`<p>None yet. Open one with <code>npm run ticket</code>, then load this page again.</p>`
    : html`<ul class="tickets">${tickets.map(listed)}</ul>`
}`,
  );

const listed = (trace: TicketTrace): Html => {
  const { fromMs, toMs } = boundsOf(trace.spans);
  const failed = trace.spans.filter((one) => one.failed).length;
  return html`<li><a href="/tickets/${trace.ticket}">${trace.ticket}</a>
<span class="quiet">${new Date(fromMs).toISOString().slice(0, 19)}Z · ${trace.spans.length} spans · ${duration(toMs - fromMs)}${failed === 0 ? "" : ` · ${failed} failed`}</span></li>`;
};

/** One ticket's waterfall: a row for each span, in the order of their beginning. */
export function ticketPage(trace: TicketTrace): Html {
  const { fromMs, toMs } = boundsOf(trace.spans);
  const depths = depthsOf(trace.spans);
  const present = services.filter((one) =>
    trace.spans.some((span) => shortName(span.service) === one),
  );
  const state =
    trace.problems.length === 0
      ? html`<p>One connected trace.</p>`
      : html`<details><summary>Not yet one connected trace (${trace.problems.length})</summary><ul>${trace.problems.slice(0, 50).map((one) => html`<li>${one}</li>`)}</ul></details>`;
  const scale = { fromMs, spanMs: Math.max(toMs - fromMs, 0.001) };
  return document(
    `Ticket ${trace.ticket}`,
    html`<p><a href="/">All tickets</a></p>
<h1>Ticket <code>${trace.ticket}</code></h1>
<p class="quiet">${new Date(fromMs).toISOString()} · ${trace.spans.length} spans · ${duration(toMs - fromMs)}${trace.mainTraceId === undefined ? "" : ` · trace ${trace.mainTraceId}`}</p>
${state}
<ul class="legend" aria-label="Services">${present.map((one) => html`<li><svg class="swatch ${classOf(one)}" viewBox="0 0 10 10" aria-hidden="true"><rect width="10" height="10"/></svg>${one}</li>`)}</ul>
<ol class="waterfall">${trace.spans.map((span) => row(span, depths.get(span.spanId) ?? 0, scale, trace.mainTraceId))}</ol>`,
  );
}

function row(
  span: TraceSpan,
  depth: number,
  { fromMs, spanMs }: { readonly fromMs: number; readonly spanMs: number },
  mainTraceId: string | undefined,
): Html {
  const left = ((span.startMs - fromMs) / spanMs) * barUnits;
  const width = Math.max(barMin, ((span.endMs - span.startMs) / spanMs) * barUnits);
  const x = Math.min(left, barUnits - barMin);
  const type = span.attributes.get("niivo.message.type");
  const took = duration(span.endMs - span.startMs);
  const isLinked = span.traceId !== mainTraceId && span.parentSpanId === undefined;
  return html`<li id="s${span.spanId}"><details><summary>
<span class="label depth-${Math.min(depth, depthShownMax)}"><b>${shortName(span.service)}</b> ${span.name}${type === undefined ? "" : html` <i>${type}</i>`}${isLinked ? html` <em>linked</em>` : ""}${span.failed ? html` <strong>failed</strong>` : ""}</span>
<svg class="bar ${classOf(span.service)}" viewBox="0 0 ${barUnits} 10" preserveAspectRatio="none" aria-hidden="true"><rect x="${x.toFixed(1)}" width="${Math.min(width, barUnits - x).toFixed(1)}" height="10"/></svg>
<span class="took">${took}</span></summary>
<dl><dt>begins</dt><dd>+${duration(span.startMs - fromMs)}</dd><dt>span</dt><dd>${span.spanId}</dd><dt>trace</dt><dd>${span.traceId}</dd>${span.parentSpanId === undefined ? "" : html`<dt>parent</dt><dd><a href="#s${span.parentSpanId}">${span.parentSpanId}</a></dd>`}${span.links.map((link) => html`<dt>link</dt><dd><a href="#s${link.spanId}">${link.spanId}</a></dd>`)}${[...span.attributes].map(([key, value]) => html`<dt>${key}</dt><dd>${value}</dd>`)}</dl></details></li>`;
}

/** Spans of one message stand under what caused them; deeper than some levels they stand in one column. */
function depthsOf(spans: readonly TraceSpan[]): ReadonlyMap<string, number> {
  const byId = new Map(spans.map((span) => [span.spanId, span]));
  const depths = new Map<string, number>();
  // Spans begin after their parents, save for clocks that differ: those then begin a column of their own.
  for (const { spanId, parentSpanId = "", service } of spans) {
    const above = byId.get(parentSpanId);
    // A hop to another service goes back to the margin; what a service does inside is indented.
    const isInside = above !== undefined && above.service === service;
    depths.set(spanId, isInside ? (depths.get(parentSpanId) ?? 0) + 1 : 0);
  }
  return depths;
}

const boundsOf = (spans: readonly TraceSpan[]) => ({
  fromMs: spans.reduce((least, { startMs }) => Math.min(least, startMs), Number.MAX_SAFE_INTEGER),
  toMs: spans.reduce((most, { endMs }) => Math.max(most, endMs), 0),
});

function duration(ms: number): string {
  if (ms < 10) return `${ms.toFixed(1)} ms`;
  return ms < 1000 ? `${ms.toFixed(0)} ms` : `${(ms / 1000).toFixed(2)} s`;
}
