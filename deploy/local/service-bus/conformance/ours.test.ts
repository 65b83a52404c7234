// The cases against this bus, started by its own command with the same file that the emulator takes.

import { readFileSync } from "node:fs";
import { ServiceBusAdministrationClient } from "@azure/service-bus";
import { createBusFolder } from "../endurance/bus-process.ts";
import "../src/no-delay.ts";
import type { Target } from "./case.ts";
import { conformance } from "./suite.ts";

const configFile = new URL("./config.json", import.meta.url);
const everything = { send: ["*"], listen: ["*"], manage: ["*"] };
const keys = [
  { name: "RootManageSharedAccessKey", key: "key-of-everything", ...everything },
  { name: "send", key: "key-to-send", send: ["messages"], listen: [] },
  { name: "listen", key: "key-to-listen", send: [], listen: ["messages"] },
];

conformance("this bus", async (): Promise<Target> => {
  const given = JSON.parse(readFileSync(configFile, "utf8"));
  const folder = createBusFolder({ ...given, LocalServiceBus: { port: 0, keys } });
  const { port } = await folder.start();
  const connectionString = (name: string): string => {
    const key = keys.find((one) => one.name === name)?.key;
    return `Endpoint=sb://127.0.0.1:${port};SharedAccessKeyName=${name};SharedAccessKey=${key};UseDevelopmentEmulator=true;`;
  };
  const administer = () => {
    const admin = new ServiceBusAdministrationClient(connectionString("RootManageSharedAccessKey"));
    admin.pipeline.addPolicy({
      name: "http",
      sendRequest(request, next) {
        request.url = request.url.replace(/^https:/, "http:");
        request.allowInsecureConnection = true;
        return next(request);
      },
    });
    return admin;
  };
  return {
    administer,
    connectionString: connectionString("RootManageSharedAccessKey"),
    limited: connectionString,
    offers: new Set(["rights", "more than 256 KB", "administration", "small queues"]),
    stop: async () => folder[Symbol.asyncDispose](),
  };
});
