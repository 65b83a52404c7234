// The system properties (`sys.`) by the names of ServiceBusMessage and of the older BrokeredMessage.
// https://learn.microsoft.com/azure/service-bus-messaging/service-bus-messages-payloads

import type { MessageView, SystemName } from "../entities/rule-evaluation.ts";
import { unknown, type Value } from "./value.ts";

export interface SystemProperty {
  readonly read: (message: MessageView) => Value;
  /** What an action changes; "ignored" is accepted without effect, as documented. */
  readonly write: SystemName | "ignored" | "refused";
}

const TICKS_PER_MS = 10_000;

/** By name, without case; undefined when there is no such system property. */
export function systemProperty(name: string): SystemProperty | undefined {
  return known.get(name.toLowerCase());
}

const known: ReadonlyMap<string, SystemProperty> = new Map([
  ["messageid", text("messageId")],
  ["to", text("to")],
  ["label", text("subject")],
  ["subject", text("subject")],
  ["replyto", text("replyTo")],
  ["correlationid", text("correlationId")],
  ["contenttype", text("contentType")],
  ["sessionid", text("sessionId")],
  ["replytosessionid", text("replyToSessionId")],
  ["partitionkey", text("partitionKey")],
  ["scheduledenqueuetime", scheduled()],
  ["scheduledenqueuetimeutc", scheduled()],
  ["timetolive", readOnly((message) => timeSpan(message.timeToLiveMs))],
  ["enqueuedtime", readOnly(enqueuedAt)],
  ["enqueuedtimeutc", readOnly(enqueuedAt)],
  ["expiresat", readOnly(expiresAt)],
  ["expiresatutc", readOnly(expiresAt)],
  ["sequencenumber", readOnly((message) => integer("long", message.sequenceNumber))],
  ["enqueuedsequencenumber", readOnly((message) => integer("long", message.sequenceNumber))],
  ["size", readOnly((message) => integer("long", message.sizeInBytes))],
  // Rules are evaluated before any delivery, on a message that is neither deferred nor scheduled.
  ["deliverycount", readOnly(() => integer("int", 0))],
  ["state", readOnly(() => integer("int", 0))],
]);

function text(name: SystemName): SystemProperty {
  return {
    read(message) {
      const value = message.system(name);
      return value === undefined ? unknown : { type: "string", value };
    },
    write: name,
  };
}

function scheduled(): SystemProperty {
  return { read: (message) => dateTime(message.scheduledFor), write: "ignored" };
}

function readOnly(read: (message: MessageView) => Value): SystemProperty {
  return { read, write: "refused" };
}

function enqueuedAt(message: MessageView): Value {
  return dateTime(message.enqueuedAt);
}

function expiresAt(message: MessageView): Value {
  const { timeToLiveMs, enqueuedAt: start } = message;
  return dateTime(timeToLiveMs === undefined ? undefined : start + timeToLiveMs);
}

function dateTime(value: number | undefined): Value {
  return value === undefined ? unknown : { type: "dateTime", value };
}

function timeSpan(ms: number | undefined): Value {
  if (ms === undefined) return unknown;
  return { type: "timeSpan", value: BigInt(Math.trunc(ms * TICKS_PER_MS)) };
}

function integer(type: "int" | "long", value: number): Value {
  return { type, value: BigInt(value) };
}
