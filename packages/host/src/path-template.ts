// A URL's path as a name for spans: the words of an interface stay, everything else is `{id}`.

/** Words are of letters and inner dots only, and known to the caller: an id or a name is never one by chance. */
export const pathTemplate = (path: string, words: ReadonlySet<string>): string =>
  (path.split(/[?#]/, 1)[0] ?? "")
    .split("/")
    .map((segment) => (segment === "" || words.has(segment) ? segment : "{id}"))
    .join("/");
