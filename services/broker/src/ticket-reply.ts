// ticket.reply: a message from NIIVO's bot to the person who opened the ticket, and to nobody else.

import { TicketReply } from "@niivo/contracts/tools";
import { type BotPlace, sendPlainText } from "./bot-connector.ts";
import { botSecret } from "./credentials.ts";
import { botScope, type ClientTokens } from "./entra.ts";
import { type Executor, failed } from "./ports.ts";

export interface BotIdentity extends BotPlace {
  /** The tenant in which the bot's application is registered. */
  readonly botTenantId: string;
  readonly clientToken: ClientTokens;
}

export const ticketReply =
  (bot: BotIdentity): Executor =>
  async ({ action, requester, readSecret, work }) => {
    const given = TicketReply.arguments.safeParse(action.arguments);
    if (!given.success) return failed("arguments-invalid", "A reply has a text and no more.");
    // Nobody knows whose chat it would be: it goes back the way the ticket came, and no other.
    if (requester.assurance === "unverified")
      return {
        kind: "completed",
        costMicroChf: 0,
        result: { delivered: true, channel: "connector" },
        reply: given.data.text,
      };
    const secret = await readSecret(botSecret);
    if (secret.kind === "failed") return secret;
    const client = {
      name: "niivo-bot",
      tenantId: bot.botTenantId,
      clientId: bot.botAppId,
      secret: secret.value,
    };
    const token = await bot.clientToken(client, botScope, work);
    if (token.kind === "failed") return token;
    const message = {
      to: requester.objectId,
      tenantId: requester.tenantId,
      text: given.data.text,
    };
    const delivery = await sendPlainText(bot, token.token, message, work);
    switch (delivery.kind) {
      case "delivered":
        return {
          kind: "completed",
          costMicroChf: 0,
          result: { delivered: true, channel: "teams" },
        };
      case "refused":
        return failed("not-delivered", `The Bot Connector did not take it (${delivery.status}).`);
      case "unclear":
        return { kind: "unknown", detail: "The Bot Connector did not say whether it was sent." };
    }
  };
