import { topics } from "@niivo/contracts/topology";
import { expect, test } from "vitest";
import { SealedEvent } from "./sealed-event.ts";

test("every event of every topic can be sealed, except what follows from the chain", () => {
  const known = SealedEvent.options.map(({ shape }) => shape.type.value);
  const published = Object.values(topics).flatMap(({ events }) => Object.keys(events));
  const following = ["receipt.issued.v1", "checkpoint.signed.v1", "erasure.ordered.v1"];
  expect(new Set([...known, ...following])).toEqual(new Set(published));
});
