// The AMQP side of the server: accepts connections and routes their events.

import type { Server as HttpServer } from "node:http";
import type { Socket } from "node:net";
import rhea, { type Connection, type Container, type EventContext } from "rhea";
import { type FrontDoor, openFrontDoor, type TlsPair } from "./front-door.ts";
import { limits } from "./limits.ts";
import { gatherWrites } from "./links/gathered-writes.ts";
import { type LinkContext, openInbound } from "./links/inbound.ts";
import { openOutbound } from "./links/outbound.ts";
import { createPeer, type Peer } from "./links/peer.ts";
import { acceptSocket, passRawTransfers } from "./links/rhea-internals.ts";
import { offerSaslPlain } from "./links/sasl-plain.ts";

export interface ListenerOptions extends Omit<LinkContext, "peer"> {
  readonly host: string;
  readonly port: number;
  /** With it the same port also takes TLS. */
  readonly tls: TlsPair | undefined;
  /** Takes the HTTP requests that arrive on the same port. */
  readonly http: HttpServer | undefined;
  /** One line for a person: a connection that had a problem. */
  readonly log: (line: string) => void;
}

export interface Listener {
  readonly port: number;
  close(): Promise<void>;
}

/** Starts listening. Rejects when the port is taken. */
export async function listen(options: ListenerOptions): Promise<Listener> {
  const container = rhea.create_container({ id: "niivo-service-bus" });
  const sasl = offerSaslPlain(container, options.access.password);
  const peers = new Map<Connection, Peer>();
  options.broker.onClosing((path, why) => {
    for (const peer of peers.values()) peer.closing(path, why);
  });
  const peerOf = (connection: Connection): Peer => {
    const known = peers.get(connection);
    if (known !== undefined) return known;
    const peer = createPeer(connection, options.clock, options.log);
    peers.set(connection, peer);
    options.meter.connected();
    const holder = options.access.anyone ?? sasl.provedBy(connection);
    if (holder !== undefined) {
      peer.claims.add({ holder, path: "", expiresAt: Number.POSITIVE_INFINITY });
      peer.claimed();
    }
    return peer;
  };
  const end = (connection: Connection, isLost: boolean): void => {
    peers.get(connection)?.stop(isLost);
    if (peers.delete(connection)) options.meter.disconnected();
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
  const door = await openFrontDoor({ ...options, amqp: (socket) => accept(container, socket) });
  return {
    port: door.port,
    close: () => stop(door, [...peers.keys()], end),
  };
}

function accept(container: Container, socket: Socket): void {
  gatherWrites(socket);
  const connection = acceptSocket(container, connectionOptions, socket);
  // A client that begins to speak AMQP and never opens is let go.
  const timer = setTimeout(() => {
    if (!connection.is_remote_open()) socket.destroy();
  }, limits.firstTokenMs);
  socket.once("close", () => clearTimeout(timer));
}

const connectionOptions = {
  // Required by the type, and meant for outgoing connections.
  port: 0,
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

// Without a listener rhea prints the received bytes, which may hold a token, or throws.
function handleErrors(container: Container, log: (line: string) => void) {
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

// Clients are told to come back (`amqp:connection:forced` is retryable), then cut off.
async function stop(
  door: FrontDoor,
  connections: readonly Connection[],
  end: (connection: Connection, isLost: boolean) => void,
): Promise<void> {
  const closed = door.close();
  for (const connection of connections) {
    end(connection, false);
    connection.close({
      condition: "amqp:connection:forced",
      description: "the server is stopping",
    });
  }
  const cut = setTimeout(door.cut, limits.closeGraceMs);
  await closed;
  clearTimeout(cut);
}
