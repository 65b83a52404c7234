// Durations as the administration API writes them: ISO 8601 without years, months or weeks, and the
// longest .NET time span for "never".
// https://learn.microsoft.com/dotnet/api/system.timespan.maxvalue

const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;

/** What the service answers for a time to live or an idle time that is not limited. */
export const NEVER = "P10675199DT2H48M5.4775807S";

/** Everything from here on means "never": the service's own maximum has part of a millisecond more. */
const NEVER_MS = 10_675_199 * DAY_MS;

const FORM = /^P(?:(\d{1,8})D)?(?:T(?:(\d{1,9})H)?(?:(\d{1,9})M)?(?:(\d{1,9}(?:\.\d{1,9})?)S)?)?$/;

/** Milliseconds, Infinity for "never", or undefined when the text is no such duration. */
export function parseDuration(text: string): number | undefined {
  const parts = FORM.exec(text);
  if (parts === null || text.endsWith("T") || text === "P") return undefined;
  const [days = "0", hours = "0", minutes = "0", seconds = "0"] = parts.slice(1);
  const timeMs = Number(hours) * HOUR_MS + Number(minutes) * MINUTE_MS + Number(seconds) * 1_000;
  const ms = Math.round(Number(days) * DAY_MS + timeMs);
  return ms >= NEVER_MS ? Number.POSITIVE_INFINITY : ms;
}

/** The shortest form, as the service writes it: `PT1M`, `P14D`, `PT30.5S`. */
export function formatDuration(durationMs: number): string {
  if (durationMs >= NEVER_MS) return NEVER;
  const days = Math.floor(durationMs / DAY_MS);
  const hours = Math.floor((durationMs % DAY_MS) / HOUR_MS);
  const minutes = Math.floor((durationMs % HOUR_MS) / MINUTE_MS);
  const seconds = (durationMs % MINUTE_MS) / 1_000;
  const part = (count: number, unit: string) => (count === 0 ? "" : `${count}${unit}`);
  const time = part(hours, "H") + part(minutes, "M") + part(seconds, "S");
  const date = part(days, "D");
  if (date === "" && time === "") return "PT0S";
  return `P${date}${time === "" ? "" : `T${time}`}`;
}
