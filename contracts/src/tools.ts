// The tool catalogue: the public half of every tool. The other two parts are its Cedar action (policy) and
// its executor (broker). A tool that is not here does not exist, whatever a model says.

import { z } from "zod";
import { Guid, Id, Timestamp } from "./envelope.ts";
import { UserReference } from "./facts.ts";

/** A reply to a requester. */
export const replyTextMax = 4000;
/** One message of a prompt. The prompt's builder truncates the oldest tool results first. */
export const promptMessageMax = 16_000;
export const promptMessagesMax = 80;
export const toolCallsMax = 8;

const ToolCall = z.strictObject({
  id: z.string().min(1).max(100),
  /** As the model wrote it: it may name a tool that does not exist. */
  name: z.string().min(1).max(100),
  /** The model's argument text, as JSON if it was JSON. Policy validates it against the catalogue. */
  arguments: z.string().max(promptMessageMax),
});
export type ToolCall = z.infer<typeof ToolCall>;

const PromptMessage = z.discriminatedUnion("role", [
  z.strictObject({ role: z.literal("system"), content: z.string().max(promptMessageMax) }),
  z.strictObject({ role: z.literal("user"), content: z.string().max(promptMessageMax) }),
  z.strictObject({
    role: z.literal("assistant"),
    content: z.string().max(promptMessageMax).nullable(),
    toolCalls: z.array(ToolCall).max(toolCallsMax),
  }),
  z.strictObject({
    role: z.literal("tool"),
    toolCallId: z.string().min(1).max(100),
    content: z.string().max(promptMessageMax),
  }),
]);
export type PromptMessage = z.infer<typeof PromptMessage>;

export interface Tool {
  readonly name: string;
  /** What kind of power it is. Policy's floor speaks about classes. */
  readonly class: "model" | "read" | "communication" | "credential" | "containment" | "licence";
  /** What the model is told. Absent: not offered to the model. */
  readonly description?: string;
  readonly arguments: z.ZodType;
  readonly result: z.ZodType;
  /** The argument that names the person acted on, if the tool acts on one. */
  readonly target?: "user";
  /** Upper bound of one call's cost in millionths of a Swiss franc, reserved before the call. */
  readonly costMaxMicroChf: number;
  /** Whether it produces a secret, which then goes to a one-time link and never on the bus. */
  readonly secretResult: boolean;
  /** Whether doing it twice is the same as doing it once. Only then is it ever repeated. */
  readonly repeatSafe: boolean;
}

const onePerson = z.strictObject({
  user: UserReference.describe("User principal name or object id of the person"),
});

export const ModelRespond = {
  name: "model.respond",
  class: "model",
  arguments: z.strictObject({
    messages: z.array(PromptMessage).min(1).max(promptMessagesMax),
    tools: z.array(z.string().max(64)).max(20),
  }),
  result: z.strictObject({
    text: z.string().max(promptMessageMax).nullable(),
    toolCalls: z.array(ToolCall).max(toolCallsMax),
    model: z.string().max(200),
    promptTokens: z.int().min(0),
    completionTokens: z.int().min(0),
  }),
  costMaxMicroChf: 100_000,
  secretResult: false,
  repeatSafe: true,
} as const satisfies Tool;

export const UserFactsRead = {
  name: "user.facts",
  class: "read",
  description: "Looks a person of this company up in the directory.",
  arguments: onePerson,
  result: z.strictObject({
    objectId: Guid,
    userPrincipalName: z.string().max(256),
    displayName: z.string().max(256),
    department: z.string().max(128).optional(),
    jobTitle: z.string().max(128).optional(),
    enabled: z.boolean(),
    manager: z.string().max(256).optional(),
    authenticationMethods: z.array(z.string().max(64)).max(20).optional(),
  }),
  target: "user",
  costMaxMicroChf: 0,
  secretResult: false,
  repeatSafe: true,
} as const satisfies Tool;

export const PasswordReset = {
  name: "password.reset",
  class: "credential",
  description:
    "Sets a new temporary password for a person. The password goes to a one-time link, never to you.",
  arguments: onePerson,
  result: z.strictObject({
    delivered: z.literal("one-time-link"),
    recipient: z.enum(["person", "manager"]),
    secretId: Id,
    expiresAt: Timestamp,
  }),
  target: "user",
  costMaxMicroChf: 0,
  secretResult: true,
  repeatSafe: false,
} as const satisfies Tool;

export const MfaReset = {
  name: "mfa.reset",
  class: "credential",
  description:
    "Removes a person's registered multifactor methods, so that they register new ones at the next sign-in.",
  arguments: onePerson,
  result: z.strictObject({
    removed: z.array(z.string().max(64)).max(20),
    remaining: z.array(z.string().max(64)).max(20),
  }),
  target: "user",
  costMaxMicroChf: 0,
  secretResult: false,
  repeatSafe: false,
} as const satisfies Tool;

/**
 * Not a credential action: it gives nobody access, it takes access away. The floor under credential actions
 * would make a VIP whose account is stolen wait for two people.
 */
export const SessionsRevoke = {
  name: "sessions.revoke",
  class: "containment",
  description:
    "Signs a person out everywhere: ends their sessions on all devices. They sign in again with what they have. For a lost device or an account that somebody else may use.",
  arguments: onePerson,
  result: z.strictObject({ revoked: z.literal(true) }),
  target: "user",
  costMaxMicroChf: 0,
  secretResult: false,
  repeatSafe: true,
} as const satisfies Tool;

/** A product as Microsoft names it in `skuPartNumber`, for example `SPE_E3`. */
const SkuPartNumber = z.string().regex(/^[A-Z0-9][A-Za-z0-9_-]{0,99}$/);

export const LicenseAssign = {
  name: "license.assign",
  class: "licence",
  description:
    "Gives a person a licence that this company has bought, by Microsoft's part number such as SPE_E3. Fails when none is free, or when the person has no usage location.",
  arguments: z.strictObject({ ...onePerson.shape, license: SkuPartNumber }),
  result: z.strictObject({ license: SkuPartNumber, alreadyAssigned: z.boolean() }),
  target: "user",
  costMaxMicroChf: 0,
  secretResult: false,
  // Graph leaves a licence that is there as it is.
  repeatSafe: true,
} as const satisfies Tool;

export const TicketReply = {
  name: "ticket.reply",
  class: "communication",
  description: "Sends a message to the person who opened the ticket.",
  arguments: z.strictObject({ text: z.string().min(1).max(replyTextMax) }),
  result: z.strictObject({ delivered: z.literal(true), channel: z.enum(["teams", "connector"]) }),
  costMaxMicroChf: 0,
  secretResult: false,
  repeatSafe: false,
} as const satisfies Tool;

/** All tools by name. */
export const catalogue: Readonly<Record<string, Tool>> = {
  [ModelRespond.name]: ModelRespond,
  [UserFactsRead.name]: UserFactsRead,
  [PasswordReset.name]: PasswordReset,
  [MfaReset.name]: MfaReset,
  [SessionsRevoke.name]: SessionsRevoke,
  [LicenseAssign.name]: LicenseAssign,
  [TicketReply.name]: TicketReply,
};
