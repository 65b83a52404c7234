// Every limit of the bus by name. Where the cloud documents a quota, the value is the cloud's
// (Standard tier): https://learn.microsoft.com/azure/service-bus-messaging/service-bus-quotas

export const limits = {
  /** Largest transfer, single message or batch, in bytes. */
  messageBytesMax: 262_144,
  /** Session ids and message ids, in characters. */
  idCharactersMax: 128,
  /** Opaque state of one session, in bytes. */
  sessionStateBytesMax: 262_144,
  /** Dead-letter reason and description, in characters. */
  deadLetterTextMax: 4_096,
  /** Credit given to a sending client; the SDK sleeps a second when it sees none. */
  senderCredit: 2_000,
  /** Unsettled deliveries per AMQP session; a client stops at 2048 by itself. */
  sessionBufferSlots: 8_192,
  /** Largest AMQP frame, in bytes. */
  frameBytesMax: 65_536,
  /** Asked of the client: a frame at least this often; silence of twice this ends the connection. */
  idleTimeoutMs: 60_000,
  /** How long a connection may live without one valid token. */
  firstTokenMs: 20_000,
  /** Longest wait for a free session when the client does not name one. */
  acceptSessionDefaultMs: 60_000,
  acceptSessionMaxMs: 300_000,
  /** Tokens a connection may hold, one for each audience. */
  tokensPerConnectionMax: 1_000,
  tokenCharactersMax: 4_096,
  /** Messages in one management answer. */
  peekMessagesMax: 256,
  /** Sequence numbers reserved in the store at a time. */
  sequenceBlock: 10_000,
  /** How long a stopping server waits for clients to close their side. */
  closeGraceMs: 500,
} as const;
