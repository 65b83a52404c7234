// The AMQP side of the server: accepts connections and routes their events.

import type { Server, Socket } from "node:net";
import rhea, { type Connection, type EventContext } from "rhea";
import { limits } from "./limits.ts";
import { gatherWrites } from "./links/gathered-writes.ts";
import { type LinkContext, openInbound } from "./links/inbound.ts";
import { openOutbound } from "./links/outbound.ts";
import { createPeer, type Peer } from "./links/peer.ts";
import { passRawTransfers } from "./links/rhea-internals.ts";

export interface ListenerOptions extends Omit<LinkContext, "peer"> {
  readonly host: string;
  readonly port: number;
  /** One line for a person: a connection that broke the protocol. */
  readonly log: (line: string) => void;
}

export interface Listener {
  readonly port: number;
  close(): Promise<void>;
}

/** Starts listening. Rejects when the port is taken. */
export async function listen(options: ListenerOptions): Promise<Listener> {
  const container = rhea.create_container({ id: "niivo-service-bus" });
  const peers = new Map<Connection, Peer>();
  const peerOf = (connection: Connection): Peer => {
    const known = peers.get(connection);
    if (known !== undefined) return known;
    const peer = createPeer(connection, options.clock);
    peers.set(connection, peer);
    return peer;
  };
  const end = (connection: Connection, isLost: boolean): void => {
    peers.get(connection)?.stop(isLost);
    peers.delete(connection);
  };
  container.on("connection_open", ({ connection }: EventContext) => void peerOf(connection));
  container.on("connection_close", ({ connection }: EventContext) => end(connection, false));
  container.on("disconnected", ({ connection }: EventContext) => end(connection, true));
  container.on("session_open", ({ session }: EventContext) => session && passRawTransfers(session));
  container.on("session_close", ({ connection, session }: EventContext) => {
    if (session !== undefined) peers.get(connection)?.sessionEnded(session);
  });
  container.on("receiver_open", ({ connection, receiver }: EventContext) => {
    if (receiver) openInbound({ ...options, peer: peerOf(connection) }, receiver);
  });
  container.on("sender_open", ({ connection, sender }: EventContext) => {
    if (sender) openOutbound({ ...options, peer: peerOf(connection) }, sender);
  });
  for (const event of ["receiver_close", "sender_close"]) {
    container.on(event, ({ connection, receiver, sender }: EventContext) => {
      const link = receiver ?? sender;
      if (link !== undefined) peers.get(connection)?.ended(link, false);
    });
  }
  handleErrors(container, options.log);
  const sockets = new Set<Socket>();
  const server = container.listen(serverOptions(options));
  server.on("connection", (socket: Socket) => {
    sockets.add(socket);
    gatherWrites(socket);
    socket.once("close", () => sockets.delete(socket));
  });
  const port = await listening(server);
  server.on("error", (error: Error) => options.log(`accepting failed: ${error.message}`));
  return { port, close: () => stop(server, sockets, [...peers.keys()], end) };
}

function serverOptions({ host, port }: ListenerOptions) {
  return {
    host,
    port,
    tcp_no_delay: true,
    idle_time_out: limits.idleTimeoutMs,
    max_frame_size: limits.frameBytesMax,
    session_buffer_size: limits.sessionBufferSlots,
    sender_options: { autosettle: true, treat_modified_as_released: false },
    receiver_options: {
      autoaccept: false,
      credit_window: limits.senderCredit,
      max_message_size: limits.messageBytesMax,
    },
  };
}

// Without a listener rhea prints the received bytes, which may hold a token, or throws.
function handleErrors(
  container: ReturnType<typeof rhea.create_container>,
  log: (line: string) => void,
) {
  const ignore = () => undefined;
  for (const event of ["connection_error", "session_error", "receiver_error", "sender_error"]) {
    container.on(event, ignore);
  }
  for (const event of ["protocol_error", "error"]) {
    container.on(event, (error: unknown) => {
      log(`a connection was ended: ${error instanceof Error ? error.message : "protocol error"}`);
    });
  }
}

function listening(server: Server): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.once("listening", () => {
      const address = server.address();
      if (address === null || typeof address === "string") reject(new Error("no port"));
      else resolve(address.port);
    });
  });
}

// Clients are told to come back (`amqp:connection:forced` is retryable), then cut off.
async function stop(
  server: Server,
  sockets: ReadonlySet<Socket>,
  connections: readonly Connection[],
  end: (connection: Connection, isLost: boolean) => void,
): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  for (const connection of connections) {
    end(connection, false);
    connection.close({
      condition: "amqp:connection:forced",
      description: "the server is stopping",
    });
  }
  const cut = setTimeout(() => {
    for (const socket of sockets) socket.destroy();
  }, limits.closeGraceMs);
  await closed;
  clearTimeout(cut);
}
