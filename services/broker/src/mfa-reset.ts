// mfa.reset: removes a person's registered methods, so that they register again.
//
// Invariants:
//   M1. The password is never removed.
//   M2. The default method goes last: Graph refuses it while others exist, and does not say which it is, so
//       what is refused with 400 waits until the others are gone
//       (https://learn.microsoft.com/graph/api/phoneauthenticationmethod-delete).
//   M3. A removal that nobody confirmed ends the work as unknown; a method that stayed is a failure by name.

import type { GraphSessions } from "./graph-session.ts";
import { GraphMethods } from "./graph-shapes.ts";
import type { Outcome } from "./messages.ts";
import { type Executor, failed, type Graph } from "./ports.ts";

interface Method {
  readonly id: string;
  /** The resource's name without `#microsoft.graph.` and `AuthenticationMethod`. */
  readonly type: string;
}

// https://learn.microsoft.com/graph/api/resources/authenticationmethods-overview
const segments: Readonly<Record<string, string>> = {
  phone: "phoneMethods",
  microsoftAuthenticator: "microsoftAuthenticatorMethods",
  fido2: "fido2Methods",
  softwareOath: "softwareOathMethods",
  email: "emailMethods",
  windowsHelloForBusiness: "windowsHelloForBusinessMethods",
  platformCredential: "platformCredentialMethods",
  hardwareOath: "hardwareOathMethods",
  external: "externalAuthenticationMethods",
  temporaryAccessPass: "temporaryAccessPassMethods",
};

export const mfaReset =
  (sessions: GraphSessions): Executor =>
  async (execution) => {
    const { target, agent } = execution;
    if (target === undefined) return failed("target-missing", "The allow names nobody.");
    const session = await sessions.asApplication(agent.executors.mfa, execution);
    if (session.kind === "failed") return session;
    const path = `/users/${target.objectId}/authentication`;
    const listed = await session.graph.get(`${path}/methods`);
    const methods = GraphMethods.safeParse(listed.kind === "ok" ? listed.body : undefined);
    if (!methods.success)
      return failed("methods-unreadable", "The person's methods could not be listed.");
    const found = methods.data.value.map((one) => ({
      id: one.id,
      type: typeOf(one["@odata.type"]),
    }));
    return await removeAll(session.graph, path, found);
  };

async function removeAll(graph: Graph, path: string, found: readonly Method[]): Promise<Outcome> {
  const waiting = found.filter(({ type }) => type !== "password"); // M1
  const passwords = found.filter(({ type }) => type === "password");
  const removed: string[] = [];
  const stayed: Method[] = [];
  // M2: every method once, then those that were refused with 400 once more.
  for (const round of ["first", "last"] as const) {
    for (const method of waiting.splice(0)) {
      const outcome = await remove(graph, path, method);
      if (outcome === "unclear") return unclear(removed, method); // M3
      if (outcome === "removed") removed.push(method.type);
      else if (outcome === "not-now" && round === "first") waiting.push(method);
      else stayed.push(method);
    }
  }
  if (stayed.length > 0) {
    const code = removed.length === 0 ? "not-removed" : "partially-removed";
    return failed(code, `Stayed: ${names(stayed)}. Removed: ${removed.join(", ") || "none"}.`);
  }
  const remaining = passwords.map(({ type }) => type);
  return { kind: "completed", costMicroChf: 0, result: { removed, remaining } };
}

async function remove(
  graph: Graph,
  path: string,
  { type, id }: Method,
): Promise<"removed" | "not-now" | "refused" | "unclear"> {
  const segment = segments[type];
  if (segment === undefined) return "refused";
  const answer = await graph.remove(`${path}/${segment}/${encodeURIComponent(id)}`);
  if (answer.kind === "ok") return "removed";
  if (answer.kind === "unclear") return "unclear";
  // Gone already is what was asked for.
  if (answer.status === 404) return "removed";
  return answer.status === 400 ? "not-now" : "refused";
}

const unclear = (removed: readonly string[], { type }: Method): Outcome => ({
  kind: "unknown",
  detail: `Graph did not say whether ${type} was removed. Removed: ${removed.join(", ") || "none"}.`,
});

const names = (methods: readonly Method[]): string => methods.map(({ type }) => type).join(", ");

const typeOf = (odataType: string): string =>
  odataType.replace(/^#microsoft\.graph\./, "").replace(/AuthenticationMethod$/, "");
