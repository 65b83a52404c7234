// Who calls: Entra access tokens, validated against the caller's own tenant.

import type { Customer } from "@niivo/contracts/customers";
import type { MiddlewareHandler } from "hono";
import type { HostEnvironment } from "./env.ts";

export interface Caller {
  readonly customer: Customer;
  readonly objectId: string;
  readonly tenantId: string;
  readonly displayName: string;
  readonly userPrincipalName: string;
  readonly roles: readonly string[];
  readonly scopes: readonly string[];
  readonly signedInAt: string | undefined;
  readonly multifactor: boolean;
  readonly isPerson: boolean;
}

export interface CallerVariables {
  readonly Variables: { caller: Caller };
}

export function requireToken(options: {
  readonly environment: Pick<HostEnvironment, "customers" | "entraAuthorityHost" | "entraAudience">;
  readonly anyOf?: readonly string[];
}): MiddlewareHandler<CallerVariables> {
  throw new Error(`not yet ${options.anyOf?.length}`);
}

export function requireCustomer(): MiddlewareHandler<CallerVariables> {
  throw new Error("not yet");
}
