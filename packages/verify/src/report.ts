// A report as a person reads it.

import { aspects, type Report } from "./judge/verdict.ts";

const meanings: Readonly<Record<Report["exitCode"], string>> = {
  0: "in order",
  10: "in order; the newest entries are not attested yet",
  20: "the bytes are right, but something is missing, late, or against the rules",
  30: "FORKED: two signed statements contradict each other",
  40: "ALTERED",
  50: "cannot be verified",
};

/** @param now when it was verified. */
export function reportText(report: Report, now: Date): string {
  const { head, truncated, contradiction } = report;
  const lines = [
    `${meanings[report.exitCode].toUpperCase()} (exit code ${report.exitCode})`,
    "",
    `chain       ${report.chain ?? "unknown"}`,
    `mode        ${report.mode}`,
    `entries     ${report.entries}`,
    `head        ${head === undefined ? "none" : `${head.seq}  #${head.hash}`}`,
    ...(report.root === undefined ? [] : [`root        ${report.root}`]),
    `signed      up to ${report.signedSize}, as the policy asks up to ${report.witnessedSize}`,
    `unattested  ${report.unattested}`,
    ...(truncated === undefined
      ? []
      : [`truncated   ${truncated.attested} attested, ${truncated.found} found`]),
    ...(report.erased === 0 ? [] : [`erased      ${report.erased} values, by sealed orders`]),
    ...(report.pending === 0
      ? []
      : [`pending     ${report.pending} starts without an outcome yet`]),
    `verified    ${now.toISOString()}`,
    "",
    ...aspects.map((aspect) => `${aspect.padEnd(12)} ${report.verdicts[aspect]}`),
  ];
  if (report.findings.length > 0) {
    lines.push("", `Findings (${report.findingsCount})`);
    for (const { code, from, to, detail } of report.findings)
      lines.push(`  ${code} ${from === to ? from : `${from}-${to}`}: ${detail}`);
  }
  if (contradiction !== undefined)
    lines.push(
      "",
      "These two signed notes contradict each other. Keep both.",
      "",
      ...contradiction,
    );
  lines.push("", "Not proven by this run:", ...report.notProven.map((one) => `  - ${one}`), "");
  return lines.join("\n");
}
