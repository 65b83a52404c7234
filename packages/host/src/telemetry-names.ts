// Every attribute, span and metric name that NIIVO exports, and what a value of it may look like. The conventions
// are OpenTelemetry's for messaging and for GenAI (both still in development: they move, so they stand here
// alone); what they do not name is under `niivo.`.
//
// Invariants:
//   T1. An attribute whose key is not of this list is not exported, whoever set it.
//   T2. A value is an id, a name of ours or a number: text of another form is not exported, so no free text and
//       no user principal name can be in one. Status messages and span events are never exported.

/** Attributes of spans, metrics and resources. */
export const attribute = {
  serviceName: "service.name",
  serviceVersion: "service.version",
  sdkName: "telemetry.sdk.name",
  sdkLanguage: "telemetry.sdk.language",
  sdkVersion: "telemetry.sdk.version",
  errorType: "error.type",
  httpMethod: "http.request.method",
  httpRoute: "http.route",
  httpStatus: "http.response.status_code",
  messagingSystem: "messaging.system",
  operationName: "messaging.operation.name",
  operationType: "messaging.operation.type",
  destination: "messaging.destination.name",
  subscription: "messaging.destination.subscription.name",
  messageId: "messaging.message.id",
  conversationId: "messaging.message.conversation_id",
  batchCount: "messaging.batch.message_count",
  deliveryCount: "messaging.servicebus.message.delivery_count",
  genAiOperation: "gen_ai.operation.name",
  genAiProvider: "gen_ai.provider.name",
  genAiAgent: "gen_ai.agent.name",
  genAiModel: "gen_ai.request.model",
  genAiInputTokens: "gen_ai.usage.input_tokens",
  genAiOutputTokens: "gen_ai.usage.output_tokens",
  genAiTokenType: "gen_ai.token.type",
  genAiTool: "gen_ai.tool.name",
  genAiToolCall: "gen_ai.tool.call.id",
  azureNamespace: "azure.resource_provider.namespace",
  messageType: "niivo.message.type",
  requestId: "niivo.request.id",
  outcome: "niivo.outcome",
  mode: "niivo.decision.mode",
  code: "niivo.reason.code",
} as const;
export type AttributeKey = (typeof attribute)[keyof typeof attribute];

/** Metrics: `[name, unit]`, units in UCUM. */
export const metric = {
  /** From the message's `time` (of a timer, when it was due) to the begin of its handling. */
  messageAge: ["niivo.message.age", "s"],
  decisions: ["niivo.policy.decisions", "{decision}"],
  approvalsWaiting: ["niivo.approvals.waiting", "{approval}"],
  /** From an event's `time` to the commit that sealed it. */
  sealLatency: ["niivo.audit.seal.latency", "s"],
  deadLetters: ["niivo.dead_letters", "{message}"],
  effectDuration: ["niivo.effect.duration", "s"],
  tokens: ["gen_ai.client.token.usage", "{token}"],
  modelDuration: ["gen_ai.client.operation.duration", "s"],
  /** In millionths of a Swiss franc, as the messages count. */
  cost: ["niivo.action.cost", "{microCHF}"],
} as const;

/** The first word of a span's name. */
const spanVerbs: ReadonlySet<string> = new Set([
  ...["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"],
  ...["send", "process", "decide", "execute_tool", "chat"],
  ...[
    "keyvault.get_secret",
    "keyvault.sign",
    "keyvault.wrap_key",
    "keyvault.unwrap_key",
    "entra.token",
    "graph",
    "connector",
    "HTTP",
  ],
]);

const uuid = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
/** Names that stand in our code, contracts or configuration: short, without spaces or `@`. */
const name = /^[A-Za-z][\w.-]{0,63}$/;
const routeForm = /^\/[\w./:*{}-]{0,127}$/;
const versionForm = /^[\d.a-z-]{1,40}$/;
const forms: ReadonlyMap<string, RegExp> = new Map([
  ...Object.values(attribute).map((key) => [key, name] as const),
  ...[
    attribute.messageId,
    attribute.conversationId,
    attribute.genAiToolCall,
    attribute.requestId,
  ].map((key) => [key, uuid] as const),
  [attribute.httpRoute, routeForm],
  [attribute.serviceVersion, versionForm],
  [attribute.sdkVersion, versionForm],
]);

/** T1 and T2: the attributes that may leave this process. */
export function exportable(
  attributes: Readonly<Record<string, unknown>>,
): Record<string, string | number | boolean> {
  const kept: Record<string, string | number | boolean> = {};
  for (const [key, value] of Object.entries(attributes)) {
    const form = forms.get(key);
    if (form === undefined) continue;
    if (typeof value === "number" || typeof value === "boolean") kept[key] = value;
    else if (typeof value === "string" && form.test(value)) kept[key] = value;
  }
  return kept;
}

/** T2 for a span's name: one of our verbs, and at most one name, path or template after it. */
export function exportableName(text: string): string {
  const [verb = "", object, ...rest] = text.split(" ");
  const isOurs = spanVerbs.has(verb) && rest.length === 0;
  if (isOurs && (object === undefined || /^[\w./:*{}-]{1,128}$/.test(object))) return text;
  return spanVerbs.has(verb) ? verb : "span";
}
