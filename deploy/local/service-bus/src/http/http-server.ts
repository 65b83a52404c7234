// Everything the bus says over HTTP: the administration API, whether it is healthy, and its metrics.
// The server listens nowhere by itself: the front door hands it the connections that speak HTTP.

import { createServer, type Server } from "node:http";
import { limits } from "../limits.ts";
import type { Namespace } from "../namespace.ts";
import { type AdminOptions, answerAdmin } from "./admin-requests.ts";

export interface HttpOptions extends Omit<AdminOptions, "namespace"> {
  readonly namespace: Namespace | undefined;
  /** Metrics need no key. */
  readonly openMetrics: boolean;
}

export function createHttpServer({ namespace, ...options }: HttpOptions): Server {
  const server = createServer(
    {
      requestTimeout: limits.httpRequestMs,
      headersTimeout: limits.httpRequestMs,
      keepAliveTimeout: limits.httpKeepAliveMs,
      maxHeaderSize: limits.httpHeaderBytesMax,
    },
    (request, response) => {
      const path = (request.url ?? "/").split("?")[0];
      if (path === "/healthz" || path === "/health") {
        response.setHeader("content-type", "application/json");
        response.end('{"status":"healthy"}');
        return;
      }
      if (namespace !== undefined) {
        void answerAdmin({ ...options, namespace }, request, response);
        return;
      }
      response.statusCode = 501;
      response.end("the entities of this bus come from its configuration alone");
    },
  );
  return server;
}
