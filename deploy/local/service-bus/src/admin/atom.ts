// The documents of the administration API: one entity is an Atom entry, several are a feed, and a
// failure is an `Error` with a code and a text for people.

import { writeXml, type XmlElement } from "./xml.ts";

const ATOM = "http://www.w3.org/2005/Atom";
const SERVICE_BUS = "http://schemas.microsoft.com/netservices/2010/10/servicebus/connect";
const SCHEMA_INSTANCE = "http://www.w3.org/2001/XMLSchema-instance";

export interface Entry {
  /** The path from which clients take the names: `topic/Subscriptions/name`. */
  readonly path: string;
  readonly title: string;
  readonly createdAt: number;
  readonly updatedAt: number;
  /** The name of the description: `QueueDescription`. */
  readonly root: string;
  readonly content: XmlElement;
}

/** Where the API was asked, `https://127.0.0.1:5672`, and what for. */
export interface Origin {
  readonly base: string;
  readonly apiVersion: string;
}

export function entryDocument(origin: Origin, entry: Entry): string {
  return writeXml({ entry: { $: { xmlns: ATOM }, ...entryElement(origin, entry) } });
}

/** `next` is the query of the following page; absent on the last one. */
export function feedDocument(
  origin: Origin,
  path: string,
  entries: readonly Entry[],
  next: string | undefined,
): string {
  const self = `${origin.base}/${path}`;
  const link = (rel: string, href: string) => ({ $: { rel, href } });
  const links = [link("self", `${self}?api-version=${origin.apiVersion}`)];
  if (next !== undefined) {
    links.push(link("next", `${self}?api-version=${origin.apiVersion}&${next}`));
  }
  return writeXml({
    feed: {
      $: { xmlns: ATOM },
      title: { $: { type: "text" }, _: path },
      id: self,
      updated: new Date().toISOString(),
      link: links,
      entry: entries.map((entry) => entryElement(origin, entry)),
    },
  });
}

export function errorDocument(status: number, detail: string): string {
  return writeXml({ Error: { Code: String(status), Detail: detail } });
}

function entryElement({ base, apiVersion }: Origin, entry: Entry): XmlElement {
  const address = `${base}/${encodeURI(entry.path)}?api-version=${apiVersion}`;
  return {
    id: address,
    title: { $: { type: "text" }, _: entry.title },
    published: new Date(entry.createdAt).toISOString(),
    updated: new Date(entry.updatedAt).toISOString(),
    author: { name: new URL(base).hostname },
    link: { $: { rel: "self", href: address } },
    content: {
      $: { type: "application/xml" },
      [entry.root]: { $: { xmlns: SERVICE_BUS, "xmlns:i": SCHEMA_INSTANCE }, ...entry.content },
    },
  };
}
