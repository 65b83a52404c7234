// Sending and receiving with plain rhea, the same code for Service Bus and for RabbitMQ. Only Service
// Bus wants to see a key first ($cbs); RabbitMQ lets its user `guest` in from this machine.

import { createHmac, randomUUID } from "node:crypto";
import { once } from "node:events";
import rhea, { type Connection, type Message, type Receiver, type Sender } from "rhea";
import type { Amqp, Job, Prepared } from "./job.ts";
import { body } from "./sdk-clients.ts";

const prefetch = 1_000;
const tokenSeconds = 3_600;
/**
 * RabbitMQ keeps messages on disk only in a durable queue, and makes one only for a terminus that asks for it
 * (`unsettled-state`); without it its queue is in memory, however durable the messages say they are.
 */
const durable = { durable: 2 } as const;

export async function prepareRheaSend(job: Extract<Job, { kind: "rhea-send" }>): Promise<Prepared> {
  const connection = await connected(job.amqp);
  const sender: Sender = connection.open_sender({
    target: { ...durable, address: job.amqp.address },
  });
  await once(sender, "sendable");
  const message: Message = { durable: true, body: rhea.message.data_section(body()) };
  return {
    run: async () => {
      const all = Promise.withResolvers<void>();
      let [sent, accepted] = [0, 0];
      const more = () => {
        while (sent < job.count && sent - accepted < job.inFlight && sender.sendable()) {
          sender.send(message);
          sent += 1;
        }
      };
      sender.on("accepted", () => {
        accepted += 1;
        if (accepted === job.count) all.resolve();
        else more();
      });
      sender.on("sendable", more);
      sender.on("rejected", () => all.reject(new Error("a message was rejected")));
      more();
      await all.promise;
      return { eachMs: [] };
    },
    close: () => closed(connection),
  };
}

export async function prepareRheaReceive(
  job: Extract<Job, { kind: "rhea-receive" }>,
): Promise<Prepared> {
  const connection = await connected(job.amqp);
  const all = Promise.withResolvers<void>();
  let received = 0;
  const receiver: Receiver = connection.open_receiver({
    source: { ...durable, address: job.amqp.address },
    credit_window: Math.min(prefetch, job.count),
    autoaccept: true,
  });
  receiver.on("message", () => {
    received += 1;
    if (received === job.count) all.resolve();
  });
  await once(receiver, "receiver_open");
  return {
    run: async () => {
      await all.promise;
      return { eachMs: [] };
    },
    close: () => closed(connection),
  };
}

async function connected({ port, address, sas }: Amqp): Promise<Connection> {
  const connection = rhea.create_container().connect({
    host: "127.0.0.1",
    port,
    username: sas === undefined ? "guest" : sas.name,
    ...(sas === undefined ? { password: "guest" } : {}),
    reconnect: false,
  });
  await once(connection, "connection_open");
  if (sas !== undefined) await putToken(connection, `sb://127.0.0.1:${port}/${address}`, sas);
  return connection;
}

async function putToken(
  connection: Connection,
  audience: string,
  { name, key }: { name: string; key: string },
): Promise<void> {
  const resource = encodeURIComponent(audience);
  const expiry = Math.floor(Date.now() / 1000) + tokenSeconds;
  const signature = createHmac("sha256", key).update(`${resource}\n${expiry}`).digest("base64");
  const token = `SharedAccessSignature sr=${resource}&sig=${encodeURIComponent(signature)}&se=${expiry}&skn=${name}`;
  const receiver = connection.open_receiver({ source: { address: "$cbs" } });
  const sender = connection.open_sender({ target: { address: "$cbs" } });
  await Promise.all([once(receiver, "receiver_open"), once(sender, "sendable")]);
  const answered = once(receiver, "message");
  sender.send({
    message_id: randomUUID(),
    reply_to: receiver.name,
    application_properties: {
      operation: "put-token",
      type: "servicebus.windows.net:sastoken",
      name: audience,
    },
    body: token,
  });
  const [{ message }] = await answered;
  const status = Number(message.application_properties["status-code"]);
  if (status >= 300) throw new Error(`put-token was answered with ${status}`);
}

async function closed(connection: Connection): Promise<void> {
  const gone = once(connection, "connection_close");
  connection.close();
  await gone;
}
