// A plain AMQP client with a proved key: for what the SDK does not let a client do.

import { createHmac, randomUUID } from "node:crypto";
import { once } from "node:events";
import rhea, { type Connection } from "rhea";
import { KEY } from "../test/bus.ts";

const tokenSeconds = 3_600;

/** A connection that holds a token for each of these addresses. */
export async function connectPlain(
  port: number,
  addresses: readonly string[],
): Promise<Connection> {
  const connection = rhea
    .create_container()
    .connect({ host: "127.0.0.1", port, username: KEY.name, reconnect: false });
  await once(connection, "connection_open");
  const receiver = connection.open_receiver({ source: { address: "$cbs" } });
  const sender = connection.open_sender({ target: { address: "$cbs" } });
  await Promise.all([once(receiver, "receiver_open"), once(sender, "sendable")]);
  for (const address of addresses) {
    const audience = `sb://127.0.0.1:${port}/${address}`;
    const answered = once(receiver, "message");
    sender.send({
      message_id: randomUUID(),
      reply_to: receiver.name,
      application_properties: {
        operation: "put-token",
        type: "servicebus.windows.net:sastoken",
        name: audience,
      },
      body: tokenFor(audience),
    });
    const [{ message }] = await answered;
    const status = Number(message.application_properties["status-code"]);
    if (status >= 300) throw new Error(`put-token was answered with ${status}`);
  }
  return connection;
}

function tokenFor(audience: string): string {
  const resource = encodeURIComponent(audience);
  const expiry = Math.floor(Date.now() / 1000) + tokenSeconds;
  const signature = createHmac("sha256", KEY.key).update(`${resource}\n${expiry}`).digest("base64");
  return `SharedAccessSignature sr=${resource}&sig=${encodeURIComponent(signature)}&se=${expiry}&skn=${KEY.name}`;
}
