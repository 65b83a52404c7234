// Addresses of the bus: a queue or topic (its name may contain slashes), `topic/Subscriptions/name`,
// `/$DeadLetterQueue` or `/$Transfer/$DeadLetterQueue` below what is received from, `/$management`
// below anything, and `$cbs`. Names compare without case.

export type SubQueue = "main" | "deadLetter" | "transferDeadLetter";

export type Node =
  | { readonly kind: "cbs" }
  /** A queue or a topic: they share one space of names. */
  | {
      readonly kind: "entity";
      readonly name: string;
      readonly subQueue: SubQueue;
      readonly isManagement: boolean;
    }
  | {
      readonly kind: "subscription";
      readonly topic: string;
      readonly subscription: string;
      readonly subQueue: SubQueue;
      readonly isManagement: boolean;
    };

/** What a link address names, or undefined when it has no such form. */
export function parseAddress(address: string): Node | undefined {
  const parts = normalPath(address).split("/");
  if (parts.length === 1 && parts[0] === "$cbs") return { kind: "cbs" };
  const isManagement = parts.at(-1) === "$management";
  if (isManagement) parts.pop();
  const subQueue = takeSubQueue(parts);
  if (parts.some((part) => part === "" || part.startsWith("$"))) return undefined;
  const keyword = parts.lastIndexOf("subscriptions");
  const subscription = parts.at(-1);
  if (keyword > 0 && keyword === parts.length - 2 && subscription !== undefined) {
    const topic = parts.slice(0, keyword).join("/");
    return { kind: "subscription", topic, subscription, subQueue, isManagement };
  }
  if (subscription === undefined) return undefined;
  return { kind: "entity", name: parts.join("/"), subQueue, isManagement };
}

function takeSubQueue(parts: string[]): SubQueue {
  if (parts.at(-1) !== "$deadletterqueue") return "main";
  parts.pop();
  if (parts.at(-1) !== "$transfer") return "deadLetter";
  parts.pop();
  return "transferDeadLetter";
}

/** A path in the form used for comparing: no leading or trailing slash, lower case. */
export function normalPath(path: string): string {
  return path.replace(/^\/+|\/+$/g, "").toLowerCase();
}
