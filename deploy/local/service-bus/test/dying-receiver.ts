// A process that takes a session and one of its messages, says so, and waits to be killed.

import { connect } from "./bus.ts";

const client = connect(Number(process.argv[2]));
const session = await client.acceptSession("events", "work", "a");
await session.receiveMessages(1);
console.log("holding");
