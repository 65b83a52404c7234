// A small OTLP/HTTP receiver for this machine: keeps recent spans, and serves a page that shows a ticket's
// waterfall. It speaks JSON only, keeps no metrics, and forgets everything when it ends.

import { appendFileSync } from "node:fs";
import { type Context, Hono } from "hono";
import { bodyLimit } from "hono/body-limit";
import { secureHeaders } from "hono/secure-headers";
import { z } from "zod";
import { readSpans } from "./otlp.ts";
import { listPage, missingPage, ticketPage } from "./page.ts";
import { spanRing } from "./ring.ts";
import { style } from "./style.ts";
import { ticketOf, ticketTraces } from "./ticket-trace.ts";

/** About thirty megabytes; a ticket has some hundred spans. */
const spansMax = 20_000;
const bodyBytesMax = 8 * 1024 * 1024;
const ticketsShownMax = 200;

const Journalled = z.object({ path: z.string(), body: z.string() });
export type Journalled = z.infer<typeof Journalled>;

/** @param journal a file that gets every payload, one JSON object a line, so that a run can be searched. */
export function tracesApp(journal?: string): Hono {
  const ring = spanRing(spansMax);
  const app = new Hono();
  const policy = { defaultSrc: ["'none'"], styleSrc: ["'self'"], frameAncestors: ["'none'"] };
  app.use(secureHeaders({ contentSecurityPolicy: { ...policy, baseUri: ["'none'"] } }));
  app.use(bodyLimit({ maxSize: bodyBytesMax }));
  const keep = async (c: Context): Promise<unknown> => {
    const body = await c.req.text();
    if (journal !== undefined) {
      const line: Journalled = { path: c.req.path, body };
      appendFileSync(journal, `${JSON.stringify(line)}\n`);
    }
    return JSON.parse(body);
  };
  app.post("/v1/traces", async (c) => {
    ring.add(readSpans(await keep(c)));
    return c.json({});
  });
  app.post("/v1/metrics", async (c) => {
    await keep(c);
    return c.json({});
  });
  app.get("/style.css", (c) => c.body(style, 200, { "content-type": "text/css; charset=utf-8" }));
  app.get("/", (c) => {
    const spans = ring.all();
    const tickets = new Set(spans.map(ticketOf).filter((one) => one !== undefined));
    const recent = [...tickets].reverse().map(ticketTraces(spans));
    // What has a conversation and no request of its own is not a ticket: the opening of a chain, for example.
    const shown = recent.filter(({ mainTraceId }) => mainTraceId !== undefined);
    return c.html(listPage(shown.slice(0, ticketsShownMax)));
  });
  app.get("/tickets/:id", (c) => {
    const found = ticketTraces(ring.all())(c.req.param("id"));
    return found.spans.length === 0 ? c.html(missingPage, 404) : c.html(ticketPage(found));
  });
  app.onError((_, c) => c.text("This cannot be read.", 400));
  return app;
}

/** The spans that a journal holds. */
export const journalSpans = (text: string) =>
  text
    .split("\n")
    .filter(Boolean)
    .map((line) => Journalled.parse(JSON.parse(line)))
    .filter(({ path }) => path === "/v1/traces")
    .flatMap(({ body }) => readSpans(JSON.parse(body)));
