// A loopback server whose handler is attached later: with port 0 an address is known only after
// listening, and the emulated services name their own addresses in what they answer.

import { createServer as createHttpServer, type Server } from "node:http";
import { createServer as createHttpsServer } from "node:https";
import { getRequestListener } from "@hono/node-server";
import type { Hono } from "hono";

const host = "127.0.0.1";
const requestTimeoutMs = 120_000;

export interface Listener {
  /** `http://localhost:PORT` or `https://localhost:PORT`. */
  readonly origin: string;
  /** Until this is called every request is answered 503. */
  readonly attach: (app: Pick<Hono, "fetch">) => void;
  readonly close: () => Promise<void>;
}

/** Listens on loopback. Throws, naming the port, when it is taken. */
export async function listen(
  name: string,
  port: number,
  tls?: { readonly cert: Buffer; readonly key: Buffer },
): Promise<Listener> {
  let handle: ReturnType<typeof getRequestListener> | undefined;
  const server: Server = tls === undefined ? createHttpServer() : createHttpsServer(tls);
  server.requestTimeout = requestTimeoutMs;
  server.on("request", (request, response) => {
    if (handle === undefined) {
      response.writeHead(503).end();
      return;
    }
    handle(request, response).catch(() => response.destroy());
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", (cause) => {
      reject(new Error(`${name}: cannot listen on ${host}:${port}: ${cause.message}`, { cause }));
    });
    server.listen(port, host, resolve);
  });
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error(`${name}: no address`);
  const scheme = tls === undefined ? "http" : "https";
  return {
    origin: `${scheme}://localhost:${address.port}`,
    attach: (app) => {
      handle = getRequestListener(app.fetch);
    },
    close: async () => {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      await closed;
    },
  };
}
