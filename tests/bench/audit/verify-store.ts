// A process of its own that verifies the chain of a store as the service does, so that its memory is its own.
// `node tests/bench/audit/verify-store.ts <file> <customer>`; what it found is one line of JSON.

import { sqliteStore } from "@niivo/host/sqlite-store";
import { verifyStored } from "../../../services/audit/src/verify-stored.ts";

const [, , file = "", customer = ""] = process.argv;
const store = sqliteStore(file);
const report = (await verifyStored(store, customer))?.report;
await store.close();
process.stdout.write(`${JSON.stringify(report)}\n`);
