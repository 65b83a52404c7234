// Every limit of the bus by name. Where the cloud documents a quota, the value is the cloud's
// (Standard tier): https://learn.microsoft.com/azure/service-bus-messaging/service-bus-quotas

export const limits = {
  /** Largest transfer of any entity, in bytes; each entity may set a lower one. */
  messageBytesMax: 1_048_576,
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
  connectionsMax: 5_000,
  /** How long a new connection may say nothing at all. */
  firstByteMs: 20_000,
  /** Different problems told to a person for one connection. */
  notesPerConnectionMax: 20,
  /** How long a connection may live without one valid token. */
  firstTokenMs: 20_000,
  /** Longest wait for a free session when the client does not name one. */
  acceptSessionDefaultMs: 60_000,
  acceptSessionMaxMs: 300_000,
  /** Tokens a connection may hold, one for each audience. */
  tokensPerConnectionMax: 1_000,
  tokenCharactersMax: 16_384,
  /** Messages in one management answer. */
  peekMessagesMax: 256,
  /** Rules in one management answer. */
  rulesPerPageMax: 100,
  /** Messages deleted by one request. */
  deleteMessagesMax: 4_000,
  /** Bytes of messages in one management answer. */
  answerBytesMax: 1_048_576,
  /** Waiting messages of a lane read into memory at a time, and about how many bytes of them. */
  windowMessagesMax: 500,
  windowBytesMax: 1_048_576,
  /** A message held by a receiver stays in memory up to this size, in bytes. */
  heldBytesMax: 2_048,
  /** Free sessions with messages that are remembered, for each queue. */
  readySessionsMax: 5_000,
  /** Messages that expire, fall due or are forwarded in one turn. */
  expireBatch: 200,
  /** Pause between two searches for expired messages. */
  expirePauseMs: 50,
  /** When a write that time asked for failed, it is tried again after this. */
  storeRetryMs: 1_000,
  /** Messages above this size are stored once for all subscriptions that get them, in bytes. */
  sharedBodyBytesMin: 4_096,
  /** How often a message is forwarded at most. */
  hopsMax: 4,
  /** The latest time a client can name: the year 9999. */
  timeMaxMs: 253_402_300_799_000,
  /** How often entities are looked at for being idle, and duplicates for being old. */
  sweepMs: 15_000,
  /** Queues and topics, subscriptions of a topic, rules of a subscription. */
  entitiesMax: 10_000,
  subscriptionsMax: 2_000,
  rulesMax: 2_000,
  /** Bytes waiting in a client's socket above which it is given no more messages. */
  socketBytesMax: 1_048_576,
  /** Sequence numbers reserved in the store at a time. */
  sequenceBlock: 10_000,
  /** How long a stopping server waits for clients to close their side. */
  closeGraceMs: 500,
  /** How long a link that is closed under its sender still answers what was on its way. */
  lingerMs: 50,
  /** Entities in one page of the administration API. */
  entitiesPerPageMax: 100,
  /** Body of an administration request, in characters: twelve keys and a rule fit several times. */
  adminBodyCharactersMax: 262_144,
  /** How long an HTTP request may take to arrive, and a connection wait for the next one. */
  httpRequestMs: 30_000,
  httpKeepAliveMs: 5_000,
  httpHeaderBytesMax: 32_768,
  keysPerEntityMax: 12,
  keyCharactersMax: 256,
  /** Path of a queue or topic, and of a subscription below it, in characters. */
  pathCharactersMax: 320,
  entitiesPerRightMax: 10_000,
  /** Longest wait for the keys of an issuer of tokens. */
  jwksFetchMs: 3_000,
} as const;
