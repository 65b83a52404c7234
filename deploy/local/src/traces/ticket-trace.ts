// A ticket's story as spans: its trace, and what is linked to that (a timer's handling, a press on a card, a
// batch that decided some of its messages together with others'). Says what is missing from it.

import type { SpanLink, TraceSpan } from "./otlp.ts";

const ticketKey = "messaging.message.conversation_id";
/** The doors through which a ticket comes. */
const rootNames: ReadonlySet<string> = new Set(["POST /v1/tickets", "POST /v1/tickets/inbound"]);
/** A message to the bot may be a ticket, or a press on a card; a press belongs to a ticket with a door. */
const botName = "POST /api/messages";

export interface TicketTrace {
  readonly ticket: string;
  /** In the order of their beginning. */
  readonly spans: readonly TraceSpan[];
  /** The one trace that the ticket's own request began. */
  readonly mainTraceId: string | undefined;
  /** Why this is not one connected trace; empty when it is. */
  readonly problems: readonly string[];
}

export const ticketOf = (span: TraceSpan): string | undefined => span.attributes.get(ticketKey);

/** A reader of tickets' traces, with what is looked up for each made once. */
export function ticketTraces(all: readonly TraceSpan[]): (ticket: string) => TicketTrace {
  const byTrace = Map.groupBy(all, ({ traceId }) => traceId);
  const byTicket = Map.groupBy(all, (one) => ticketOf(one) ?? "");
  const known = new Set(all.map(nameOf));
  const linked = linkedTraces(all);
  const beginsWith = (id: string, isName: (name: string) => boolean) =>
    byTrace.get(id)?.some((one) => one.parentSpanId === undefined && isName(one.name)) === true;
  return (ticket) => {
    const own = new Set((byTicket.get(ticket) ?? []).map(({ traceId }) => traceId));
    const doors = [...own].filter((id) => beginsWith(id, (name) => rootNames.has(name)));
    const messages = [...own].filter((id) => beginsWith(id, (name) => name === botName));
    const mains = doors.length > 0 ? doors : messages.slice(0, 1);
    const near = new Set([...own, ...[...own].flatMap((id) => [...(linked.get(id) ?? [])])]);
    const spans = [...near].flatMap((id) => byTrace.get(id) ?? []);
    spans.sort((one, other) => one.startMs - other.startMs);
    const [mainTraceId] = mains;
    const problems =
      mains.length === 1 && mainTraceId !== undefined
        ? problemsOf(known, spans, mainTraceId)
        : [`${mains.length} traces begin with a ticket`];
    return { ticket, spans, mainTraceId, problems };
  };
}

/** By trace: those that link to it, or to which it links. */
function linkedTraces(all: readonly TraceSpan[]): ReadonlyMap<string, ReadonlySet<string>> {
  const linked = new Map<string, Set<string>>();
  const add = (one: string, other: string) => {
    const others = linked.get(one) ?? new Set();
    linked.set(one, others.add(other));
  };
  for (const { traceId, links } of all)
    for (const link of links) {
      add(traceId, link.traceId);
      add(link.traceId, traceId);
    }
  return linked;
}

function problemsOf(
  known: ReadonlySet<string>,
  spans: readonly TraceSpan[],
  mainTraceId: string,
): readonly string[] {
  const orphans = spans.flatMap((one) =>
    one.parentSpanId === undefined ||
    known.has(nameOf({ traceId: one.traceId, spanId: one.parentSpanId }))
      ? []
      : [`${one.service} ${one.name}: its parent is unknown`],
  );
  const ends = spans.flatMap((one) =>
    one.links.every((link) => known.has(nameOf(link)))
      ? []
      : [`${one.service} ${one.name}: what it links to is unknown`],
  );
  const reached = reachedFrom(mainTraceId, spans);
  const apart = [...new Set(spans.map(({ traceId }) => traceId))]
    .filter((id) => !reached.has(id))
    .map((id) => `trace ${id} is not linked`);
  const roots = spans.filter((one) => one.traceId === mainTraceId && !one.parentSpanId);
  return [...orphans, ...ends, ...apart, ...(roots.length === 1 ? [] : ["more than one root"])];
}

function reachedFrom(mainTraceId: string, spans: readonly TraceSpan[]): ReadonlySet<string> {
  const reached = new Set([mainTraceId]);
  for (let before = 0; before < reached.size; ) {
    before = reached.size;
    for (const { traceId, links } of spans)
      for (const link of links) {
        if (reached.has(traceId)) reached.add(link.traceId);
        else if (reached.has(link.traceId)) reached.add(traceId);
      }
  }
  return reached;
}

const nameOf = ({ traceId, spanId }: SpanLink): string => `${traceId}/${spanId}`;
