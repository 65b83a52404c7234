import { topics } from "@niivo/contracts/topology";
import { expect, test } from "vitest";
import { SealedEvent } from "./sealed-event.ts";

test("every event of every topic can be sealed, except the receipts and checkpoints that follow from the chain", () => {
  const known = SealedEvent.options.map(({ shape }) => shape.type.value);
  const published = Object.values(topics).flatMap(({ events }) => Object.keys(events));
  expect(new Set([...known, "receipt.issued.v1", "checkpoint.signed.v1"])).toEqual(
    new Set(published),
  );
});
