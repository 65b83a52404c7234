// The one place from which the switches that only local servers need are derived (design 7). Each such
// switch is a function of a host name, so no configuration can turn it on for a real endpoint.

const loopbackHosts: ReadonlySet<string> = new Set(["localhost", "127.0.0.1", "[::1]"]);

/** Is this URL, or `host:port`, on this machine? What cannot be parsed is not. */
export function isLoopback(url: string): boolean {
  const text = url.includes("://") ? url : `tcp://${url}`;
  return URL.canParse(text) && loopbackHosts.has(new URL(text).hostname.toLowerCase());
}
