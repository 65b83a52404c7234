// What a path of the administration API names. Queue and topic names may contain slashes.
// https://learn.microsoft.com/rest/api/servicebus/service-bus-entities-rest-api

export type SingleResource =
  /** A queue or a topic: they share one space of names. */
  | { readonly kind: "entity"; readonly name: string }
  | { readonly kind: "subscription"; readonly topic: string; readonly name: string }
  | {
      readonly kind: "rule";
      readonly topic: string;
      readonly subscription: string;
      readonly name: string;
    };

export type Resource =
  | SingleResource
  | { readonly kind: "namespace" }
  | { readonly kind: "queues" }
  | { readonly kind: "topics" }
  | { readonly kind: "subscriptions"; readonly topic: string }
  | { readonly kind: "rules"; readonly topic: string; readonly subscription: string };

/** `path` is decoded. Undefined when it has no such form. */
export function parseResource(path: string): Resource | undefined {
  const parts = path.replace(/^\/+|\/+$/g, "").split("/");
  const words = parts.map((part) => part.toLowerCase());
  if (parts.some((part) => part === "")) return undefined;
  if (words.join("/") === "$namespaceinfo") return { kind: "namespace" };
  if (words.join("/") === "$resources/queues") return { kind: "queues" };
  if (words.join("/") === "$resources/topics") return { kind: "topics" };
  if (words[0]?.startsWith("$")) return undefined;
  const keyword = words.lastIndexOf("subscriptions");
  const topic = parts.slice(0, keyword).join("/");
  if (keyword < 1) return { kind: "entity", name: parts.join("/") };
  const [name, rules, rule, ...rest] = parts.slice(keyword + 1);
  if (name === undefined) return { kind: "subscriptions", topic };
  if (rules === undefined) return { kind: "subscription", topic, name };
  if (rules.toLowerCase() !== "rules" || rest.length > 0) return undefined;
  if (rule === undefined) return { kind: "rules", topic, subscription: name };
  return { kind: "rule", topic, subscription: name, name: rule };
}

/** The entity a right must be held on, as rights are given: "" for the whole namespace. */
export function scopeOf(resource: Resource): string {
  switch (resource.kind) {
    case "namespace":
    case "queues":
    case "topics":
      return "";
    case "entity":
      return resource.name.toLowerCase();
    case "subscriptions":
      return resource.topic.toLowerCase();
    case "subscription":
      return `${resource.topic}/${resource.name}`.toLowerCase();
    case "rules":
    case "rule":
      return `${resource.topic}/${resource.subscription}`.toLowerCase();
  }
}
