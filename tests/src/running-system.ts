// A whole system for one test file: its own folder, free ports, the journal on; stopped and removed after.

import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ServiceBusClient } from "@azure/service-bus";
import type { Identity } from "@niivo/contracts/topology";
import { endpointsOf, productClient } from "@niivo/local/client";
import { freePorts } from "@niivo/local/ports";
import { serviceFiles } from "@niivo/local/service-environment";
import { type SystemOptions, startSystem } from "@niivo/local/up";
import { customers } from "@niivo/tenant/seed";
import { afterAll } from "vitest";

export const contoso = customers.contoso.people;
export const fabrikam = customers.fabrikam.people;

/** @param prepare is given the empty data folder before anything starts. */
export async function runningSystem(
  options: Pick<SystemOptions, "approvalSecondsMax" | "settings"> = {},
  prepare: (dataDir: string) => void = () => {},
) {
  const dataDir = mkdtempSync(join(tmpdir(), "niivo-test-"));
  prepare(dataDir);
  const system = await startSystem({
    dataDir,
    ports: await freePorts(),
    journal: true,
    approvalSecondsMax: 20,
    ...options,
  });
  const busClients: ServiceBusClient[] = [];
  afterAll(async () => {
    await Promise.all(busClients.map((client) => client.close()));
    await system.stop();
    rmSync(dataDir, { recursive: true, force: true });
  });
  const client = productClient(endpointsOf(system.ports));
  const auditor = () => client.signIn(contoso.alineMoser.userPrincipalName);
  return {
    system,
    client,
    auditor,
    /** Opens a ticket as a person who signed in with a second factor just now. */
    open: async (person: { readonly userPrincipalName: string }, text: string) => {
      const token = await client.signIn(person.userPrincipalName, { mfa: true });
      return { token, id: await client.openTicket(token, text) };
    },
    /** The bus as one service sees it: with that service's key, or with one given. */
    bus: (identity: Identity, key = busKey(dataDir, identity)) => {
      const bus = new ServiceBusClient(
        `Endpoint=sb://127.0.0.1:${system.ports.bus};SharedAccessKeyName=${identity};SharedAccessKey=${key};UseDevelopmentEmulator=true;`,
        { retryOptions: { timeoutInMs: 5000, maxRetries: 0, retryDelayInMs: 50 } },
      );
      busClients.push(bus);
      return bus;
    },
    /** Resolves when the ticket's trail has a line that starts so, and contains `part`. */
    sealed: async (ticketId: string, start: string, withinMs = 30_000, part = "") => {
      const deadline = Date.now() + withinMs;
      const token = await auditor();
      for (;;) {
        const trail = await client.trail(token, ticketId);
        const found = trail.find(({ line }) => line.startsWith(start) && line.includes(part));
        if (found !== undefined) return found;
        if (Date.now() > deadline) {
          throw new Error(
            `never sealed: ${start} ${part}\n${trail.map(({ line }) => line).join("\n")}`,
          );
        }
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    },
  };
}

export type RunningSystem = Awaited<ReturnType<typeof runningSystem>>;

const busKey = (dataDir: string, identity: Identity) =>
  readFileSync(serviceFiles(dataDir).busKey(identity), "utf8").trim();
