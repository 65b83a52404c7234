// SASL PLAIN beside ANONYMOUS: clients that are not Microsoft's give a key's name and secret here and
// need no $cbs, as with the cloud.
// https://learn.microsoft.com/azure/service-bus-messaging/service-bus-amqp-protocol-guide

import type { Connection, Container } from "rhea";
import type { Holder } from "../access/sas-token.ts";

interface Mechanism {
  outcome: boolean | undefined;
  username: string | undefined;
  start(response: Buffer | undefined): void;
}

interface ConnectionInternals {
  readonly sasl_transport?: {
    readonly transports?: { readonly 3?: { readonly mechanism?: object } };
  };
}

export interface SaslPlain {
  /** Who a connection has proved to be by name and secret; undefined when it was ANONYMOUS. */
  provedBy(connection: Connection): Holder | undefined;
}

/** Offers both mechanisms on every connection of the container. */
export function offerSaslPlain(
  container: Container,
  verify: (name: string, secret: string) => Holder | undefined,
): SaslPlain {
  const proved = new WeakMap<object, Holder>();
  container.sasl_server_mechanisms.enable_anonymous();
  // rhea calls this once for each connection that chooses PLAIN. Its own PLAIN does not say to
  // which connection a name belongs.
  container.sasl_server_mechanisms.PLAIN = (): Mechanism => {
    const mechanism: Mechanism = {
      outcome: undefined,
      username: undefined,
      start(response) {
        const [, name = "", secret = ""] = (response?.toString("utf8") ?? "").split("\0");
        const holder = verify(name, secret);
        mechanism.outcome = holder !== undefined;
        if (holder !== undefined) proved.set(mechanism, holder);
      },
    };
    return mechanism;
  };
  return {
    provedBy(connection) {
      // The shape is the one of lib/sasl.js (SelectiveServer), which the type definitions leave out.
      const { sasl_transport } = connection as unknown as ConnectionInternals;
      const mechanism = sasl_transport?.transports?.[3]?.mechanism;
      return mechanism === undefined ? undefined : proved.get(mechanism);
    },
  };
}
