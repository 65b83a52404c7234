// How botbuilder reaches the Bot Connector: one attempt, one deadline, one host, no redirect. The library's
// own pipeline would repeat a failed POST, and so could show a person two cards; it repeats only errors and
// answers it knows, so what is not a success is thrown as an error of ours.

import { tracedCall } from "@niivo/host/outbound-span";
import { pathTemplate } from "@niivo/host/path-template";
import { attribute } from "@niivo/host/telemetry-names";
import type { ConfigurationBotFrameworkAuthentication } from "botbuilder";

/** A call to the connector ends within this time. */
const connectorCallMsMax = 10_000;
/** Answers are ids; more than this is not an answer. */
const answerBytesMax = 64 * 1024;

type ConnectorOptions = NonNullable<
  ConstructorParameters<typeof ConfigurationBotFrameworkAuthentication>[4]
>;
export type ConnectorHttp = NonNullable<ConnectorOptions["httpClient"]>;

const connectorWords: ReadonlySet<string> = new Set(["v3", "conversations", "activities"]);

/** The connector answered, and it was not a success. */
export class ConnectorRefusal extends Error {
  readonly status: number;
  constructor(status: number) {
    super(`the connector answered ${status}`);
    this.name = "ConnectorRefusal";
    this.status = status;
  }
  /** Whether asking again is in vain. 401 speaks of our token, 412 and 429 of the moment. */
  get isFinal(): boolean {
    return this.status >= 400 && this.status < 500 && ![401, 408, 412, 429].includes(this.status);
  }
}

export function connectorHttp(options: {
  readonly serviceUrl: string;
  readonly token: () => Promise<string>;
  readonly signal: AbortSignal;
}): ConnectorHttp {
  const base = options.serviceUrl.endsWith("/") ? options.serviceUrl : `${options.serviceUrl}/`;
  return {
    sendRequest: async (request) => {
      // The token is for the connector alone, whatever the library was told to call.
      if (!request.url.startsWith(base)) throw new TypeError("a call outside the service URL");
      const authorization = `Bearer ${await options.token()}`;
      const { method } = request;
      const name = `${method} /${pathTemplate(request.url.slice(base.length), connectorWords)}`;
      const response = await tracedCall(name, { [attribute.httpMethod]: method }, async (span) => {
        const answer = await fetch(request.url, {
          method,
          headers: {
            accept: "application/json",
            "content-type": "application/json",
            authorization,
          },
          body: typeof request.body === "string" ? request.body : null,
          redirect: "error",
          signal: AbortSignal.any([options.signal, AbortSignal.timeout(connectorCallMsMax)]),
        });
        span.set({ [attribute.httpStatus]: answer.status });
        if (!answer.ok) span.fail("refused");
        return answer;
      });
      const bodyAsText = await response.text();
      if (!response.ok) throw new ConnectorRefusal(response.status);
      if (bodyAsText.length > answerBytesMax) throw new TypeError("the answer is too large");
      // A response's headers are of the request's kind; only the content type is read from them.
      const headers = request.headers.clone();
      for (const name of headers.headerNames()) headers.remove(name);
      headers.set("content-type", response.headers.get("content-type") ?? "application/json");
      return { request, status: response.status, headers, bodyAsText };
    },
  };
}
