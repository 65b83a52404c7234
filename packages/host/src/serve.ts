// The HTTP side of a service: its own routes, with limits, health and problem details around them.

import type { AddressInfo } from "node:net";
import { createAdaptorServer } from "@hono/node-server";
import { OpenAPIHono } from "@hono/zod-openapi";
import { SpanKind, SpanStatusCode, trace } from "@opentelemetry/api";
import { type Context, Hono } from "hono";
import { HTTPException } from "hono/http-exception";
import { methodNotAllowed } from "hono/method-not-allowed";
import { routePath } from "hono/route";
import { secureHeaders } from "hono/secure-headers";
import { timeout } from "hono/timeout";
import type { MiddlewareHandler } from "hono/types";
import { BusUnavailable } from "./bus-unavailable.ts";
import type { Logger } from "./logger.ts";
import { bodyLimit, type ProblemStatus, problem } from "./problem.ts";
import { StoreError } from "./store.ts";
import { attribute } from "./telemetry-names.ts";

/** No body is larger, whatever a route allows. */
const bodyBytesMax = 1024 * 1024;
const requestMs = 20_000;
const headersMs = 10_000;
const connectionsMax = 1000;
const sweepMs = 50;

export interface AppOptions {
  readonly log: Logger;
  /** Why it takes no messages now: it starts or drains, or its store fails. Undefined while it does. */
  readonly notReady: () => string | undefined;
  readonly routes: Hono | OpenAPIHono | undefined;
}

/** The service's routes inside what every service has. */
export function createApp({ log, notReady, routes }: AppOptions): Hono {
  const app = new Hono();
  app.use(secureHeaders(), traced(), timeout(requestMs), bodyLimit(bodyBytesMax));
  app.use(methodNotAllowed({ app, onMethodNotAllowed: notAllowed }));
  app.get("/healthz", (c) => c.json({ status: "alive" }));
  app.get("/readyz", (c) => {
    const why = notReady();
    return why === undefined ? c.json({ status: "ready" }) : problem(c, 503, "not-ready", why);
  });
  if (routes instanceof OpenAPIHono) app.route("/", routes);
  else if (routes !== undefined) app.route("/", routes);
  app.notFound((c) => problem(c, 404, "not-found", "There is nothing here."));
  app.onError((error, c) => failure(error, c, log));
  return app;
}

export interface Serving {
  readonly port: number;
  /** Takes no new connection; resolves when the open requests are answered. */
  readonly close: () => Promise<void>;
}

export async function serve(app: Hono, hostname: string, port: number): Promise<Serving> {
  const server = createAdaptorServer({ fetch: app.fetch });
  if ("requestTimeout" in server) {
    server.requestTimeout = requestMs;
    server.headersTimeout = headersMs;
    server.maxConnections = connectionsMax;
  }
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, hostname, () => {
      server.off("error", reject);
      resolve();
    });
  });
  return {
    port: portOf(server.address()),
    close: () =>
      new Promise((resolve) => {
        // A connection that a client keeps open is idle only after its last answer.
        const sweeping = setInterval(() => {
          if ("closeIdleConnections" in server) server.closeIdleConnections();
        }, sweepMs);
        server.close(() => {
          clearInterval(sweeping);
          resolve();
        });
      }),
  };
}

const portOf = (address: AddressInfo | string | null): number =>
  typeof address === "object" && address !== null ? address.port : 0;

/** A span per request, the root of its trace: a stranger's traceparent is not carried on. */
const traced = (): MiddlewareHandler => (c, next) => {
  const { method, path } = c.req;
  if (isProbe.has(path)) return next();
  const options = {
    kind: SpanKind.SERVER,
    root: true,
    attributes: { [attribute.httpMethod]: method },
  };
  return trace.getTracer("@niivo/host").startActiveSpan(method, options, async (span) => {
    try {
      await next();
      const route = routePath(c, -1);
      span.updateName(`${method} ${route}`);
      span.setAttributes({ [attribute.httpRoute]: route, [attribute.httpStatus]: c.res.status });
      if (c.res.status >= 500) span.setStatus({ code: SpanStatusCode.ERROR });
    } finally {
      span.end();
    }
  });
};

/** Asked every few seconds by whoever runs the process: not worth a trace. */
const isProbe: ReadonlySet<string> = new Set(["/healthz", "/readyz"]);

function notAllowed(c: Context, methods: readonly string[]): Response {
  const response = problem(c, 405, "method-not-allowed", "This path has other methods.");
  response.headers.set("allow", methods.join(", "));
  return response;
}

const byStatus: ReadonlyMap<number, readonly [ProblemStatus, string, string]> = new Map([
  [400, [400, "invalid-request", "The request cannot be read."]],
  [401, [401, "token-missing", "A valid access token is needed."]],
  [403, [403, "forbidden", "The caller may not do this."]],
  [404, [404, "not-found", "There is nothing here."]],
  [413, [413, "too-large", "The body is too large."]],
  [415, [415, "media-type", "The body has another media type than this path reads."]],
  [504, [503, "timeout", "It took too long; whether it was done is not known."]],
]);

/** A throw as a problem. Its message and its stack go to the log alone. */
function failure(error: Error, c: Context, log: Logger): Response {
  if (error instanceof HTTPException) {
    const known = byStatus.get(error.status);
    if (known !== undefined) return problem(c, ...known);
  }
  log.error({ err: error, method: c.req.method, route: c.req.routePath }, "a request failed");
  if (error instanceof BusUnavailable || error instanceof StoreError)
    return problem(
      c,
      503,
      "unavailable",
      "It cannot be stored now; the same request may be sent again.",
    );
  return problem(c, 500, "internal", "It failed, and the failure is in the log.");
}
