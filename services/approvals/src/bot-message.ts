// A message that somebody wrote to the bot, as the command that may make a ticket of it.
//
// Invariants:
//   T1. Credentials are replaced before anything of it is sent on (R5).
//   T2. One activity is one ticket: a repeat sends the same command under the same id, for the same ticket.
//   T3. Only a person's own chat with the bot counts; what is said in a group is nobody's ticket.

import { randomBytes } from "node:crypto";
import type { TicketWrite } from "@niivo/contracts/approvals";
import { derivedId } from "@niivo/contracts/canonical";
import type { Language } from "@niivo/contracts/language";
import { redact } from "@niivo/contracts/redact";
import { cut } from "@niivo/contracts/text";
import { ticketTextMax } from "@niivo/contracts/tickets";
import type { OutgoingCommand } from "@niivo/host/host";
import { z } from "zod";
import type { Sender } from "./bot-sender.ts";
import { plainText } from "./plain-text.ts";

const seedBytes = 32;

const Message = z.looseObject({ text: z.string().default("") });

type Written = z.infer<typeof TicketWrite>["data"]["written"];

/** `undefined` for what is not said to the bot alone (T3). */
export function ticketCommand(
  body: unknown,
  sender: Sender,
  language?: Language,
): OutgoingCommand | undefined {
  const { customer, tenantId, person: writer, activityId, conversationId } = sender;
  if (!sender.isPersonal) return undefined;
  const message = Message.safeParse(body);
  const text = message.success ? message.data.text : "";
  const ticket = derivedId("ticket", "teams", tenantId, conversationId, activityId); // T2
  return {
    ...{ id: derivedId(ticket, "write"), type: "ticket.write.v1", customer, ticket },
    subject: ticket,
    data: {
      ...{ writer, tenantId, activityId, written: writtenOf(plainText(text)) },
      ...(language === undefined ? {} : { language }),
    },
  };
}

function writtenOf(text: string): Written {
  if (text === "") return { kind: "unusable", code: "no-text" };
  if (text.length > ticketTextMax) return { kind: "unusable", code: "text-too-long" };
  const seed = randomBytes(seedBytes).toString("hex");
  return { kind: "text", text: cut(redact(text).text, ticketTextMax), seed }; // T1
}
