// license.assign: gives a person a licence the company owns, with the agent identity's own token.
// https://learn.microsoft.com/graph/api/user-assignlicense
//
// Invariants:
//   L1. Only a product of the customer's own subscriptions, found by its part number, is assigned.
//   L2. What Graph would refuse is found before anything changes, and said by name: no usage location, no
//       free unit. Another assignment may still be faster; Graph then refuses, and nothing has changed.

import type { GraphSessions } from "./graph-session.ts";
import { GraphLicensed, GraphSkus } from "./graph-shapes.ts";
import type { Outcome } from "./messages.ts";
import { type Executor, failed, type Graph } from "./ports.ts";

export const licenseAssign =
  (sessions: GraphSessions): Executor =>
  async (execution) => {
    const { target, agent, action } = execution;
    const license = action.arguments["license"];
    if (target === undefined) return failed("target-missing", "The allow names nobody.");
    if (typeof license !== "string") return failed("arguments-invalid", "No licence is named.");
    const session = await sessions.asAgent(agent, execution);
    if (session.kind === "failed") return session;
    const { graph } = session;
    const path = `/users/${target.objectId}`;
    const [bought, person] = await Promise.all([
      graph.get("/subscribedSkus"),
      graph.get(path, { $select: "id,usageLocation,assignedLicenses" }),
    ]);
    const skus = GraphSkus.safeParse(bought.kind === "ok" ? bought.body : undefined);
    const licensed = GraphLicensed.safeParse(person.kind === "ok" ? person.body : undefined);
    if (!skus.success || !licensed.success)
      return failed("directory-unavailable", "Licences or the person could not be read.");
    const sku = skus.data.value.find(({ skuPartNumber }) => skuPartNumber === license); // L1
    if (sku === undefined)
      return failed("unknown-license", "The company has no subscription of that part number.");
    if (licensed.data.assignedLicenses.some(({ skuId }) => skuId === sku.skuId))
      return completed(license, true);
    const { usageLocation } = licensed.data;
    if (usageLocation === undefined || usageLocation === "")
      return failed("usage-location-missing", "The person has no usage location."); // L2
    if (sku.capabilityStatus !== "Enabled" || sku.prepaidUnits.enabled <= sku.consumedUnits)
      return failed("no-units-left", "No unit of that licence is free."); // L2
    return await assigned(graph, path, sku.skuId, license);
  };

async function assigned(
  graph: Graph,
  path: string,
  skuId: string,
  license: string,
): Promise<Outcome> {
  const answer = await graph.post(`${path}/assignLicense`, {
    addLicenses: [{ skuId, disabledPlans: [] }],
    removeLicenses: [],
  });
  switch (answer.kind) {
    case "ok":
      return completed(license, false);
    case "refused":
      return failed("graph-refused", `Graph refused (${answer.status} ${answer.code}).`);
    case "unclear":
      return {
        kind: "unknown",
        detail: `Graph did not say whether the licence was assigned (${answer.code}).`,
      };
  }
}

const completed = (license: string, alreadyAssigned: boolean): Outcome => ({
  kind: "completed",
  costMicroChf: 0,
  result: { license, alreadyAssigned },
});
