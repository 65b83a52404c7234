// A chain in the forms that other tools read: CSV for a spreadsheet, OCSF for a SIEM. They are convenience, not
// evidence: each row carries the entry's hash, and the bundle has the bytes.

import { Entry } from "@niivo/contracts/evidence";
import { stringify } from "csv-stringify/sync";
import type { Found } from "./stored-chain.ts";

const columns = [
  "seq",
  "sealedAt",
  "occurredAt",
  "type",
  "actor",
  "ticket",
  "action",
  "tool",
  "digest",
  "outcome",
  "detail",
  "entryHash",
  "prev",
] as const;

/** The first line of the CSV file. */
export const csvHeader = (): string => stringify([[...columns]]);

/**
 * Lines of a CSV file (RFC 4180). A cell that a spreadsheet would take for a formula (`=`, `+`, `-`, `@`, a tab or a
 * carriage return at its beginning) begins with an apostrophe.
 */
export const csvRows = (found: readonly Found[]): string =>
  stringify(
    found.map((one) => {
      const entry = entryIn(one.bytes);
      if (entry === undefined)
        return ["", "", "", "unreadable", ...Array(7).fill(""), one.hash, ""];
      const { seq, sealedAt, occurredAt, type, actor, ticket, action, outcome, detail, prev } =
        entry;
      const acted = [action?.id, action?.tool, action?.digest, outcome];
      return [
        ...[String(seq), sealedAt, occurredAt, type, actor, ticket?.id ?? ""],
        ...acted.map((cell) => cell ?? ""),
        ...[JSON.stringify(detail), one.hash ?? "", prev],
      ];
    }),
    { escape_formulas: true },
  );

/** OCSF 1.6: API Activity (class 6003), activity Other. */
const ocsfClass = { category_uid: 6, class_uid: 6003, activity_id: 99, type_uid: 600_399 };
const failure = /fail|refus|reject|den|expired|unknown|withheld|conflict|lapsed/;

/**
 * Lines of OCSF events (https://schema.ocsf.io). What OCSF has no place for stands under `unmapped`. Its profiles for
 * record integrity differ between versions, so hash and link stand there as well.
 */
export const ocsfLines = (found: readonly Found[]): string =>
  found
    .map((one) => {
      const entry = entryIn(one.bytes);
      return `${JSON.stringify(entry === undefined ? { unmapped: { unreadable: true, entryHash: one.hash } } : ocsfEvent(entry, one.hash ?? ""))}\n`;
    })
    .join("");

function ocsfEvent(entry: Entry, hash: string) {
  const { seq, chain, prev, type, occurredAt, sealedAt, actor, ticket, action, outcome, detail } =
    entry;
  const isFailure = outcome !== undefined && failure.test(outcome);
  return {
    ...ocsfClass,
    activity_name: type,
    time: Date.parse(occurredAt),
    severity_id: isFailure ? 2 : 1,
    status_id: isFailure ? 2 : 1,
    ...(outcome === undefined ? {} : { status_code: outcome }),
    actor: { user: { uid: actor } },
    api: {
      operation: action?.tool ?? type,
      ...(action === undefined ? {} : { request: { uid: action.id } }),
    },
    metadata: {
      version: "1.6.0",
      product: { name: "NIIVO audit", vendor_name: "NIIVO" },
      uid: hash,
      sequence: seq,
      logged_time: Date.parse(sealedAt),
      ...(ticket === undefined ? {} : { correlation_uid: ticket.id }),
    },
    unmapped: { chain, prev, entryHash: hash, digest: action?.digest, detail },
  };
}

function entryIn(bytes: string): Entry | undefined {
  try {
    return Entry.safeParse(JSON.parse(bytes)).data;
  } catch {
    return undefined;
  }
}
