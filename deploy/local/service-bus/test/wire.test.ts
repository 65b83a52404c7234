// Message bytes: read without decoding, rewritten without loss, and refused when malformed.

import rhea from "rhea";
import { expect, test } from "vitest";
import { parseIncoming } from "../src/wire/incoming-message.ts";
import { createLockTokens, swapGuidOrder } from "../src/wire/lock-token.ts";
import { writeOutgoing } from "../src/wire/outgoing-message.ts";
import { encodeValue } from "../src/wire/values.ts";

const message = () =>
  rhea.message.encode({
    durable: true,
    ttl: 5_000,
    message_annotations: { "x-opt-partition-key": "p", "x-opt-sequence-number": 99 },
    message_id: "m-1",
    group_id: "s-1",
    subject: "subject",
    application_properties: { type: "t", nothing: null, long: "x".repeat(300) },
    body: rhea.message.data_section(Buffer.from("body")),
    footer: { signed: "yes" },
  });

const placement = {
  sequenceNumber: 7,
  enqueuedSequenceNumber: 7,
  enqueuedAt: 1_000,
  deliveryCount: 2,
  timeToLiveMs: 5_000,
  lockedUntil: 61_000,
  state: 0,
  deadLetterSource: undefined,
  modified: new Map<string, Buffer>(),
} as const;

test("M1: everything from the properties on keeps its bytes", () => {
  const raw = message();
  const parsed = parseIncoming(raw, () => "unused");
  const out = writeOutgoing(parsed, placement);
  expect(raw.includes(parsed.bare)).toBe(true);
  expect(out.subarray(out.length - parsed.bare.length).equals(parsed.bare)).toBe(true);
  expect(rhea.message.decode(out)).toMatchObject({
    durable: true,
    ttl: 5_000,
    delivery_count: 2,
    message_id: "m-1",
    footer: { signed: "yes" },
  });
});

test("the bus's annotations replace a sender's claims and leave its other annotations", () => {
  const parsed = parseIncoming(message(), () => "unused");
  const decoded = rhea.message.decode(writeOutgoing(parsed, placement));
  expect(decoded["message_annotations"]).toMatchObject({
    "x-opt-partition-key": "p",
    "x-opt-sequence-number": 7,
    "x-opt-enqueued-time": new Date(1_000),
    "x-opt-locked-until": new Date(61_000),
  });
});

test("modified application properties are merged, and added where there were none", () => {
  const modified = new Map([["type", encodeValue("changed")]]);
  const withSome = parseIncoming(message(), () => "unused");
  const merged = rhea.message.decode(writeOutgoing(withSome, { ...placement, modified }));
  expect(merged["application_properties"]).toMatchObject({ type: "changed", nothing: null });
  expect(String(merged["body"].content)).toBe("body");
  const bare = rhea.message.encode({ body: "only a body" });
  const withNone = parseIncoming(bare, () => "given");
  const added = rhea.message.decode(writeOutgoing(withNone, { ...placement, modified }));
  expect(added).toMatchObject({
    message_id: "given",
    application_properties: { type: "changed" },
    body: "only a body",
  });
});

test("parsing what was kept gives the same message again", () => {
  const first = parseIncoming(rhea.message.encode({ body: 1 }), () => "given");
  const again = parseIncoming(first.raw, () => "another");
  expect(again.system.messageId).toBe("given");
  expect(again.bare.equals(first.bare)).toBe(true);
});

test("malformed bytes are refused with an error, whatever is cut off or changed", () => {
  const raw = message();
  let refused = 0;
  const tried = (bytes: Buffer) => {
    try {
      parseIncoming(bytes, () => "given");
    } catch (error) {
      expect(error).toBeInstanceOf(Error);
      refused += 1;
    }
  };
  for (let length = 0; length < raw.length; length += 1) tried(raw.subarray(0, length));
  expect(refused).toBeGreaterThan(raw.length * 0.9); // Some cuts fall between two sections.
  for (let at = 0; at < raw.length; at += 1) {
    for (const value of [0x00, 0x40, 0x45, 0xf0, 0xff]) {
      const changed = Buffer.from(raw);
      changed[at] = value;
      tried(changed);
    }
  }
});

test("lock tokens are 16 bytes, never repeat, and are recognised only by their own process", () => {
  const tokens = createLockTokens();
  const first = tokens.next();
  const second = tokens.next();
  expect(first.token).toHaveLength(16);
  expect(tokens.idOf(first.token)).toBe(first.id);
  expect(second.id).not.toBe(first.id);
  expect(createLockTokens().idOf(first.token)).toBeUndefined();
  expect(tokens.idOf(swapGuidOrder(swapGuidOrder(second.token)))).toBe(second.id);
  expect(tokens.idOf(swapGuidOrder(second.token))).toBeUndefined();
});
