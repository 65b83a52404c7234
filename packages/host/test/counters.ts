// Hosts of the counting actor: what the tests of the host loop share.

import type { Envelope } from "@niivo/contracts/envelope";
import { inProcess } from "../src/testing/in-process.ts";
import { contoso, definition, events, startsAt, steps } from "./counting.ts";

export type Options = Partial<Parameters<typeof inProcess>[0]>;
export const run = (options: Options = {}) =>
  inProcess({
    ...definition(),
    customers: [contoso],
    subscriptions: [steps, events],
    startsAt,
    ...options,
  });

export const send = (service: ReturnType<typeof run>, ...inputs: readonly Envelope[]) =>
  service.bus.publisher("agent").publish(inputs.map((envelope) => ({ envelope })));
export const told = ({ bus }: ReturnType<typeof run>) =>
  bus.stored("agent").filter(({ type }) => type === "ticket.waiting.v1");
