// Three tiers: `quick` needs nothing but Node (under a minute), `system` starts the local environment; both are
// `npm test`. `faults` is the whole kill matrix, which takes about twenty minutes: `npm run test:faults`, or the rows
// of one process: `npm run test:faults -- -t '^broker '`.

import { defineConfig } from "vitest/config";

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
          testTimeout: 30_000,
        },
      },
      {
        test: {
          name: "system",
          include: [
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
