// A request to the service in this process, while its bus hands out what the answer waits for.

import { setImmediate as nextTurn } from "node:timers/promises";
import type { AuditInProcess } from "./audit-in-process.ts";

/** The memory bus hands out when it is told to; an answer may wait for what it asked of the bus. */
export async function answered(
  service: AuditInProcess,
  path: string,
  headers: Readonly<Record<string, string>>,
): Promise<Response> {
  let isAnswered = false;
  const whole = async (): Promise<Response> => {
    const response = await service.app.request(path, { headers });
    return new Response(await response.arrayBuffer(), response);
  };
  const asked = whole().finally(() => {
    isAnswered = true;
  });
  while (!isAnswered) {
    await service.bus.idle();
    await nextTurn();
  }
  return asked;
}
