// Tells the one reader of a secret, in Teams, where it can be seen once. The link is no secret: it holds an
// id, and opens nothing without that person's own sign-in. It is written in the language that the directory
// says that person reads.

import { defaultLanguage, type Language } from "@niivo/contracts/language";
import { moment, sentence } from "@niivo/languages/sentences";
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
  async (stored, { customer, target, readSecret, work }) => {
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
    const link = new URL(`/s/${customer.id}/${stored.secretId}`, linksUrl);
    const text = linkText(stored, target, link);
    const message = { to: stored.recipient, tenantId: customer.tenantId, text };
    const delivery = await sendPlainText(bot, token.token, message, work);
    return delivery.kind === "delivered"
      ? { kind: "told" }
      : failed("recipient-not-told", "The recipient could not be told where the password is.");
  };

/** Plain text: the one thing in it that others wrote, the name of the account's owner, stands on its own line. */
function linkText(
  { recipient, expiresAt }: StoredSecret,
  target: Execution["target"],
  link: URL,
): string {
  const isOwn = target !== undefined && target.objectId === recipient;
  const language = languageOfRecipient(target, isOwn);
  const whose = isOwn
    ? [sentence(language, "link.for-you")]
    : [sentence(language, "link.for-other"), target?.displayName ?? "-"];
  return [
    ...whose,
    sentence(language, "link.where"),
    link.href,
    `${sentence(language, "link.until")} ${moment(language, expiresAt)}`,
    sentence(language, "link.never-asked"),
  ].join("\n");
}

/** A secret goes to the person or to their manager. */
const languageOfRecipient = (target: Execution["target"], isOwn: boolean): Language =>
  (isOwn ? target?.language : target?.managerLanguage) ?? defaultLanguage;
