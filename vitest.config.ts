// Three tiers: `quick` needs nothing but Node (under a minute), `system` starts the local environment; both are
// `npm test`. `faults` is the whole kill matrix, which takes about twenty minutes: `npm run test:faults`, or the rows
// of one process: `npm run test:faults -- -t '^broker '`.

import { defineConfig } from "vitest/config";

/** They wait for locks, leases and processes, or try every position: too long for the quick tier. */
const longer = [
  "deploy/local/service-bus/test/durability.test.ts",
  "deploy/local/src/end-with-parent.test.ts",
  "packages/verify/test/{attack-matrix,falsified-bundle,histories}.test.ts",
  "services/audit/test/retention-kills.int.test.ts",
];

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: "quick",
          include: [
            "{contracts,packages/*,services/*,deploy/local,deploy/local/*}/{src,test}/**/*.test.ts",
            "deploy/local/service-bus/conformance/proton.test.ts",
            "scripts/**/*.test.ts",
          ],
          exclude: ["**/node_modules/**", ...longer],
          maxWorkers: 2,
          testTimeout: 30_000,
        },
      },
      {
        test: {
          name: "system",
          include: [
            ...longer,
            "tests/{e2e,faults,attacks}/**/*.test.ts",
            "deploy/local/service-bus/endurance/**/*.test.ts",
            "deploy/local/service-bus/conformance/{ours,emulator,given}.test.ts",
          ],
          // Most of them wait for a lease, a lock or a person: two at a time, each with processes and ports of its own.
          maxWorkers: 2,
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
      {
        test: {
          name: "faults",
          include: ["tests/faults/**/*.matrix.ts"],
          fileParallelism: false,
          testTimeout: 150_000,
          hookTimeout: 120_000,
        },
      },
    ],
  },
});
