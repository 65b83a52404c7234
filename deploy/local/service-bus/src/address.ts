// Addresses of the bus: `topic`, `topic/Subscriptions/name`, a `/$DeadLetterQueue` below a
// subscription, a `/$management` below anything, and `$cbs`. Names compare without case.

export type Node =
  | { readonly kind: "cbs" }
  | { readonly kind: "topic"; readonly topic: string; readonly isManagement: boolean }
  | {
      readonly kind: "subscription";
      readonly topic: string;
      readonly subscription: string;
      readonly isDeadLetter: boolean;
      readonly isManagement: boolean;
    };

/** What a link address names, or undefined when it has no such form. */
export function parseAddress(address: string): Node | undefined {
  const parts = normalPath(address).split("/");
  if (parts.length === 1 && parts[0] === "$cbs") return { kind: "cbs" };
  const isManagement = parts.at(-1) === "$management";
  if (isManagement) parts.pop();
  const isDeadLetter = parts.at(-1) === "$deadletterqueue";
  if (isDeadLetter) parts.pop();
  const [topic, keyword, subscription] = parts;
  if (topic === undefined || topic === "") return undefined;
  if (parts.length === 1) return isDeadLetter ? undefined : { kind: "topic", topic, isManagement };
  if (parts.length !== 3 || keyword !== "subscriptions" || subscription === undefined) {
    return undefined;
  }
  return { kind: "subscription", topic, subscription, isDeadLetter, isManagement };
}

/** A path in the form used for comparing: no leading or trailing slash, lower case. */
export function normalPath(path: string): string {
  return path.replace(/^\/+|\/+$/g, "").toLowerCase();
}
