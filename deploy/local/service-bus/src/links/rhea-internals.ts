// The places where rhea 3.0.5, as a server, needs a hand. Everything that reaches into rhea's own
// fields is in this file; each function says what rhea does without it. The version is pinned.

import type { Socket } from "node:net";
import rhea, {
  type AmqpError,
  type Connection,
  type ConnectionOptions,
  type Container,
  type Delivery,
  type Receiver,
  type Sender,
  type Session,
} from "rhea";
import { limits } from "../limits.ts";

interface Attach {
  max_message_size?: number;
  snd_settle_mode: number;
  rcv_settle_mode: number;
  properties: Record<string, unknown> | undefined;
}

interface LinkInternals {
  credit: number;
  delivery_count: number;
  issue_flow: boolean;
  readonly local: { readonly attach: Attach };
  readonly remote: { readonly attach: Attach };
  readonly state: { local_open: boolean; open_requests: number };
  readonly session: { readonly outgoing: { available(): number } };
  readonly connection: {
    _register(): void;
    readonly socket?: { readonly writableLength: number };
  };
  _get_drain(): boolean;
}

interface TransferFrame {
  readonly performative: {
    message_format?: number | null;
    readonly handle: number;
    readonly more?: boolean | null;
  };
  payload?: Buffer;
}

// The field names and types above are those of node_modules/rhea/lib/{link,session,endpoint}.js;
// rhea's own type definitions leave them out, which is why the assertions below are needed and true.
const inside = (link: Sender | Receiver) => link as unknown as LinkInternals;

/** A message format that rhea does not know, so that it leaves such a transfer undecoded. */
const RAW_FORMAT = 0x7fff_fffe;

const DRAIN_RETRY_MS = 10;

const oversizedSessions = new WeakSet<Session>();

/**
 * Makes every transfer of a session arrive as bytes: rhea decodes each message of format 0, which
 * the bus must not need. It also keeps rhea from gathering a transfer beyond the size limit.
 */
export function passRawTransfers(session: Session): void {
  // on_transfer is in lib/session.js with this shape, and not in the type definitions.
  const internals = session as unknown as {
    on_transfer(frame: TransferFrame): void;
    readonly remote: { readonly handles: Readonly<Record<number, LinkInternals | undefined>> };
  };
  const original = internals.on_transfer.bind(session);
  const gathered = new Map<number, number>();
  internals.on_transfer = (frame) => {
    const { performative } = frame;
    const before = gathered.get(performative.handle);
    const bytes = (before ?? 0) + (frame.payload?.length ?? 0);
    if (before === undefined && performative.message_format === 0) {
      performative.message_format = RAW_FORMAT;
    }
    if (performative.more === true) gathered.set(performative.handle, bytes);
    else gathered.delete(performative.handle);
    const link = internals.remote.handles[performative.handle];
    if (bytes > (link?.local?.attach?.max_message_size ?? limits.messageBytesMax)) {
      frame.payload = Buffer.alloc(0);
      oversizedSessions.add(session);
    }
    original(frame);
    if (performative.more !== true) oversizedSessions.delete(session);
  };
}

/** Whether the transfer now being handled was larger than the limit, and is therefore incomplete. */
export function isOversized(session: Session): boolean {
  return oversizedSessions.has(session);
}

/** Keeps rhea from answering an attach at once; `link.open()` answers it later. */
export function holdAttach(link: Sender): void {
  const { state } = inside(link);
  state.local_open = false;
  state.open_requests = 0;
}

/** Answers with the client's own settle modes, without which pre-settled sends do not work. */
export function mirrorSettleModes(link: Sender): void {
  const { local, remote } = inside(link);
  local.attach.snd_settle_mode = remote.attach.snd_settle_mode;
  local.attach.rcv_settle_mode = remote.attach.rcv_settle_mode;
}

/** Says in the attach how large a message may be, and keeps to it. */
export function setMessageSizeMax(link: Receiver, bytes: number): void {
  inside(link).local.attach.max_message_size = bytes;
}

/** Sets the properties of the attach that answers the client's. */
export function setAttachProperties(link: Sender, properties: Record<string, unknown>): void {
  inside(link).local.attach.properties = properties;
}

/**
 * Counts what a link may still send. rhea lowers the credit only when it writes a frame, so what is
 * queued but not written must be subtracted here; and a full session buffer throws. rhea also keeps the
 * bytes of a delivery until it is settled: they are let go when they are written.
 */
export interface CreditLedger {
  available(): number;
  /** One more delivery was handed to rhea. */
  sent(delivery: Delivery, bytes: number): void;
  /** Answers a drain: the rest of the credit is used up, also when there is none left. */
  drain(): void;
  /** The link has ended. */
  stop(): void;
}

const UNWRITTEN_LOOK_MS = 20;

