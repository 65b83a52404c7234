// The Bot Connector: a new conversation with one person, and one message in it.
//
// The two requests are ours and not the SDK's: its connector client retries sends by itself and has no
// switch for it, and a message that was sent twice is a silent retry (R6). Its types shape what we send.
// https://learn.microsoft.com/azure/bot-service/rest-api/bot-framework-rest-connector-send-and-receive-messages

import { tracedCall } from "@niivo/host/outbound-span";
import { pathTemplate } from "@niivo/host/path-template";
import { attribute } from "@niivo/host/telemetry-names";
import type { Activity, ConversationParameters } from "botbuilder";
import { z } from "zod";
import { callSignal } from "./deadline.ts";
import type { Secret, Work } from "./ports.ts";

const Created = z.object({ id: z.string().min(1).max(1000) });

export interface PlainMessage {
  /** Entra object id of the person, and the tenant that both are in. */
  readonly to: string;
  readonly tenantId: string;
  readonly text: string;
}

export type Delivery =
  | { readonly kind: "delivered" }
  /** The connector did not take it; the status says why. */
  | { readonly kind: "refused"; readonly status: number }
  /** It may have been shown. */
  | { readonly kind: "unclear" };

export interface BotPlace {
  /** Of the Teams connector, for example `https://smba.trafficmanager.net/teams/`. */
  readonly serviceUrl: string;
  readonly botAppId: string;
}

/** Sends once. Text is plain: nothing in it is rendered. */
export async function sendPlainText(
  { serviceUrl, botAppId }: BotPlace,
  token: Secret,
  { to, tenantId, text }: PlainMessage,
  work: Work,
): Promise<Delivery> {
  const bot = { id: `28:${botAppId}`, name: "NIIVO" };
  const parameters = {
    isGroup: false,
    bot,
    members: [{ id: to, aadObjectId: to, name: "" }],
    tenantId,
    channelData: { tenant: { id: tenantId } },
  } satisfies Partial<ConversationParameters>;
  const base = serviceUrl.endsWith("/") ? serviceUrl : `${serviceUrl}/`;
  const post = (path: string, body: object) =>
    tracedCall(
      `POST /${pathTemplate(path, connectorWords)}`,
      { [attribute.httpMethod]: "POST", [attribute.requestId]: work.requestId },
      async (span) => {
        const posted = await postOnce(new URL(path, base), token, body, work);
        if (posted.kind !== "unclear") span.set({ [attribute.httpStatus]: posted.status });
        if (posted.kind !== "ok") span.fail(posted.kind);
        return posted;
      },
    );
  const opened = await post("v3/conversations", parameters);
  // A conversation without a message in it is not seen by anybody.
  if (opened.kind === "unclear") return { kind: "refused", status: 0 };
  if (opened.kind === "refused") return opened;
  const conversation = Created.safeParse(opened.body);
  if (!conversation.success) return { kind: "refused", status: opened.status };
  const { id } = conversation.data;
  const message = {
    type: "message",
    from: bot,
    conversation: { id, isGroup: false, conversationType: "personal", name: "", tenantId },
    text,
    textFormat: "plain",
  } satisfies Partial<Activity>;
  const sent = await post(`v3/conversations/${encodeURIComponent(id)}/activities`, message);
  return sent.kind === "ok" ? { kind: "delivered" } : sent;
}

const connectorWords: ReadonlySet<string> = new Set(["v3", "conversations", "activities"]);

type Posted =
  | { readonly kind: "ok"; readonly status: number; readonly body: unknown }
  | Exclude<Delivery, { kind: "delivered" }>;

async function postOnce(url: URL, token: Secret, body: object, work: Work): Promise<Posted> {
  if (work.signal.aborted) return { kind: "refused", status: 0 };
  try {
    const response = await fetch(url, {
      method: "POST",
      redirect: "error",
      signal: callSignal(work),
      headers: {
        authorization: `Bearer ${token()}`,
        "content-type": "application/json",
        "client-request-id": work.requestId,
      },
      body: JSON.stringify(body),
    });
    const { status } = response;
    if (response.ok) return { kind: "ok", status, body: await response.json() };
    await response.body?.cancel();
    return status < 500 ? { kind: "refused", status } : { kind: "unclear" };
  } catch {
    return { kind: "unclear" };
  }
}
