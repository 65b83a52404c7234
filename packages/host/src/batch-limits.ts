// The limits every store adapter checks before it writes anything (H9). They are those of Azure Cosmos DB.

import { batchBytesMax, type Operation, operationsMax, StoreError } from "./store.ts";

/** Ids of partitions and documents: printable ASCII, so every adapter sorts them alike. */
const idPattern = /^[ !"$-.0->@-[\]-~]{1,255}$/;

/**
 * @throws StoreError `too-many-operations`, `batch-too-large`
 * @throws TypeError on an id that Cosmos DB would refuse: a bug of the caller
 */
export function checkBatch(partition: string, operations: readonly Operation[]): void {
  for (const id of [partition, ...operations.map((operation) => operation.id)])
    if (!idPattern.test(id))
      throw new TypeError("a document id is printable ASCII without / \\ ? #");
  if (operations.length > operationsMax)
    throw new StoreError("too-many-operations", `${operations.length} operations in a batch`);
  const bytes = operations.reduce((sum, operation) => sum + bytesOf(operation), 0);
  if (bytes > batchBytesMax) throw new StoreError("batch-too-large", `${bytes} bytes in a batch`);
}

const bytesOf = (operation: Operation): number =>
  operation.id.length +
  ("body" in operation ? Buffer.byteLength(JSON.stringify(operation.body)) : 0);
