// Tells the one reader of a secret, in Teams, where it can be seen once. The link is no secret: it holds an
// id, and opens nothing without that person's own sign-in.

import { sendPlainText } from "./bot-connector.ts";
import { botSecret } from "./credentials.ts";
import { botScope } from "./entra.ts";
import { type Execution, type Failed, failed } from "./ports.ts";
import type { StoredSecret } from "./secret-links.ts";
import type { BotIdentity } from "./ticket-reply.ts";

/** Answers `told` only when the connector took the message; otherwise the secret is best discarded. */
export type TellRecipient = (
  stored: StoredSecret,
  execution: Execution,
) => Promise<{ readonly kind: "told" } | Failed>;

/** @param linksUrl origin of the page, as people reach it. */
export const tellRecipient =
  (bot: BotIdentity, linksUrl: string): TellRecipient =>
  async ({ secretId, recipient, expiresAt }, { customer, target, readSecret, work }) => {
    const secret = await readSecret(botSecret);
    if (secret.kind === "failed") return secret;
    const principal = {
      name: "niivo-bot",
      tenantId: bot.botTenantId,
      clientId: bot.botAppId,
      secret: secret.value,
    };
    const token = await bot.clientToken(principal, botScope, work);
    if (token.kind === "failed") return token;
    const link = new URL(`/s/${customer.id}/${secretId}`, linksUrl);
    const text = [
      `A temporary password for ${target?.displayName ?? "an account"} is being set.`,
      "You alone can see it, once, after signing in again:",
      `${link} (until ${expiresAt.slice(0, 16).replace("T", " ")} UTC).`,
      "NIIVO never asks you for a password.",
    ].join(" ");
    const message = { to: recipient, tenantId: customer.tenantId, text };
    const delivery = await sendPlainText(bot, token.token, message, work);
    return delivery.kind === "delivered"
      ? { kind: "told" }
      : failed("recipient-not-told", "The recipient could not be told where the password is.");
  };
