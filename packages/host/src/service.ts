// The composition root's one call: a service from its environment to its drain.

import type { OpenAPIHono } from "@hono/zod-openapi";
import type { TopicContract } from "@niivo/contracts/envelope";
import type { Identity } from "@niivo/contracts/topology";
import type { Hono } from "hono";
import type { Binding } from "./binding.ts";
import type { HostEnvironment } from "./env.ts";
import type { Host } from "./host.ts";

export interface ServiceOptions {
  readonly name: Identity;
  readonly contract: TopicContract;
  readonly environment: HostEnvironment;
  readonly bindings: (host: Host) => readonly Binding[];
  readonly http?: (host: Host) => Hono | OpenAPIHono;
}

export interface RunningService {
  readonly port: number;
  readonly close: () => Promise<void>;
}

export async function startService(options: ServiceOptions): Promise<RunningService> {
  throw new Error(`not yet ${options.name}`);
}
