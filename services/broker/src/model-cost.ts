// What a model call costs, in millionths of a Swiss franc.

import { ModelRespond } from "@niivo/contracts/tools";

/** Upper bound of one answer. With the largest prompt it stays within the tool's reserved maximum. */
export const completionTokensMax = 2000;

// List prices of a small regional model, rounded up to francs. A billionth of a franc is the unit, so that
// the sums are of integers.
const promptNanoChfPerToken = 1250;
const completionNanoChfPerToken = 10_000;
const nanoPerMicro = 1000;

/** Rounded up; never more than what was reserved, because the reservation is what was allowed. */
export const modelCostMicroChf = (promptTokens: number, completionTokens: number): number =>
  Math.min(
    ModelRespond.costMaxMicroChf,
    Math.ceil(
      (promptTokens * promptNanoChfPerToken + completionTokens * completionNanoChfPerToken) /
        nanoPerMicro,
    ),
  );
