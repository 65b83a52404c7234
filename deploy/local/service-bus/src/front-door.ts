// One port for everything that the clients of Microsoft put on one: AMQP, AMQP over TLS, and the
// https of the administration API. `ServiceBusAdministrationClient` takes host and port from the same
// connection string and always uses https, so only a port that tells them apart serves both.
//
// The first byte decides: 0x16 begins a TLS handshake (and its contents are looked at again), `A`
// the AMQP header, any other letter an HTTP request.

import type { Server as HttpServer } from "node:http";
import { createServer, type Server, type Socket } from "node:net";
import { createServer as createTlsServer } from "node:tls";
import { limits } from "./limits.ts";

export interface TlsPair {
  /** PEM. */
  readonly cert: string;
  readonly key: string;
}

export interface FrontDoorOptions {
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  /** Absent: TLS is refused. */
  readonly tls: TlsPair | undefined;
  /** Takes a socket whose client speaks AMQP; absent: this port has none. */
  readonly amqp: ((socket: Socket) => void) | undefined;
  readonly http: HttpServer | undefined;
  /** One line for a person. */
  readonly log: (line: string) => void;
}

export interface FrontDoor {
  readonly port: number;
  /** Takes nothing new; the sockets that are open end when `cut` is called or by themselves. */
  close(): Promise<void>;
  /** Destroys what is still open. */
  cut(): void;
}

const TLS_HANDSHAKE = 0x16;
const AMQP_HEADER = 0x41;

/** Starts listening. Rejects when the port is taken or the certificate is none. */
export async function openFrontDoor(options: FrontDoorOptions): Promise<FrontDoor> {
  const { log, tls } = options;
  const sockets = new Set<Socket>();
  const inner =
    tls === undefined
      ? undefined
      : createTlsServer({ ...tls, handshakeTimeout: limits.firstByteMs });
  const route = (socket: Socket) => {
    firstByte(socket, (byte) => {
      if (byte === TLS_HANDSHAKE && inner !== undefined) hand(inner, socket);
      else if (byte === TLS_HANDSHAKE)
        refuse(socket, "it asks for TLS, and there is no certificate");
      else if (byte === AMQP_HEADER && options.amqp !== undefined) options.amqp(socket);
      else if (isLetter(byte) && options.http !== undefined) hand(options.http, socket);
      else refuse(socket, "it speaks no protocol of this port");
    });
  };
  const refuse = (socket: Socket, reason: string) => {
    log(`${nameOf(socket)}: closed, ${reason}`);
    socket.destroy();
  };
  inner?.on("secureConnection", route);
  inner?.on("tlsClientError", (error, socket) => {
    log(`${nameOf(socket)}: TLS failed (${"code" in error ? error.code : "handshake"})`);
  });
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
    socket.on("error", () => undefined); // Who uses the socket hears of it by its closing.
    socket.setNoDelay(true);
    route(socket);
  });
  server.maxConnections = limits.connectionsMax;
  server.on("drop", () => log("a connection was refused: there are as many as there may be"));
  const port = await listening(server, options);
  server.on("error", (error) => log(`accepting failed: ${error.message}`));
  return {
    port,
    close: () => new Promise((resolve) => void server.close(() => resolve())),
    cut() {
      for (const socket of sockets) socket.destroy();
    },
  };
}

// Looks at the first byte and puts everything back. Who says nothing in time is let go.
function firstByte(socket: Socket, decide: (byte: number) => void): void {
  const timer = setTimeout(() => socket.destroy(), limits.firstByteMs);
  socket.once("close", () => clearTimeout(timer));
  socket.once("data", (chunk: Buffer) => {
    clearTimeout(timer);
    socket.pause();
    socket.unshift(chunk);
    decide(chunk[0] ?? 0);
    process.nextTick(() => socket.resume());
  });
}

function hand(server: { emit(event: "connection", socket: Socket): boolean }, socket: Socket) {
  server.emit("connection", socket);
}

function isLetter(byte: number): boolean {
  return byte >= 0x42 && byte <= 0x5a;
}

function nameOf(socket: Pick<Socket, "remoteAddress" | "remotePort">): string {
  return `${socket.remoteAddress}:${socket.remotePort}`;
}

function listening(server: Server, { host, port }: FrontDoorOptions): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen({ host, port }, () => {
      server.removeListener("error", reject);
      const address = server.address();
      if (address === null || typeof address === "string") reject(new Error("no port"));
      else resolve(address.port);
    });
  });
}
