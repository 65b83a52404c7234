// Everything the bus says over HTTP: the administration API, whether it is healthy, and its metrics.
// The server listens nowhere by itself: the front door hands it the connections that speak HTTP.

import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { limits } from "../limits.ts";
import type { Metrics } from "../metrics.ts";
import type { Namespace } from "../namespace.ts";
import { type AdminOptions, answerAdmin } from "./admin-requests.ts";
import { proveRequest } from "./credentials.ts";

export interface HttpOptions extends Omit<AdminOptions, "namespace"> {
  readonly namespace: Namespace | undefined;
  readonly metrics: Metrics;
  /** Whether the store can be written now. */
  readonly canWrite: () => Promise<boolean>;
  /** Metrics need no key. */
  readonly openMetrics: boolean;
}

export function createHttpServer(options: HttpOptions): Server {
  return createServer(
    {
      requestTimeout: limits.httpRequestMs,
      headersTimeout: limits.httpRequestMs,
      keepAliveTimeout: limits.httpKeepAliveMs,
      maxHeaderSize: limits.httpHeaderBytesMax,
    },
    (request, response) => void answer(options, request, response),
  );
}

async function answer(
  { namespace, metrics, openMetrics, canWrite, ...options }: HttpOptions,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const path = (request.url ?? "/").split("?")[0];
  if (path === "/healthz" || path === "/health") {
    const isHealthy = await canWrite();
    const status = isHealthy ? "healthy" : "the store cannot be written";
    say(response, isHealthy ? 200 : 503, "application/json", JSON.stringify({ status }));
  } else if (path === "/metrics") {
    const mayRead = openMetrics || (await mayReadMetrics(options, request));
    if (mayRead) say(response, 200, metrics.contentType, await metrics.text(namespace));
    else {
      response.setHeader("www-authenticate", 'Basic realm="metrics"');
      say(response, 401, "text/plain", "metrics need the name and secret of a key with Manage\n");
    }
  } else if (namespace === undefined) {
    say(response, 501, "text/plain", "the entities of this bus are those of its configuration\n");
  } else {
    await answerAdmin({ ...options, namespace }, request, response);
  }
}

async function mayReadMetrics(
  { access, clock }: Pick<AdminOptions, "access" | "clock">,
  request: IncomingMessage,
): Promise<boolean> {
  const verdict = await proveRequest(access, request, "sb://127.0.0.1/", clock());
  return verdict.kind === "accepted" && verdict.claim.holder.may("manage", "");
}

function say(response: ServerResponse, status: number, type: string, text: string): void {
  response.writeHead(status, { "content-type": type, "cache-control": "no-store" });
  response.end(text);
}
