// $cbs: clients prove here which key they hold, once for every resource they open a link to.

import { z } from "zod";
import type { Peer } from "./links/peer.ts";
import type { Answer, Request } from "./links/request.ts";
import { type SasKey, verifySasToken } from "./sas-token.ts";

const PutToken = z.object({
  name: z.string().max(1_024),
  type: z.literal("servicebus.windows.net:sastoken"),
});

/** Checks a put-token request and, if the token is good, adds its claim to the connection. */
export function putToken(
  peer: Peer,
  keys: ReadonlyMap<string, SasKey>,
  request: Request,
  now: number,
): Answer {
  if (request.operation !== "put-token") {
    return { status: 400, description: "only put-token is understood" };
  }
  const parsed = PutToken.safeParse(request.properties);
  if (!parsed.success || typeof request.body !== "string") {
    return { status: 400, description: "the request needs a name, a SAS type and a token" };
  }
  const verdict = verifySasToken(request.body, parsed.data.name, keys, now);
  if (verdict.kind === "refused") return { status: 401, description: verdict.reason };
  if (!peer.claims.add(verdict.claim)) {
    return { status: 403, description: "the connection holds too many tokens" };
  }
  peer.claimed();
  return { status: 202, description: "Accepted" };
}
