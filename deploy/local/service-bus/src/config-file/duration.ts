// ISO 8601 durations as the emulator's configuration allows them: those of the administration API,
// and years and months, which .NET takes for 365 and 30 days.
// https://learn.microsoft.com/dotnet/api/system.xml.xmlconvert.totimespan

import { parseDuration } from "../admin/duration.ts";

const CALENDAR = /^P(?:(\d{1,4})Y)?(?:(\d{1,5})M)?(?:(\d{1,8})D)?(?=T|$)/;

/** Milliseconds, Infinity for "never", or undefined when the text is no duration. */
export function durationOf(text: string): number | undefined {
  const [matched, years = "0", months = "0", days = "0"] = CALENDAR.exec(text) ?? [];
  if (matched === undefined || text === "P") return undefined;
  const allDays = Number(years) * 365 + Number(months) * 30 + Number(days);
  return parseDuration(`P${allDays}D${text.slice(matched.length)}`);
}