export function creditLedger(link: Sender): CreditLedger {
  const internals = inside(link);
  const start = internals.delivery_count;
  let sent = 0;
  let drained = 0;
  let isDraining = false;
  let isAttached = false;
  // rhea writes deliveries before an attach of the same turn; a client that gave credit together with
  // its attach would then hear of a link that it does not know. So nothing goes out in that turn.
  setImmediate(() => {
    isAttached = true;
    link.emit("sendable");
  });
  const unwritten = () =>
    isAttached ? sent - (internals.delivery_count - start - drained) : Number.POSITIVE_INFINITY;
  const backlog = unwrittenBytes(unwritten, () => link.emit("sendable"));
  // A client that does not read fills its socket, one that opens no window rhea's own queue: neither is
  // given more. The socket tells when it is empty again, rhea does not.
  const isFull = () =>
    (internals.connection.socket?.writableLength ?? 0) > limits.socketBytesMax || backlog.isFull();
  const requestFlow = () => {
    internals.issue_flow = true;
    internals.connection._register();
  };
  // rhea answers a drain only while credit is left; the SDK waits for an answer in any case.
  internals._get_drain = () => {
    if (!isDraining) return false;
    if (unwritten() > 0) {
      // The client's window is full: what is queued goes first, with the credit it needs.
      setTimeout(requestFlow, DRAIN_RETRY_MS);
      return false;
    }
    isDraining = false;
    drained += internals.credit;
    internals.delivery_count += internals.credit;
    internals.credit = 0;
    return true;
  };
  return {
    available: () =>
      isFull()
        ? 0
        : Math.max(
            0,
            Math.min(internals.credit - unwritten(), internals.session.outgoing.available()),
          ),
    sent: (delivery, bytes) => {
      sent += 1;
      backlog.add(delivery, bytes);
    },
    stop: backlog.stop,
    drain: () => {
      // rhea writes queued deliveries before flows, so the answer comes after the last message.
      isDraining = true;
      requestFlow();
    },
  };
}

// What one link has handed to rhea and rhea has not written. `onRoom` is called when `isFull` was true
// and is so no longer.
function unwrittenBytes(unwritten: () => number, onRoom: () => void) {
  let queued: { readonly delivery: Delivery; readonly bytes: number }[] = [];
  let sum = 0;
  let timer: NodeJS.Timeout | undefined;
  const forgetWritten = (): void => {
    const written = queued.length - unwritten();
    if (written <= 0) return;
    for (const { delivery, bytes } of queued.slice(0, written)) {
      sum -= bytes;
      dropBytes(delivery);
    }
    queued = queued.slice(written);
  };
  const look = (): void => {
    timer = undefined;
    forgetWritten();
    if (sum > limits.socketBytesMax) timer = setTimeout(look, UNWRITTEN_LOOK_MS);
    else onRoom();
  };
  return {
    add(delivery: Delivery, bytes: number): void {
      queued.push({ delivery, bytes });
      sum += bytes;
    },
    isFull(): boolean {
      forgetWritten();
      if (sum <= limits.socketBytesMax) return false;
      // Usually rhea writes in this turn.
      timer ??= setTimeout(look, 0);
      return true;
    },
    stop: () => clearTimeout(timer),
  };
}

// data is the list of a delivery's fragments in lib/session.js, which are sent one after the other and
// not looked at again; it is not in the type definitions.
function dropBytes(delivery: Delivery): void {
  (delivery as unknown as { data: Buffer[] }).data = [];
}

/** Encoded outcomes. rhea makes them with these functions of lib/message.js, which are not typed. */
const outcomes = rhea.message as unknown as {
  accepted(): { described(): unknown };
  modified(fields: { undeliverable_here: boolean }): { described(): unknown };
  rejected(fields: { error?: AmqpError }): { described(): unknown };
};

export const outcome = {
  accepted: () => outcomes.accepted().described(),
  modified: (isDeferred: boolean) =>
    outcomes.modified({ undeliverable_here: isDeferred }).described(),
  rejected: (error?: AmqpError) => outcomes.rejected(error ? { error } : {}).described(),
};

/**
 * Settles an outgoing delivery and frees its slot. rhea frees a slot only when both sides have
 * settled, and a peek-lock client never says that it has.
 */
export function settleDelivery(delivery: Delivery, state: unknown): void {
  delivery.update(true, state);
  // remote_settled is a plain field in lib/session.js; the definitions mark it read-only.
  (delivery as { remote_settled: boolean }).remote_settled = true;
}

/** Speaks AMQP, as a server, on a socket that was accepted elsewhere. */
export function acceptSocket(
  container: Container,
  options: ConnectionOptions,
  socket: Socket,
): Connection {
  const connection = container.create_connection(options);
  // accept is in lib/connection.js with this shape, and not in the type definitions.
  (connection as unknown as { accept(socket: Socket): void }).accept(socket);
  return connection;
}

/** The socket under a connection. */
export function socketOf(connection: Connection): Pick<Socket, "remoteAddress" | "remotePort"> {
  // socket is a plain field in lib/connection.js, and not in the type definitions.
  return (connection as unknown as { socket: Socket }).socket;
}
