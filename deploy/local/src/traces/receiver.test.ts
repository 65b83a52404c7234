// The receiver takes OTLP, keeps a bounded number of spans, and shows a ticket's waterfall without a script.

import { expect, test } from "vitest";
import type { TraceSpan } from "./otlp.ts";
import { tracesApp } from "./receiver.ts";
import { spanRing } from "./ring.ts";
import { ticketTraces } from "./ticket-trace.ts";

const ticket = "0198c2f0-1111-4222-8333-444455556666";
const main = "a".repeat(32);
const timer = "b".repeat(32);

const span = (over: Partial<TraceSpan> & { spanId: string }): TraceSpan => ({
  traceId: main,
  parentSpanId: undefined,
  service: "niivo-intake",
  name: "POST /v1/tickets",
  startMs: 1,
  endMs: 2,
  failed: false,
  attributes: new Map(),
  links: [],
  ...over,
});
const problemsOf = (spans: readonly TraceSpan[]) => ticketTraces(spans)(ticket).problems;
const ofTicket = new Map([["messaging.message.conversation_id", ticket]]);
const root = span({ spanId: "r" });
const send = span({ spanId: "s", parentSpanId: "r", name: "send", attributes: ofTicket });

test("a root and its descendants are one connected trace", () => {
  expect(problemsOf([root, send])).toEqual([]);
});

test("a span whose parent nobody sent is an orphan", () => {
  const orphan = span({ spanId: "o", parentSpanId: "lost", name: "process" });
  expect(problemsOf([root, send, orphan])).toHaveLength(1);
});

test("a timer's trace belongs to the ticket by its link, and is missed without", () => {
  const about = { spanId: "t", traceId: timer, name: "process", attributes: ofTicket };
  const linked = span({ ...about, links: [{ traceId: main, spanId: "s" }] });
  const found = ticketTraces([root, send, linked])(ticket);
  expect(found.problems).toEqual([]);
  expect(found.spans).toContain(linked);
  expect(problemsOf([root, send, span(about)])).toHaveLength(1);
});

test("without the request that opened it, a ticket is not one trace", () => {
  expect(problemsOf([send])).toHaveLength(1);
});

test("the ring keeps the newest and forgets the oldest", () => {
  const ring = spanRing(3);
  ring.add(["1", "2", "3", "4", "5"].map((spanId) => span({ spanId })));
  expect(ring.all().map(({ spanId }) => spanId)).toEqual(["3", "4", "5"]);
});

const post = (app: ReturnType<typeof tracesApp>, body: string) =>
  app.request("/v1/traces", { method: "POST", body });
const request = (name: string) => ({
  resourceSpans: [
    {
      resource: { attributes: [{ key: "service.name", value: { stringValue: "niivo-intake" } }] },
      scopeSpans: [
        {
          spans: [
            {
              traceId: main,
              spanId: "c".repeat(16),
              name,
              startTimeUnixNano: "1700000000000000000",
              endTimeUnixNano: "1700000000250000000",
              attributes: [
                { key: "messaging.message.conversation_id", value: { stringValue: ticket } },
              ],
            },
          ],
        },
      ],
    },
  ],
});

test("a posted span is on its ticket's page, escaped, under a policy without scripts", async () => {
  const app = tracesApp();
  expect((await post(app, JSON.stringify(request("<script>alert(1)</script>")))).status).toBe(200);
  const page = await app.request(`/tickets/${ticket}`);
  expect(page.status).toBe(200);
  const text = await page.text();
  expect(text).toContain("250 ms");
  expect(text).toContain("&lt;script&gt;");
  expect(text).not.toContain("<script>");
  expect(page.headers.get("content-security-policy")).toBe(
    "default-src 'none'; style-src 'self'; frame-ancestors 'none'; base-uri 'none'",
  );
});

test("an unknown ticket is not found, and what is not OTLP is refused", async () => {
  const app = tracesApp();
  expect((await app.request("/tickets/none")).status).toBe(404);
  expect((await post(app, "{")).status).toBe(400);
  expect((await post(app, "{}")).status).toBe(400);
});
