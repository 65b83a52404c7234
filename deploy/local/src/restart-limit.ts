// How often a part that ended by itself is started again, and after what wait. A part that ends again and
// again has a reason that starting does not mend, and a person has to see it.

const windowMs = 120_000;
const restartsMax = 5;
const firstWaitMs = 250;
/** EX_CONFIG of sysexits.h: a wrong configuration, the same after every start. */
const exitConfiguration = "exit code 78";

/** By a part's name and how it ended: the wait before its next start in milliseconds, or none any more. */
export function restartLimit(now: () => number): (name: string, how: string) => number | undefined {
  const restarts = new Map<string, number[]>();
  return (name, how) => {
    if (how.includes(exitConfiguration)) return undefined;
    const recent = (restarts.get(name) ?? []).filter((at) => at > now() - windowMs);
    if (recent.length >= restartsMax) return undefined;
    restarts.set(name, [...recent, now()]);
    return firstWaitMs * 2 ** recent.length;
  };
}
