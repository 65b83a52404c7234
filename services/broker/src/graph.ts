// Microsoft Graph through its SDK: one principal, one piece of work, no retries, no redirects.
//
// The SDK's default chain would retry 429, 503 and 504 by itself and follow redirects; ours has the two
// middlewares that are needed (https://learn.microsoft.com/graph/sdks/customize-client).

import {
  AuthenticationHandler,
  Client,
  GraphError,
  type GraphRequest,
  HTTPMessageHandler,
} from "@microsoft/microsoft-graph-client";
import { tracedCall } from "@niivo/host/outbound-span";
import { pathTemplate } from "@niivo/host/path-template";
import { attribute } from "@niivo/host/telemetry-names";
import { callSignal } from "./deadline.ts";
import type { Graph, GraphAnswer, Secret, Work } from "./ports.ts";

export interface GraphOptions {
  /** Without the version, for example `https://graph.microsoft.com`. */
  readonly baseUrl: string;
  readonly token: Secret;
  readonly work: Work;
}

export function openGraph({ baseUrl, token, work }: GraphOptions): Graph {
  const client = Client.initWithMiddleware({
    baseUrl,
    defaultVersion: "v1.0",
    // Without this the SDK silently drops the token for any host it does not know.
    customHosts: new Set([new URL(baseUrl).hostname]),
    fetchOptions: { redirect: "error" },
    middleware: [
      new AuthenticationHandler({ getAccessToken: async () => token() }),
      new HTTPMessageHandler(),
    ],
  });
  const call = (
    method: string,
    path: string,
    send: (request: GraphRequest) => Promise<unknown>,
  ): Promise<GraphAnswer> => {
    const about = { [attribute.httpMethod]: method, [attribute.requestId]: work.requestId };
    const name = `${method} ${pathTemplate(path, graphWords)}`;
    return tracedCall(name, about, async (span) => {
      const answer = await callOnce(path, send);
      if (answer.kind !== "ok") span.fail(answer.code);
      return answer;
    });
  };
  const callOnce = async (
    path: string,
    send: (request: GraphRequest) => Promise<unknown>,
  ): Promise<GraphAnswer> => {
    // A call that was never sent did nothing.
    if (work.signal.aborted) return { kind: "refused", status: 0, code: "deadline" };
    const request = client
      .api(path)
      .header("client-request-id", work.requestId)
      .option("signal", callSignal(work));
    try {
      return { kind: "ok", body: await send(request) };
    } catch (error) {
      return refusal(error);
    }
  };
  return {
    get: (path, query = {}) => call("GET", path, (request) => request.query({ ...query }).get()),
    post: (path, body) => call("POST", path, (request) => request.post(body)),
    patch: (path, body) => call("PATCH", path, (request) => request.patch(body)),
    remove: (path) => call("DELETE", path, (request) => request.delete()),
  };
}

/** What may be read in a span's name; everything else in a path is somebody's id. */
const graphWords: ReadonlySet<string> = new Set([
  ...["users", "groups", "members", "manager", "transitiveMemberOf", "checkMemberGroups"],
  ...["authentication", "methods", "phoneMethods", "microsoftAuthenticatorMethods"],
  ...["fido2Methods", "softwareOathMethods", "emailMethods", "windowsHelloForBusinessMethods"],
  ...["temporaryAccessPassMethods", "platformCredentialMethods"],
]);

// Only codes leave this file: Graph's messages may repeat what was sent
// (https://learn.microsoft.com/graph/errors).
function refusal(error: unknown): GraphAnswer {
  if (!(error instanceof GraphError)) return { kind: "unclear", code: "no-answer" };
  const { statusCode: status } = error;
  const code = /^[\w.-]{1,64}$/.test(error.code ?? "") ? (error.code ?? "none") : "none";
  return status >= 400 && status < 500
    ? { kind: "refused", status, code }
    : { kind: "unclear", code: status > 0 ? String(status) : "no-answer" };
}
