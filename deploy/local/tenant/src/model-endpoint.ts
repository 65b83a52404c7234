// The OpenAI-compatible endpoint, one key per customer.
//
// What answers is a deterministic program, not a language model: `model/complete.ts`. Emulated:
// chat completions without streaming, and the list of models. Not emulated: streaming, responses,
// embeddings, content filters, rate limits.
//
// Invariants:
//   O1. The key fixes the customer; it is compared in constant time.
//   O2. Every prompt is recorded before it is answered, so tests can search it for secrets.

import { createHash, randomUUID, timingSafeEqual } from "node:crypto";
import { type Context, Hono } from "hono";
import { z } from "zod";
import { type ChatCompletion, ChatRequest } from "./chat-schema.ts";
import type { Database } from "./database.ts";
import { Refusal } from "./refusal.ts";
import { type CustomerId, customers } from "./seed.ts";
import { openVaultStore } from "./vault-store.ts";
import type { World } from "./world.ts";

const region = "Switzerland North";
const modelName = "niivo-emulated-model";

type Complete = (request: ChatRequest) => ChatCompletion;
const isFunction = (value: unknown): value is Complete => typeof value === "function";
const ModelModule = z.object({ complete: z.custom<Complete>(isFunction) });

export function modelEndpoint(world: World): Hono {
  const app = new Hono();
  app.use(async (c, next) => {
    await next();
    c.header("x-ms-region", region);
    c.header("x-request-id", randomUUID());
  });
  app.get("/models", (c) => {
    customerOf(world, c.req.header("authorization"));
    const model = { id: modelName, object: "model", created: 0, owned_by: "niivo-emulator" };
    return c.json({ object: "list", data: [model] });
  });
  app.post("/chat/completions", async (c) => {
    const customer = customerOf(world, c.req.header("authorization"));
    const parsed = ChatRequest.safeParse(await c.req.json().catch(() => null));
    if (!parsed.success) throw invalid(parsed.error);
    if (parsed.data.stream === true) {
      throw new Refusal(400, "unsupported_value", "not emulated: streaming", { detail: "stream" });
    }
    recordPrompt(world.database, customer, parsed.data); // O2
    const complete = await loadModel();
    return c.json(complete(parsed.data));
  });
  app.all("*", (c) => {
    throw new Refusal(404, "not_found", `not emulated: ${c.req.method} ${c.req.path}`);
  });
  app.onError(respondAsOpenAi);
  return app;
}

// O1. Both customers' keys are always compared: the time says nothing about which one matched.
function customerOf(world: World, authorization: string | undefined): CustomerId {
  const given = digest(/^Bearer (.+)$/.exec(authorization ?? "")?.[1] ?? "");
  const matching = Object.values(customers).filter(({ id }) => {
    const key = openVaultStore(world.database, id).secret("model-api-key", "")?.value;
    return key !== undefined && timingSafeEqual(digest(key), given);
  });
  const customer = matching[0];
  if (customer !== undefined) return customer.id;
  throw new Refusal(401, "invalid_api_key", "Incorrect API key provided.");
}

const digest = (text: string): Buffer => createHash("sha256").update(text).digest();

function invalid(error: z.ZodError): Refusal {
  const issue = error.issues[0];
  const param = issue?.path.join(".") ?? "";
  return new Refusal(400, "invalid_value", `Invalid '${param}': ${issue?.message}`, {
    detail: param,
  });
}

function recordPrompt(database: Database, customer: CustomerId, request: ChatRequest): void {
  const sql = "INSERT INTO prompts (at, customer, request) VALUES (?, ?, ?)";
  database.run(sql, new Date().toISOString(), customer, JSON.stringify(request));
}

async function loadModel(): Promise<Complete> {
  const file = new URL("./model/complete.ts", import.meta.url).href;
  try {
    const loaded: unknown = await import(file);
    return ModelModule.parse(loaded).complete;
  } catch (cause) {
    throw notLoaded(cause);
  }
}

const notLoaded = (cause: unknown): Refusal =>
  new Refusal(500, "model_missing", "The emulated model (model/complete.ts) cannot be loaded.", {
    cause,
  });

function respondAsOpenAi(error: Error, c: Context): Response {
  if (!(error instanceof Refusal)) throw error;
  const type = error.status < 500 ? "invalid_request_error" : "server_error";
  const body = { message: error.message, type, param: error.detail ?? null, code: error.code };
  return c.json({ error: body }, error.status);
}
