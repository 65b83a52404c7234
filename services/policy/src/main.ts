// The policy process. It does not start on a policy set that is not valid: no policy, no decision.

import { readFileSync } from "node:fs";
import { policy } from "@niivo/contracts/policy";
import { readEnv } from "@niivo/host/env";
import type { Host } from "@niivo/host/host";
import { createLogger } from "@niivo/host/logger";
import { startService } from "@niivo/host/service";
import { PolicyVariables } from "./config.ts";
import { groupNames } from "./groups.ts";
import { loadPolicySet, type PolicySet, PolicySetError } from "./policy-set.ts";
import { announcePolicySet, policyBindings } from "./service.ts";

/** EX_CONFIG of sysexits.h: starting again without a correction would change nothing. */
const exitConfiguration = 78;

const environment = readEnv(PolicyVariables);
const { customers, approvalSecondsMax } = environment;
const options = { customers, approvalSecondsMax, policySet: readPolicySet(environment.policyFile) };

const hosts: Host[] = [];
await startService({
  name: "policy",
  contract: policy,
  environment,
  bindings: (host) => {
    hosts.push(host);
    return policyBindings(options);
  },
});
for (const host of hosts) {
  await announcePolicySet(host, options);
  const { digest, policies } = options.policySet;
  host.log.info({ policySet: digest, policies: policies.length }, "policy set in force");
}

function readPolicySet(file: string): PolicySet {
  try {
    return loadPolicySet(readFileSync(file, "utf8"), groupNames);
  } catch (error) {
    const problems = error instanceof PolicySetError ? error.problems : ["it cannot be read"];
    createLogger("policy").fatal({ problems }, "the policy set (POLICY_FILE) is refused");
    process.exit(exitConfiguration);
  }
}
