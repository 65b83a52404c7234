// The whole audit service in this process: memory bus, memory store, a clock that the test moves.

import { audit, ReceiptIssued } from "@niivo/contracts/audit";
import type { Receipt } from "@niivo/contracts/receipt";
import { subscriptions } from "@niivo/contracts/topology";
import { memoryStore } from "@niivo/host/memory-store";
import type { Store } from "@niivo/host/store";
import { type InProcess, type InProcessOptions, inProcess } from "@niivo/host/testing/in-process";
import type { Anchor } from "../anchor.ts";
import { chainClock } from "../chain-clock.ts";
import { auditHttp } from "../http.ts";
import { noteSigner } from "../note-signer.ts";
import type { SealedEvent } from "../sealed-event.ts";
import { makeSealingKeys, type VaultKey } from "../sealing-key.ts";
import { auditBindings, openChains } from "../service.ts";
import { valueKeys, type WrappingKey } from "../value-keys.ts";
import type { Writer } from "../writer.ts";
import { contoso, fabrikam } from "./customers.ts";
import { testVaultKey } from "./endorsed.ts";
import type { TestEntra } from "./entra.ts";
import { startsAt } from "./story.ts";
import { wrappingKey } from "./wrapping.ts";

export interface AuditInProcess extends InProcess {
  readonly vaultKey: VaultKey;
  /** Lets the chains' clock look once, and waits until what it asked for is done. */
  readonly tick: () => Promise<void>;
  /** As every start does; `auditInProcess` has done it unless told otherwise. */
  readonly open: () => Promise<void>;
  /** Publishes the messages, each by its publisher, and waits until they are handled. */
  readonly tell: (...events: readonly SealedEvent[]) => Promise<void>;
  readonly receipts: () => readonly { readonly id: string; readonly receipt: Receipt }[];
}

export interface AuditOptions
  extends Partial<Pick<InProcessOptions, "bus" | "store" | "clock" | "holdMs">> {
  readonly entra?: Pick<TestEntra, "authorityHost" | "audience">;
  /** Default: the first term of a lease that nobody else wants. */
  readonly writer?: Writer;
  /** Where several processes share one chain they share these. Default: of this process alone. */
  readonly keyStore?: Store;
  readonly wrapping?: WrappingKey;
  readonly vaultKey?: VaultKey;
  readonly previousVaultKey?: VaultKey;
  readonly isKeyLost?: boolean;
  readonly anchors?: readonly Anchor[];
  /** Whether the start has asked for the chains already. Default: true. */
  readonly isOpen?: boolean;
}

const ed25519Seed = Buffer.alloc(32, 7);

export async function auditInProcess(options: AuditOptions = {}): Promise<AuditInProcess> {
  const {
    entra,
    anchors = [],
    previousVaultKey,
    isKeyLost = false,
    writer = { term: 1, instance: "one" },
    vaultKey = testVaultKey(),
    isOpen = true,
    keyStore = memoryStore(),
    wrapping = wrappingKey,
    ...shared
  } = options;
  const sealingKeys = await makeSealingKeys(vaultKey, { warn: () => {} }, startsAt);
  const own = subscriptions.filter(({ reader }) => reader === "audit");
  const customers = [contoso, fabrikam];
  const environment = {
    customers,
    entraAuthorityHost: entra?.authorityHost ?? "https://login.example",
    entraAudience: entra?.audience ?? "api://niivo",
  };
  const names = new Set(customers.map(({ id }) => id));
  const previous = previousVaultKey === undefined ? {} : { previousVaultKey };
  const signer = async () =>
    noteSigner({ host: "audit.example", vaultKey, ...previous, ed25519Seed });
  const keys = valueKeys(keyStore, wrapping);
  const running = inProcess({
    name: "audit",
    contract: audit,
    customers,
    subscriptions: own,
    startsAt,
    bindings: (host) => {
      return auditBindings(host, {
        customers: names,
        sealingKeys,
        valueKeys: keys,
        writer: () => writer,
        signer,
        anchors,
        isKeyLost,
      });
    },
    http: (host) => auditHttp({ host, environment, notes: signer, valueKeys: keys }),
    ...shared,
  });
  const open = async () => {
    await openChains(running.host, names);
    await running.bus.idle();
  };
  if (isOpen) await open();
  const clock = chainClock({ host: running.host, customers: names, isWriter: () => true });
  return {
    ...running,
    vaultKey,
    open,
    tick: async () => {
      await clock.tick();
      await running.bus.idle();
    },
    tell: async (...events) => {
      for (const envelope of events)
        await running.bus.publisher(envelope.source).publish([{ envelope }]);
      await running.bus.idle();
    },
    receipts: () =>
      running.bus.stored("audit").flatMap((message) => {
        const { data } = ReceiptIssued.safeParse(message);
        return data === undefined ? [] : [{ id: data.id, receipt: data.data }];
      }),
  };
}
