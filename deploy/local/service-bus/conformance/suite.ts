// Declares every conformance case as a test against one target.

import { afterAll, beforeAll, describe, type TestContext, test } from "vitest";
import { areas } from "./areas.ts";
import { type Area, createBench, empty, type Target } from "./case.ts";

const caseMs = 60_000;

/**
 * Lists of areas run at the same time, the cases of a list one after the other.
 * @param start gives the target, or the sentence that says why there is none.
 */
export function conformance(name: string, start: () => Promise<Target | string>): void {
  describe(name, () => {
    const started: { target?: Target; reason?: string } = {};
    beforeAll(async () => {
      const answer = await start();
      if (typeof answer !== "string") {
        started.target = answer;
        return;
      }
      started.reason = answer;
      console.log(`${name}: skipped: ${answer}`);
    }, startMs);
    afterAll(async () => {
      await started.target?.stop();
    });
    describe.concurrent("all", () => {
      for (const list of areas) {
        describe(list.map((area) => area.name).join(", "), () => {
          for (const area of list) declare(area, () => started);
        });
      }
    });
  });
}

/** Two container images may have to be fetched and started. */
const startMs = 600_000;

function declare(
  { name, cases }: Area,
  started: () => { readonly target?: Target; readonly reason?: string },
): void {
  for (const one of cases) {
    const title = `${name}: ${one.name}`;
    test(title, { timeout: caseMs, concurrent: false }, async (context) => {
      const { target, reason } = started();
      if (target === undefined) return skip(context, reason ?? "no target");
      if (one.needs !== undefined && !target.offers.has(one.needs)) {
        return skip(context, `the target does not offer: ${one.needs}`);
      }
      const bench = createBench(target);
      try {
        for (const entity of one.on ?? []) await empty(bench, entity);
        await one.run(bench);
      } finally {
        await bench.close();
      }
    });
  }
}

const skip = (context: TestContext, reason: string): void => context.skip(`skipped: ${reason}`);
