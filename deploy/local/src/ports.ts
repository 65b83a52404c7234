// The ports of the local environment: the fixed ones people know, or free ones for runs beside another.

import { createServer } from "node:net";

export interface Ports {
  readonly bus: number;
  readonly tenantHttp: number;
  readonly tenantHttps: number;
  readonly vaultContoso: number;
  readonly vaultFabrikam: number;
  readonly vaultPlatform: number;
  readonly intake: number;
  readonly agent: number;
  readonly policy: number;
  readonly approvals: number;
  readonly broker: number;
  readonly audit: number;
  /** The receiver of traces and its page. */
  readonly traces: number;
  readonly links: number;
  /** The customer's witness. */
  readonly witness: number;
}

export const fixedPorts: Ports = {
  bus: 7650,
  tenantHttp: 7660,
  tenantHttps: 7661,
  vaultContoso: 7662,
  vaultFabrikam: 7663,
  vaultPlatform: 7664,
  intake: 7601,
  agent: 7606,
  policy: 7602,
  approvals: 7603,
  broker: 7604,
  audit: 7605,
  traces: 7670,
  links: 7607,
  witness: 7680,
};

/** As many free loopback ports as there are names. All are held until the last is known. */
export async function freePorts(): Promise<Ports> {
  const held = await Promise.all(Object.keys(fixedPorts).map(() => listenOn(0)));
  const ports = held.map(({ port }) => port);
  await Promise.all(held.map(({ close }) => close()));
  let next = 0;
  const take = () => {
    const port = ports[next];
    if (port === undefined) throw new RangeError("fewer free ports than names");
    next += 1;
    return port;
  };
  return {
    bus: take(),
    tenantHttp: take(),
    tenantHttps: take(),
    vaultContoso: take(),
    vaultFabrikam: take(),
    vaultPlatform: take(),
    intake: take(),
    agent: take(),
    policy: take(),
    approvals: take(),
    broker: take(),
    audit: take(),
    traces: take(),
    links: take(),
    witness: take(),
  };
}

/** @throws Error naming the first port that somebody else listens on. */
export async function checkPorts(ports: Ports): Promise<void> {
  for (const [name, port] of Object.entries(ports)) {
    const held = await listenOn(port).catch((cause: unknown) => {
      throw new Error(`port ${port} (${name}) is in use: stop what listens there, then try again`, {
        cause,
      });
    });
    await held.close();
  }
}

const listenOn = (port: number) =>
  new Promise<{ port: number; close: () => Promise<void> }>((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen(port, "127.0.0.1", () => {
      const address = server.address();
      const taken = typeof address === "object" && address !== null ? address.port : port;
      const close = () => new Promise<void>((closed) => server.close(() => closed()));
      resolve({ port: taken, close });
    });
  });
