// The auditors' door: verify a chain, read its entries as bytes, follow one ticket.
//
// Invariants:
//   L14. A caller reads the chain of their own customer, or the platform's, which holds ids only.
//   L15. An empty or unknown chain is never in order: it is not found.

import { createRoute, OpenAPIHono, z } from "@hono/zod-openapi";
import { CustomerId } from "@niivo/contracts/envelope";
import type { HostEnvironment } from "@niivo/host/env";
import type { Host } from "@niivo/host/host";
import { requireToken } from "@niivo/host/http-token";
import { validationHook } from "@niivo/host/problem";
import { addCheckpoint, addKeys, addProofs } from "./http-checkpoint.ts";
import { addErasures } from "./http-erasures.ts";
import { addExport } from "./http-export.ts";
import { type Auditor, foreign, mayRead, noChain, refusals } from "./http-parts.ts";
import { addVerify } from "./http-verify.ts";
import { type RecordHost, recordAccess, recordedHeader } from "./record.ts";
import { readEntries, readHead } from "./stored-chain.ts";
import type { ValueParts } from "./stored-value.ts";
import { addTrail } from "./trail-http.ts";
import type { NoteNames } from "./work.ts";

/** Whoever reads evidence holds one of these app roles. */
const auditorRoles = ["Audit.Read", "Admin.ReadWrite"] as const;

/** Whoever orders erasures holds this one. */
const eraserRole = "Audit.Erase";

const entriesDefault = 100;
/** An entry has some hundred bytes, at most 64 KB. */
const entriesMax = 1000;
const seqMax = 1e12 - 1;

export interface AuditDoor {
  readonly host: Pick<Host, "store" | "send" | "log" | "now">;
  readonly environment: Pick<HostEnvironment, "customers" | "entraAuthorityHost" | "entraAudience">;
  /** How checkpoints are named and signed. */
  readonly notes: () => Promise<NoteNames>;
  readonly valueKeys: ValueParts["keys"];
}

/** The routes; the host adds health and mounts them. */
export function auditHttp({ host, environment, notes, valueKeys: keys }: AuditDoor): OpenAPIHono {
  const { store, log } = host;
  const app = new OpenAPIHono({ defaultHook: validationHook });
  const auditor = {
    security: [{ entra: [...auditorRoles] }],
    middleware: requireToken({ environment, anyOf: auditorRoles }),
  };
  addVerify(app, { host, log }, auditor);
  addEntries(app, host, auditor);
  addCheckpoint(app, store, auditor);
  addKeys(app, store, notes, auditor);
  addProofs(app, host, auditor);
  addExport(app, { host, log, keys }, auditor);
  addErasures(app, host, {
    auditor,
    eraser: {
      security: [{ entra: [eraserRole] }],
      middleware: requireToken({ environment, anyOf: [eraserRole] }),
    },
  });
  addTrail(app, { host, keys, ...auditor });
  app.openAPIRegistry.registerComponent("securitySchemes", "entra", {
    type: "http",
    scheme: "bearer",
    bearerFormat: "JWT",
  });
  app.doc31("/openapi.json", { openapi: "3.1.0", info: { title: "NIIVO audit", version: "1" } });
  return app;
}

function addEntries(app: OpenAPIHono, host: RecordHost, auditor: Auditor): void {
  const route = createRoute({
    ...auditor,
    method: "get",
    path: "/v1/customers/{customer}/entries",
    request: {
      params: z.strictObject({ customer: CustomerId }),
      query: z.strictObject({
        from: z.coerce.number().int().min(0).max(seqMax).default(0),
        limit: z.coerce.number().int().min(1).max(entriesMax).default(entriesDefault),
      }),
    },
    responses: {
      200: {
        description:
          "The canonical bytes of the entries, one per line. `Link` names the next page.",
        content: { "application/jsonl": { schema: z.string() } },
      },
      ...refusals,
    },
  });
  app.openapi(route, async (c) => {
    const { customer } = c.req.valid("param");
    const caller = c.get("caller");
    if (!mayRead(caller, customer)) return foreign(c);
    const { from, limit } = c.req.valid("query");
    const found = await readEntries(host.store, customer, { from, limit });
    if (found.length === 0 && (await readHead(host.store, customer)) === undefined)
      return noChain(c); // L15
    const recorded = await recordAccess(host, { caller, customer }, { what: "entries" }, "wanted"); // L26
    const next = `</v1/customers/${customer}/entries?from=${from + limit}&limit=${limit}>; rel="next"`;
    // Of what was removed at the end of its retention there are no bytes to give.
    const lines = found.filter(({ isPruned }) => !isPruned).map(({ bytes }) => `${bytes}\n`);
    return c.body(lines.join(""), 200, {
      "content-type": "application/jsonl",
      "cache-control": "no-store",
      ...recordedHeader(recorded),
      ...(found.length < limit ? {} : { link: next }),
    });
  });
}
