// Who may do what: every proof a client can offer, checked in one place for both doors.
//
// Invariants:
//   A1. Without a proof nothing is allowed, unless the configuration opens the bus to everyone.
//   A2. A key of an entity proves nothing outside that entity.

import { timingSafeEqual } from "node:crypto";
import { parseAddress } from "../address.ts";
import type { AuthorizationRule } from "../entities/descriptions.ts";
import type { VerifyJwt } from "./jwt-token.ts";
import { allRights, mayWith } from "./rights.ts";
import {
  type Holder,
  isWithin,
  type KeysFor,
  type SasKey,
  type Verdict,
  verifySasToken,
} from "./sas-token.ts";

export interface AccessOptions {
  /** The keys of the configuration, by name. */
  readonly keys: ReadonlyMap<string, SasKey>;
  /** The keys of a queue or topic, as its owner described it. */
  readonly entityKeys: (name: string) => readonly AuthorizationRule[];
  readonly verifyJwt: VerifyJwt | undefined;
  /** Everyone may do everything. */
  readonly isOpen: boolean;
}

export interface Access {
  /** Set when the bus is open to everyone: what anyone may do without a proof. */
  readonly anyone: Holder | undefined;
  /** `audience` is the address of what the token is to open. */
  sas(token: string, audience: string, now: number): Verdict;
  jwt(token: string, audience: string, now: number): Promise<Verdict>;
  /** A configured key by its name and secret, as SASL PLAIN and HTTP Basic carry them. */
  password(name: string, secret: string): Holder | undefined;
}

export function createAccess(options: AccessOptions): Access {
  const { keys, verifyJwt } = options;
  const keysFor: KeysFor = (name, path) => {
    const configured = keys.get(name);
    const entity = entityOf(path);
    const described = entity === undefined ? [] : options.entityKeys(entity);
    const own = described.filter(({ keyName }) => keyName === name);
    return [
      ...(configured === undefined ? [] : [configured]),
      ...own.flatMap((rule) => keysOf(rule, entity ?? "")),
    ];
  };
  return {
    anyone: options.isOpen ? { name: "anyone", may: mayWith(allRights) } : undefined, // A1
    sas: (token, audience, now) => verifySasToken(token, audience, keysFor, now),
    async jwt(token, audience, now) {
      if (verifyJwt === undefined) {
        return { kind: "refused", reason: "the bus is not configured for tokens of identities" };
      }
      return verifyJwt(token, audience, now);
    },
    password(name, secret) {
      const key = keys.get(name);
      const isRight = isSame(secret, key?.secret() ?? "");
      return isRight ? key : undefined;
    },
  };
}

/** The queue or topic that a path is, or lies below. */
function entityOf(path: string): string | undefined {
  const node = parseAddress(path.replace(/\/subscriptions(\/.*)?$/, ""));
  return node?.kind === "entity" ? node.name : undefined;
}

function keysOf(rule: AuthorizationRule, entity: string): readonly SasKey[] {
  const may: Holder["may"] = (right, path) =>
    isWithin(path, entity) && (rule.rights.includes(right) || rule.rights.includes("manage")); // A2
  const secrets = [rule.primaryKey, ...(rule.secondaryKey ? [rule.secondaryKey] : [])];
  return secrets.map((secret) => ({ name: rule.keyName, may, secret: () => secret }));
}

function isSame(given: string, secret: string): boolean {
  const [left, right] = [Buffer.from(given), Buffer.from(secret)];
  return secret !== "" && left.length === right.length && timingSafeEqual(left, right);
}
