// The shape of Microsoft's emulator configuration (`Config.json`), with the defaults it documents.
// Its limits are those of a small emulator and are not ours: only what the bus itself cannot do is
// refused. What Microsoft's does not know stands in the one section that it ignores.
// https://github.com/Azure/azure-service-bus-emulator-installer (ServiceBus-Emulator/Schema)

import { z } from "zod";
import { ServerSettings } from "../config.ts";
import { durationOf } from "./duration.ts";

const DAY_MS = 86_400_000;
const NAME_MAX = 50;
const PATH_MAX = 260;

const Path = z
  .string()
  .max(PATH_MAX)
  .regex(
    /^[A-Za-z0-9](?:[\w.~/-]*[A-Za-z0-9_])?$/,
    "must be letters, digits, dots, dashes and slashes, beginning and ending in a letter or digit",
  )
  .refine((path) => !path.includes("//") && !/(^|\/)subscriptions(\/|$)/i.test(path), {
    message: 'must not contain empty parts or a part "subscriptions"',
  });
const Name = z
  .string()
  .max(NAME_MAX)
  .regex(/^[A-Za-z0-9][\w.-]*$/, "must be letters, digits, dots and dashes");
const RuleName = z
  .string()
  .max(NAME_MAX)
  .regex(/^(?:\$Default|[A-Za-z0-9][\w.-]*)$/, "must be letters, digits, dots and dashes");

/** Milliseconds between the limits; undefined when it is never. */
const duration = (leastMs: number, mostMs: number) =>
  z.string().transform((text, context) => {
    const ms = durationOf(text);
    if (ms === Number.POSITIVE_INFINITY && mostMs === ms) return undefined;
    if (ms !== undefined && ms >= leastMs && ms <= mostMs) return ms;
    const message =
      ms === undefined
        ? `"${text}" is not an ISO 8601 duration such as PT1M`
        : `must be between ${leastMs / 1_000} and ${mostMs / 1_000} seconds`;
    context.addIssue({ code: "custom", message });
    return z.NEVER;
  });

const TimeToLive = duration(1, Number.POSITIVE_INFINITY).prefault("PT1H");
const DuplicateWindow = duration(1, 7 * DAY_MS).prefault("PT20S");
const LockDuration = duration(50, 300_000).prefault("PT1M");
/** Empty, as the emulator's own example has it, is the same as absent. */
const Target = z
  .string()
  .transform((path) => (path === "" ? undefined : path))
  .pipe(Path.optional())
  .optional();

const receiving = {
  DeadLetteringOnMessageExpiration: z.boolean().default(false),
  DefaultMessageTimeToLive: TimeToLive,
  ForwardDeadLetteredMessagesTo: Target,
  ForwardTo: Target,
  LockDuration,
  MaxDeliveryCount: z.int().min(1).max(2_147_483_647).default(3),
  RequiresSession: z.boolean().default(false),
};
const duplicates = {
  DuplicateDetectionHistoryTimeWindow: DuplicateWindow,
  RequiresDuplicateDetection: z.boolean().default(false),
};

const Queue = z.strictObject({
  Name: Path,
  Properties: z.strictObject({ ...receiving, ...duplicates }).prefault({}),
});

const Scalar = z.union([z.string(), z.boolean(), z.number()]);
const Sql = z.strictObject({ SqlExpression: z.string() });
const Correlation = z.strictObject({
  ContentType: z.string().optional(),
  CorrelationId: z.string().optional(),
  Label: z.string().optional(),
  MessageId: z.string().optional(),
  ReplyTo: z.string().optional(),
  ReplyToSessionId: z.string().optional(),
  SessionId: z.string().optional(),
  To: z.string().optional(),
  Properties: z.record(z.string().min(1), Scalar).default({}),
});

const Rule = z.strictObject({
  Name: RuleName,
  Properties: z.discriminatedUnion("FilterType", [
    z.strictObject({
      FilterType: z.literal("Correlation"),
      CorrelationFilter: Correlation,
      Action: Sql.optional(),
    }),
    z.strictObject({ FilterType: z.literal("Sql"), SqlFilter: Sql, Action: Sql.optional() }),
  ]),
});

const Subscription = z.strictObject({
  Name,
  Properties: z
    .strictObject({
      ...receiving,
      /** Not in Microsoft's schema, which has the cloud's default. */
      DeadLetteringOnFilterEvaluationExceptions: z.boolean().default(true),
    })
    .prefault({}),
  Rules: z.array(Rule).max(2_000).default([]),
});

const Topic = z.strictObject({
  Name: Path,
  Properties: z.strictObject({ DefaultMessageTimeToLive: TimeToLive, ...duplicates }).prefault({}),
  Subscriptions: z.array(Subscription).max(2_000).default([]),
});

export const EmulatorConfig = z.strictObject({
  $schema: z.string().optional(),
  UserConfig: z.strictObject({
    Namespaces: z
      .array(
        z.strictObject({
          Name: z.string().min(1),
          Queues: z.array(Queue).max(10_000).default([]),
          Topics: z.array(Topic).max(10_000).default([]),
        }),
      )
      .length(1, "must be exactly one namespace"),
    /** Accepted for the emulator; this bus writes to the terminal. */
    Logging: z
      .strictObject({ Type: z.enum(["File", "Console", "File,Console", "Console,File"]) })
      .optional(),
  }),
  /** Ours: where the bus listens, where it keeps its data, and who may do what. */
  LocalServiceBus: ServerSettings.prefault({}),
});
export type EmulatorConfig = z.output<typeof EmulatorConfig>;
export type EmulatorQueue = z.output<typeof Queue>;
export type EmulatorTopic = z.output<typeof Topic>;
export type EmulatorSubscription = z.output<typeof Subscription>;
export type EmulatorRule = z.output<typeof Rule>;
