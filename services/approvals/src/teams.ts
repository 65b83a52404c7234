// Microsoft Teams as this service uses it: cards and messages in 1:1 chats. The port, and its adapter over
// botbuilder, which no other file imports.
//
// Durability: `delivered` means Teams has stored it. Ordering: none between calls.
// Concurrency: any. Retry: none in here; `unavailable` may have been delivered all the same, and a repeat
// of `post` may then show a second card.

import {
  type Activity,
  CloudAdapter,
  ConfigurationBotFrameworkAuthentication,
  type ConversationParameters,
  type ConversationReference,
  type TurnContext,
} from "botbuilder";
import type { Card } from "./card.ts";
import { ConnectorRefusal, connectorHttp } from "./connector-http.ts";

/** Where a message hangs. */
export interface Place {
  readonly conversationId: string;
  readonly activityId: string;
}

/** A card with the line that a notification shows, or a plain sentence of our own. */
export type Content =
  | { readonly kind: "card"; readonly card: Card; readonly summary: string }
  | { readonly kind: "text"; readonly text: string };

export type Delivery =
  | ({ readonly kind: "delivered" } & Place)
  /** Teams will not, however often it is asked: bot blocked, person unknown, message too large. */
  | { readonly kind: "refused"; readonly code: "teams-refused" }
  /** Not now, or not known whether. */
  | { readonly kind: "unavailable" };

export interface Person {
  readonly objectId: string;
  readonly tenantId: string;
}

export interface Teams {
  /** Posts to the person's chat with the bot, which is opened where there is none. */
  readonly post: (to: Person, content: Content, signal: AbortSignal) => Promise<Delivery>;
  /** Replaces what was posted; for everybody who sees it. */
  readonly update: (
    at: Place,
    tenantId: string,
    content: Content,
    signal: AbortSignal,
  ) => Promise<Delivery>;
}

export interface TeamsOptions {
  readonly appId: string;
  readonly serviceUrl: string;
  readonly token: () => Promise<string>;
}

const channelId = "msteams";
const cardType = "application/vnd.microsoft.card.adaptive";
/** The audience of tokens for the connector; botbuilder hands it to our credentials, which know it. */
const audience = "https://api.botframework.com";

export function botbuilderTeams({ appId, serviceUrl, token }: TeamsOptions): Teams {
  const bot = { id: `28:${appId}`, name: "NIIVO" };

  /** One adapter per call, so that the call's signal ends every request made for it. */
  const adapterFor = (signal: AbortSignal): CloudAdapter => {
    const httpClient = connectorHttp({ serviceUrl, token, signal });
    return new CloudAdapter(
      new OutgoingOnly({}, credentials(appId), undefined, undefined, { httpClient }),
    );
  };

  return {
    post: (to, content, signal) =>
      delivery(async (sent) => {
        const parameters = {
          isGroup: false,
          ...{ bot, members: [{ id: to.objectId, name: "" }], tenantId: to.tenantId },
          channelData: { tenant: { id: to.tenantId } },
        } satisfies Partial<ConversationParameters>;
        await adapterFor(signal).createConversationAsync(
          ...([appId, channelId, serviceUrl, audience] as const),
          // The type asks for an activity, topic and properties that the interface does not need.
          parameters as ConversationParameters,
          async (context) => {
            const conversationId = context.activity.conversation.id;
            // The library gives the chat's opening the chat's id, and would send a reply to that.
            delete context.activity.id;
            const activityId = (await context.sendActivity(activityOf(content)))?.id;
            if (activityId !== undefined) sent({ conversationId, activityId });
          },
        );
      }),
    update: (at, tenantId, content, signal) =>
      delivery(async (sent) => {
        const reference: Partial<ConversationReference> = {
          ...{ bot, channelId, serviceUrl },
          conversation: {
            id: at.conversationId,
            isGroup: false,
            conversationType: "personal",
            tenantId,
            name: "",
          },
        };
        const replace = async (context: TurnContext) => {
          await context.updateActivity({ ...activityOf(content), id: at.activityId });
          sent(at);
        };
        await adapterFor(signal).continueConversationAsync(appId, reference, audience, replace);
      }),
  };
}

/**
 * botbuilder's own check of incoming requests takes more than the channel's tokens (it also accepts
 * Entra tokens issued to the bot's application, without looking at audience or service URL), so here it
 * takes none. Incoming requests are checked by channel-token.ts and never reach the library.
 */
class OutgoingOnly extends ConfigurationBotFrameworkAuthentication {
  override authenticateRequest = refuseIncoming;
  override authenticateStreamingRequest = refuseIncoming;
  override authenticateChannelRequest = refuseIncoming;
}

function refuseIncoming(): Promise<never> {
  return Promise.reject(new Error("incoming requests are not handled by botbuilder"));
}

/**
 * The library signs through this factory. Signing happens in connector-http.ts instead, at the one place
 * that knows where the request goes; so there is nothing to add here.
 */
const credentials = (appId: string) => ({
  isValidAppId: async (id: string) => id === appId,
  isAuthenticationDisabled: async () => false,
  createCredentials: async () => ({ signRequest: async <R>(request: R): Promise<R> => request }),
});

function activityOf(content: Content): Partial<Activity> {
  switch (content.kind) {
    case "text":
      return { type: "message", text: content.text, textFormat: "plain" };
    case "card":
      return {
        type: "message",
        summary: content.summary,
        attachments: [{ contentType: cardType, content: content.card }],
      };
  }
}

/** What became of one call: by what it reported as sent, or by how it failed. */
async function delivery(call: (sent: (place: Place) => void) => Promise<void>): Promise<Delivery> {
  const places: Place[] = [];
  try {
    await call((place) => places.push(place));
  } catch (error) {
    const isFinal = error instanceof ConnectorRefusal && error.isFinal;
    return isFinal ? { kind: "refused", code: "teams-refused" } : { kind: "unavailable" };
  }
  const [place] = places;
  return place === undefined ? { kind: "unavailable" } : { kind: "delivered", ...place };
}
