// The route that gives a chain away: as an archive that verifies without us, or in the forms of other tools. It is
// streamed, so a chain of any length fits; a stream that ends before its end was cut, and says so by being so.

import { createRoute, type OpenAPIHono, z } from "@hono/zod-openapi";
import { CustomerId, Id } from "@niivo/contracts/envelope";
import type { Logger } from "@niivo/host/logger";
import { problem } from "@niivo/host/problem";
import type { StoreReader } from "@niivo/host/store";
import { bundleOf } from "./bundle.ts";
import { csvHeader, csvRows, ocsfLines } from "./export-rows.ts";
import {
  type Auditor,
  chainRefusal,
  noChain,
  noCheckpoint,
  notRecorded,
  refusal,
  refusals,
  unknownTicket,
  valuesRole,
} from "./http-parts.ts";
import { entriesUpTo } from "./read-tail.ts";
import { type Recorded, type RecordHost, recordAccess, recordedHeader } from "./record.ts";
import { readHead } from "./stored-chain.ts";
import type { ValueParts } from "./stored-value.ts";
import { ticketBundle } from "./ticket-bundle.ts";
import { readTrail } from "./trail.ts";

const forms = {
  bundle: { type: "application/x-tar", file: "tar" },
  csv: { type: "text/csv; charset=utf-8", file: "csv" },
  ocsf: { type: "application/jsonl", file: "ocsf.jsonl" },
} as const;
type Form = keyof typeof forms;

export interface ExportParts {
  readonly keys: ValueParts["keys"];
  readonly host: RecordHost;
  readonly log: Pick<Logger, "error">;
}

export function addExport(app: OpenAPIHono, parts: ExportParts, auditor: Auditor): void {
  const { host, log, keys } = parts;
  const { store, now } = host;
  const route = createRoute({
    ...auditor,
    method: "get",
    path: "/v1/customers/{customer}/export",
    request: {
      params: z.strictObject({ customer: CustomerId }),
      query: z
        .strictObject({
          format: z.enum(["bundle", "csv", "ocsf"]).default("bundle"),
          /** Only the entries of this ticket, each with its proof. */
          ticket: Id.optional(),
          /** With the messages behind the commitments, for whoever may see them. */
          values: z.stringbool().default(false),
        })
        .refine(({ format, ticket }) => ticket === undefined || format === "bundle", {
          message: "a ticket comes as a bundle",
        })
        .refine(({ ticket, values }) => ticket !== undefined || !values, {
          message: "values come with a ticket",
        }),
    },
    responses: {
      200: {
        description:
          "`bundle`: a tar archive with everything that the offline verifier needs. `csv` and `ocsf`: every entry in " +
          "the form of other tools, with its hash; convenience, not evidence. `ticket`: a bundle of that ticket alone.",
        content: {
          "application/x-tar": { schema: z.string() },
          "text/csv": { schema: z.string() },
          "application/jsonl": { schema: z.string() },
        },
      },
      ...refusals,
      503: refusal("Messages were asked for, and that could not be recorded."),
    },
  });
  app.openapi(route, async (c) => {
    const { customer } = c.req.valid("param");
    const refused = await chainRefusal(c, store, customer);
    if (refused !== undefined) return refused;
    const { format, ticket, values } = c.req.valid("query");
    const { type, file } = forms[format];
    const headers = (name: string, recorded: Recorded) => ({
      "content-type": type,
      "content-disposition": `attachment; filename="niivo-${name}.${file}"`,
      "cache-control": "no-store",
      ...recordedHeader(recorded),
    });
    // As it was before this reading was sealed, so that an export of a chain at rest ends under its checkpoint.
    const head = await readHead(store, customer);
    if (head === undefined) return noChain(c);
    const asker = { caller: c.get("caller"), customer };
    if (ticket !== undefined) {
      if (values && !asker.caller.roles.includes(valuesRole))
        return problem(c, 403, "right-missing", `Messages need ${valuesRole}.`);
      const trail = await readTrail(store, customer, ticket);
      if (trail === undefined) return unknownTicket(c);
      const how = values ? "needed" : "wanted";
      const recorded = await recordAccess(host, asker, { what: "export", ticket, values }, how);
      if (values && recorded.seq === undefined) return notRecorded(c); // L25
      const archive = await ticketBundle({ store, keys }, customer, {
        ticket,
        trail,
        values,
        now: now(),
      });
      return archive === undefined
        ? noCheckpoint(c)
        : c.body(archive, 200, headers(`${customer}-${ticket}`, recorded));
    }
    const recorded = await recordAccess(host, asker, { what: "export" }, "wanted"); // L26
    const pieces =
      format === "bundle"
        ? bundleOf(store, customer, head, now())
        : rows(store, customer, head.size, format);
    return c.body(streamOf(pieces, log), 200, headers(customer, recorded));
  });
}

async function* rows(
  store: StoreReader,
  customer: string,
  size: number,
  form: Exclude<Form, "bundle">,
): AsyncGenerator<Uint8Array> {
  if (form === "csv") yield Buffer.from(csvHeader());
  for await (const page of entriesUpTo(store, customer, { from: 0, size })) {
    const kept = page.filter(({ isPruned }) => !isPruned);
    yield Buffer.from(form === "csv" ? csvRows(kept) : ocsfLines(kept));
  }
}

/** Read as fast as it is taken, and no faster. */
export function streamOf(
  pieces: AsyncGenerator<Uint8Array>,
  log: Pick<Logger, "error">,
): ReadableStream<Uint8Array> {
  return new ReadableStream({
    async pull(controller) {
      try {
        const { done, value } = await pieces.next();
        if (done === true) controller.close();
        else controller.enqueue(value);
      } catch (error) {
        log.error({ err: error }, "a stream ended before its end");
        controller.error(error);
      }
    },
    async cancel() {
      await pieces.return(undefined);
    },
  });
}
