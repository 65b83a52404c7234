// POST /api/messages: what the Bot Connector sends. It validates, hands a vote or a message over as a command,
// and never decides.
//
// Invariants:
//   M1. Nothing of a request is believed before its token is valid and is for this very activity.
//   M2. Only a person's press becomes a vote: an automatic refresh is answered with the card and never counts.
//   M3. The voter is the Entra object id, in the tenant that conversation and channel data agree on, and
//       that tenant is a customer's.
//   M4. One activity is one vote, or one ticket: a repeat sends the same command under the same id.
//
// botbuilder has no part in this. Its own check of incoming requests would accept Entra tokens issued to the
// bot's application, and all that is needed of an activity is parsed here, strictly.

import type { VoteCast } from "@niivo/contracts/approvals";
import { derivedId } from "@niivo/contracts/canonical";
import { Hex256, Id } from "@niivo/contracts/envelope";
import { type Language, languageOf } from "@niivo/contracts/language";
import type { Host } from "@niivo/host/host";
import { bodyLimit, problem } from "@niivo/host/problem";
import { type Context, Hono } from "hono";
import { z } from "zod";
import { ticketCommand } from "./bot-message.ts";
import { senderOf } from "./bot-sender.ts";
import type { ChannelTokens } from "./channel-token.ts";
import { type Ask, readAsk } from "./documents.ts";
import { cardFor, languageOfReader } from "./standing.ts";
import { same } from "./state.ts";
import { type Texts, textsIn } from "./texts.ts";

const bodyBytesMax = 256 * 1024;

/** What every activity has; the rest of it is the channel's, and is ignored. */
const Activity = z.looseObject({
  type: z.string().max(100),
  name: z.string().max(200).optional(),
  channelId: z.string().max(100),
  serviceUrl: z.string().max(500),
  /** The language of the client (Bot Framework activity schema): for a person we know nothing else of. */
  locale: z.string().max(64).optional().catch(undefined),
});

const Press = z.looseObject({
  value: z.looseObject({
    action: z.looseObject({
      type: z.literal("Action.Execute"),
      verb: z.string().max(100),
      data: z.strictObject({ actionId: Id, digest: Hex256 }),
    }),
    trigger: z.enum(["manual", "automatic"]).optional(),
  }),
});
const Verb = z.enum(["grant", "refuse"]);

/** The inside of the answer to an invoke; HTTP says 200 whatever it is. */
interface InvokeAnswer {
  readonly statusCode: 200 | 400 | 403 | 500;
  readonly type: string;
  readonly value: unknown;
}

export interface BotParts {
  readonly tokens: ChannelTokens;
  /** The customer of each tenant, by tenant id in lower case. */
  readonly customers: ReadonlyMap<string, string>;
  readonly host: Pick<Host, "store" | "send" | "log">;
}

export function botRoutes({ tokens, customers, host }: BotParts): Hono {
  const app = new Hono();
  app.post("/api/messages", bodyLimit(bodyBytesMax), async (c) => {
    const token = await tokens.verify(c.req.header("authorization"));
    if (token.kind === "unavailable")
      return problem(c, 503, "keys-unavailable", "Tokens cannot be checked at the moment.");
    if (token.kind === "invalid") return unauthorized(c, host, token.code);
    const body: unknown = await c.req.json().catch(() => undefined);
    const activity = Activity.safeParse(body);
    if (!activity.success) return problem(c, 400, "invalid-activity", "This is no activity.");
    if (!tokens.isFor(token, activity.data)) return unauthorized(c, host, "token-not-for-activity");
    const language = languageOf(activity.data.locale);
    // M1: from here on the channel speaks. Only an invoke needs an answer.
    if (activity.data.type === "message")
      return await wrote(c, body, language, { customers, host });
    if (activity.data.type !== "invoke") return c.body(null, 200);
    if (activity.data.name !== "adaptiveCard/action")
      return c.json(failure(400, "not-supported", textsIn(language).unreadable));
    return c.json(await pressed(body, language, { customers, host }));
  });
  return app;
}

