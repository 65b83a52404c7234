// $cbs: clients prove here who they are, once for every resource they open a link to.

import { z } from "zod";
import type { Peer } from "../links/peer.ts";
import type { Answer, Request } from "../links/request.ts";
import type { Access } from "./access.ts";

const PutToken = z.object({
  name: z.string().max(1_024),
  type: z.enum(["servicebus.windows.net:sastoken", "jwt"]),
});

/** Checks a put-token request and, if the token is good, adds its claim to the connection. */
export async function putToken(
  peer: Peer,
  access: Access,
  request: Request,
  clock: () => number,
): Promise<Answer> {
  if (request.operation !== "put-token") {
    return { status: 400, description: "only put-token is understood" };
  }
  const parsed = PutToken.safeParse(request.properties);
  if (!parsed.success || typeof request.body !== "string") {
    return {
      status: 400,
      description: "the request needs a name, a type that is known and a token",
    };
  }
  if (access.anyone !== undefined) return accepted;
  const { name, type } = parsed.data;
  const verdict =
    type === "jwt"
      ? await access.jwt(request.body, name, clock())
      : access.sas(request.body, name, clock());
  if (verdict.kind === "refused") return refused(peer, verdict.reason);
  if (!peer.claims.add(verdict.claim)) {
    return { status: 403, description: "the connection holds too many tokens" };
  }
  peer.claimed();
  return accepted;
}

function refused(peer: Peer, reason: string): Answer {
  peer.note(`a token was refused: ${reason}`);
  return { status: 401, description: reason };
}

const accepted: Answer = { status: 202, description: "Accepted" };
