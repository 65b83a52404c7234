// The witness's HTTP side: `POST /add-checkpoint` of c2sp.org/tlog-witness, and what a person or an auditor asks.

import { parseNote, signatureLine } from "@niivo/contracts/evidence/note";
import type { VerifierKey } from "@niivo/contracts/evidence/verifier-key";
import { type Context, Hono } from "hono";
import { bodyLimit } from "hono/body-limit";
import type { ContentfulStatusCode } from "hono/utils/http-status";
import { type Refusal, readSubmission, refusalOf } from "./judge.ts";
import type { Memory } from "./memory.ts";
import type { WitnessKey } from "./witness-key.ts";

export interface WitnessParts {
  /** Asked for every request: logs may be added while it runs. */
  readonly logs: () => readonly VerifierKey[];
  readonly memory: Memory;
  readonly key: WitnessKey;
  readonly now: () => Date;
  /** One line for a person. */
  readonly log: (line: string) => void;
}

/** A note with 63 hashes before it is far below. */
const bodyBytesMax = 128 * 1024;

const statusOf: Readonly<Record<Refusal["kind"], ContentfulStatusCode>> = {
  malformed: 400,
  unsigned: 403,
  "unknown-origin": 404,
  conflict: 409,
  inconsistent: 422,
};

export function witnessApp({ logs, memory, key, now, log }: WitnessParts): Hono {
  const app = new Hono();
  app.post(
    "/add-checkpoint",
    bodyLimit({
      maxSize: bodyBytesMax,
      onError: (c) => problem(c, 413, "too-large", `A request has at most ${bodyBytesMax} bytes.`),
    }),
    async (c) => {
      const read = readSubmission(await c.req.text(), logs());
      if (read.kind !== "submission") return refused(c, read);
      const { submission } = read;
      const answer = memory.accept(submission, now(), (last) => refusalOf(submission, last));
      const { origin, size, text } = submission;
      if ("kind" in answer) {
        log(`${origin} at ${size}: ${lineOf(answer)}`);
        return refused(c, answer);
      }
      log(`${origin} at ${size}: cosigned`);
      return c.text(key.cosign(text, answer.time));
    },
  );
  app.get("/healthz", (c) => c.json({ status: "alive" }));
  app.get("/", (c) => c.text(about(key, logs(), memory)));
  app.get("/checkpoint", (c) => {
    const origin = c.req.query("origin") ?? "";
    const last = memory.last(origin);
    const note = last === undefined ? undefined : parseNote(last.note);
    if (last === undefined || note === undefined)
      return problem(c, 404, "unknown-origin", "Nothing was cosigned for this origin.");
    const signatures = note.signatures.map(signatureLine).join("");
    return c.text(`${note.text}\n${signatures}${key.cosign(note.text, last.time)}`);
  });
  app.notFound((c) => problem(c, 404, "not-found", "There is nothing here."));
  app.onError((error, c) => {
    log(`it could not be written, so nothing was cosigned: ${error.name}`);
    return problem(c, 503, "unavailable", "The witness cannot remember it now; send it again.");
  });
  return app;
}

function refused(c: Context, refusal: Refusal): Response {
  if (refusal.kind === "conflict")
    // The one answer whose body the protocol fixes: the size to go on from.
    return c.body(`${refusal.size}\n`, 409, { "content-type": "text/x.tlog.size" });
  return problem(c, statusOf[refusal.kind], refusal.kind, refusal.detail);
}

/** RFC 9457. */
function problem(c: Context, status: ContentfulStatusCode, code: string, detail: string): Response {
  const body = JSON.stringify({ type: `urn:niivo:witness:${code}`, title: code, status, detail });
  return c.body(body, status, { "content-type": "application/problem+json" });
}

function lineOf(refusal: Refusal): string {
  if (refusal.kind !== "conflict") return `refused, ${refusal.detail}`;
  return refusal.isFork
    ? "REFUSED, the log shows another history of the same size"
    : `refused, ${refusal.size} was cosigned last`;
}

const about = (key: WitnessKey, logs: readonly VerifierKey[], memory: Memory): string =>
  [
    "A witness of audit chains: it cosigns a checkpoint only if it continues the last one.",
    "",
    key.vkey,
    "",
    ...[...new Set(logs.map(({ name }) => name))].map((origin) => {
      const last = memory.last(origin);
      const size = last?.note.split("\n")[1] ?? "none yet";
      const found = memory.contradictions(origin);
      return `${origin}: ${size}${found === 0 ? "" : `, ${found} contradictions kept`}`;
    }),
    "",
  ].join("\n");