/** A message to the bot. Who cannot be placed is not answered: there is nobody whose chat that would be. */
async function wrote(
  c: Context,
  body: unknown,
  language: Language | undefined,
  { customers, host }: Pick<BotParts, "customers" | "host">,
): Promise<Response> {
  const sender = senderOf(body, customers);
  if (sender.kind !== "known") {
    host.log.warn({ code: sender.kind }, "a message to the bot was ignored"); // M3
    return c.body(null, 200);
  }
  const command = ticketCommand(body, sender, language);
  if (command === undefined) return c.body(null, 200);
  try {
    await host.send(command);
    return c.body(null, 200);
  } catch (error) {
    // Teams shows the person that it was not delivered, who sends it again: M4 makes that safe.
    host.log.warn({ err: error }, "a message could not be handed over");
    return problem(c, 503, "not-recorded", "The message could not be recorded. Send it again.");
  }
}

async function pressed(
  body: unknown,
  clientLanguage: Language | undefined,
  { customers, host }: Pick<BotParts, "customers" | "host">,
): Promise<InvokeAnswer> {
  let texts = textsIn(clientLanguage);
  const sender = senderOf(body, customers);
  const press = Press.safeParse(body);
  if (sender.kind === "unreadable" || !press.success) {
    host.log.warn("a press on a card could not be read");
    return failure(400, "invalid-press", texts.unreadable);
  }
  if (sender.kind === "unknown-tenant") {
    host.log.warn("a press from a tenant that is no customer's");
    return failure(403, "unknown-tenant", texts.unreadable); // M3
  }
  const { customer, tenantId, person, activityId, conversationId } = sender;
  const { action, trigger } = press.data.value;
  try {
    const ask = await readAsk(host.store, customer, action.data.actionId);
    const language = languageOfReader(ask?.asked, person) ?? clientLanguage;
    texts = textsIn(language);
    if (trigger === "automatic") return currentCard(ask, person, texts); // M2
    const verb = Verb.safeParse(action.verb);
    if (!verb.success) return failure(400, "unknown-verb", texts.unreadable);
    const vote = {
      ...{ ...action.data, voter: person, tenantId },
      ...{ vote: verb.data, activityId },
      ...(language === undefined ? {} : { language }),
    };
    await host.send(voteCommand(vote, customer, conversationId, ask));
    return message(texts.checking);
  } catch (error) {
    // Teams shows this to the person, who presses again: M4 makes that safe.
    host.log.warn({ err: error }, "a vote could not be handed over");
    return failure(500, "not-recorded", texts.notRecorded);
  }
}

/** The card as this person should see it now, if this person was asked. */
function currentCard(ask: Ask | undefined, person: string, texts: Texts): InvokeAnswer {
  const asked = ask?.asked;
  const isAsked = asked?.approvers.some(({ objectId }) => same(objectId, person)) ?? false;
  if (asked === undefined || !isAsked) return message(texts.unknownApproval);
  const { card } = cardFor(asked, ask, person);
  return { statusCode: 200, type: "application/vnd.microsoft.card.adaptive", value: card };
}

const voteCommand = (
  vote: z.infer<typeof VoteCast>["data"],
  customer: string,
  conversationId: string,
  ask: Ask | undefined,
) => ({
  id: derivedId("vote.cast", vote.tenantId, conversationId, vote.activityId), // M4
  ...{ type: "vote.cast.v1", data: vote, customer, subject: vote.actionId },
  ...(ask?.ticket === undefined ? {} : { ticket: ask.ticket, correlationid: ask.ticket }),
  ...(ask?.eventId === undefined ? {} : { causationid: ask.eventId }),
});

const message = (text: string): InvokeAnswer => ({
  statusCode: 200,
  type: "application/vnd.microsoft.activity.message",
  value: text,
});

const failure = (statusCode: 400 | 403 | 500, code: string, text: string): InvokeAnswer => ({
  statusCode,
  type: "application/vnd.microsoft.error",
  value: { code, message: text },
});

function unauthorized(c: Context, { log }: BotParts["host"], code: string): Response {
  log.warn({ code }, "a request to the bot was refused");
  c.header("www-authenticate", "Bearer");
  return problem(c, 401, code, "This is not a request of the Bot Connector for Microsoft Teams.");
}
