// One client connection: its claims, its open links, and where answers to its requests go.

import type { AmqpError, Connection, Receiver, Sender, Session } from "rhea";
import { type Claims, createClaims, type Wish } from "../access/claims.ts";
import type { Node } from "../address.ts";
import { parseAddress } from "../address.ts";
import type { Broker, Closing } from "../broker.ts";
import { createAlarm } from "../entities/alarm.ts";
import type { Right } from "../entities/descriptions.ts";
import { limits } from "../limits.ts";
import { errorOf, type Refusal, refuse } from "./refusal.ts";
import { socketOf } from "./rhea-internals.ts";

export type Link = Sender | Receiver;

/** What the server keeps for an open link. */
export interface OpenLink {
  readonly wish: Wish;
  /** The link has ended: by a detach, or because the connection broke. */
  readonly ended: (isLost: boolean) => void;
}

export interface Peer {
  readonly claims: Claims;
  readonly links: Map<Link, OpenLink>;
  /** Senders by the address or link name that requests give as reply-to. */
  readonly replies: Map<string, Sender>;
  /** A link is open; from now on it lives only as long as its claim. */
  opened(link: Link, open: OpenLink): void;
  ended(link: Link, isLost: boolean): void;
  sessionEnded(session: Session): void;
  /** Why the server closed a link, for what was still on its way there. */
  whyClosed(link: Link): AmqpError | undefined;
  /** An entity was deleted or disabled: its links are closed. */
  closing(path: string, why: Closing): void;
  /** A new claim was added: links that lose theirs are closed when it expires. */
  claimed(): void;
  /** Tells a person, once for each text, what went wrong on this connection. No secrets. */
  note(problem: string): void;
  stop(isLost: boolean): void;
}

const NAME_CHARACTERS_MAX = 60;

export function createPeer(
  connection: Connection,
  clock: () => number,
  log: (line: string) => void,
): Peer {
  const claims = createClaims();
  const links = new Map<Link, OpenLink>();
  const replies = new Map<string, Sender>();
  const noted = new Set<string>();
  const closed = new WeakMap<Link, AmqpError>();
  const close = (link: Link, refusal: Refusal) => {
    closed.set(link, errorOf(refusal));
    ended(link, false);
    if (link.is_sender()) {
      refuse(link, refusal);
      return;
    }
    // The SDK forgets what it has sent when its link is detached, and then waits in vain for an
    // answer. So what is on its way is refused first, with the same reason.
    setTimeout(() => {
      if (link.is_open()) refuse(link, refusal);
    }, limits.lingerMs).unref();
  };
  const note = (problem: string) => {
    if (noted.has(problem) || noted.size >= limits.notesPerConnectionMax) return;
    noted.add(problem);
    log(`${nameOf(connection)}: ${problem}`);
  };
  const firstToken = setTimeout(() => {
    // A connection that proves nothing within the documented time is ended.
    note("no token was put in time: the connection is closed");
    connection.close({ condition: "amqp:unauthorized-access", description: "no token was put" });
  }, limits.firstTokenMs);

  // It also notices in time that the clock was put forward over the end of a token.
  const expiry = createAlarm(clock, watchExpiry);

  function watchExpiry(): void {
    const now = clock();
    for (const [link, { wish }] of links) {
      if (wish.node.kind !== "cbs" && claims.standing(wish, now) !== "allowed") {
        note(`the token for "${wish.address}" has expired: its link is closed`);
        close(link, { kind: "unauthorized", address: wish.address });
      }
    }
    // The same `now` as the check: a claim that expires between two looks at the clock would be
    // forgotten with its links still open.
    expiry.at(claims.nextExpiry(now));
  }
  function ended(link: Link, isLost: boolean): void {
    const open = links.get(link);
    links.delete(link);
    for (const [name, sender] of replies) if (sender === link) replies.delete(name);
    open?.ended(isLost);
  }
  return {
    claims,
    links,
    replies,
    opened: (link, open) => void links.set(link, open),
    ended,
    sessionEnded(session) {
      for (const link of [...links.keys()]) if (link.session === session) ended(link, false);
    },
    closing(path, why) {
      for (const [link, { wish }] of [...links]) {
        if (!concerns(wish.node, path)) continue;
        const { address } = wish;
        close(link, { kind: why === "deleted" ? "not-found" : "disabled", address });
      }
    },
    whyClosed: (link) => closed.get(link),
    claimed() {
      clearTimeout(firstToken);
      watchExpiry();
    },
    note,
    stop(isLost) {
      clearTimeout(firstToken);
      expiry.stop();
      for (const link of [...links.keys()]) ended(link, isLost);
    },
  };
}

/** Who is at the other end: its address and the name it gave itself. */
function nameOf(connection: Connection): string {
  const { remoteAddress, remotePort } = socketOf(connection);
  const given = connection.container_id ?? "";
  const name = given.slice(0, NAME_CHARACTERS_MAX).replace(/[^\x20-\x7e]/g, "?");
  return `${remoteAddress}:${remotePort}${name === "" ? "" : ` (${name})`}`;
}

// A disabled or deleted entity keeps no link, but for its management.
function concerns(node: Node, path: string): boolean {
  if (node.kind === "cbs") return false;
  return path === (node.kind === "entity" ? node.name : `${node.topic}/${node.subscription}`);
}

const anyRight: readonly Right[] = ["send", "listen", "manage"];

export type Allowed =
  | { readonly kind: "allowed"; readonly node: Node; readonly wish: Wish }
  | Refusal;

/**
 * What a link address names, if it exists and this connection may use it; otherwise why not.
 * Only who has put a valid token for an address learns that nothing is there.
 */
export function authorize(
  { peer, broker, clock }: { peer: Peer; broker: Broker; clock: () => number },
  right: Right,
  address = "",
): Allowed {
  const node = parseAddress(address);
  if (node === undefined) return { kind: "not-found", address };
  const isManagement = node.kind !== "cbs" && node.isManagement;
  const wish: Wish = { node, address, rights: isManagement ? anyRight : [right] };
  if (node.kind === "cbs") return { kind: "allowed", node, wish };
  const standing = peer.claims.standing(wish, clock());
  if (standing === "unproved") {
    peer.note(`refused "${address}": no valid token was put for it`);
    return { kind: "unauthorized", address };
  }
  if (broker.find(node) === undefined) {
    peer.note(`refused "${address}": it does not exist`);
    return { kind: "not-found", address };
  }
  if (standing === "proved") {
    peer.note(`refused "${address}": no right to ${isManagement ? "use" : right} there`);
    return { kind: "unauthorized", address };
  }
  return { kind: "allowed", node, wish };
}
