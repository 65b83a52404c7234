// What the emulated model says in English. Every sentence about an action tells what its result said, and
// nothing better.

import type { Language, Told } from "./language.ts";

const months = ["01", "02", "03", "04", "05", "06", "07", "08", "09", "10", "11", "12"];
const monthNames = [
  "January",
  "February",
  "March",
  "April",
  "May",
  "June",
  "July",
  "August",
].concat(["September", "October", "November", "December"]);

export const englishSentences: Language["say"] = {
  lookingUp: (people) => `Before I change anything I look up ${list(people)}.`,
  acting: (tools, people) =>
    `The ticket asks for ${list(tools)}${people.length === 0 ? "" : `, for ${list(people)}`}.`,
  told,
  greeting: (name) => `Hello ${name}, `,
  handedOver: (name) =>
    `Hello ${name}, this is something I cannot do myself. I have handed your request to a colleague of the service desk, who will contact you.`,
  unsettled: (name, sentences) =>
    `Hello ${name}, ${sentences} A colleague of the service desk takes over and will contact you.`,
  withoutTools: "I was offered no tools, so there is nothing that I can do.",
};

const list = (words: readonly string[]): string =>
  [words.slice(0, -1).join(", "), words.at(-1) ?? ""].filter((part) => part !== "").join(" and ");

function told({ tool, person, isRequester, result }: Told): string {
  const whose = isRequester ? "your" : `${person ?? "somebody"}'s`;
  const what = doing(tool, whose, person);
  const denied = member(result, "denied");
  if (denied !== undefined) return refusedBecause(what, denied);
  const cause = causes[member(result, "failed") ?? ""];
  if (cause !== undefined) return `I could not ${what}: ${cause}. Nothing was changed.`;
  if (member(result, "failed") !== undefined || member(result, "refused") !== undefined)
    return `I tried to ${what}, but it failed and nothing is certain to have changed.`;
  if (member(result, "unknown") !== undefined)
    return `I tried to ${what}, but I do not know whether it worked.`;
  return done(tool, whose, person, isRequester, result);
}

const causes: Readonly<Record<string, string>> = {
  "usage-location-missing": "the directory has no usage location, which a licence needs",
  "no-units-left": "no licence of that product is free",
  "unknown-license": "the company has no such product",
};

function refusedBecause(what: string, code: string): string {
  if (/not-found|facts/.test(code))
    return `the directory has nobody of the name that I would need to ${what}.`;
  if (code.includes("expired"))
    return `nobody approved in time that I ${what}, so it was not done.`;
  if (code.includes("refused"))
    return `the people who have to approve it did not agree that I ${what}, so it was not done.`;
  return `I was not permitted to ${what}, so it was not done.`;
}

function doing(tool: string, whose: string, person: string | undefined): string {
  switch (tool) {
    case "password.reset":
      return `reset ${whose} password`;
    case "mfa.reset":
      return `reset ${whose} multifactor sign-in`;
    case "user.facts":
      return `look up ${whose === "your" ? "your account" : (person ?? "that person")}`;
    case "sessions.revoke":
      return `end ${whose} sessions on all devices`;
    case "license.assign":
      return `assign ${whose === "your" ? "you" : (person ?? "that person")} the licence`;
    case "message.broadcast":
      return "send a message to everybody";
    case "password.read":
      return `read ${whose} password`;
    default:
      return `use "${tool}"`;
  }
}

function done(
  tool: string,
  whose: string,
  person: string | undefined,
  isRequester: boolean,
  result: unknown,
): string {
  switch (tool) {
    case "password.reset": {
      const own = isRequester ? "you" : (person ?? "them");
      const reader = member(result, "recipient") === "manager" ? `${whose} manager` : own;
      const until = moment(member(result, "expiresAt"));
      return `I have reset ${whose} password. The temporary password is behind a one-time link, delivered to ${reader}${until}; I have not seen it. It must be changed at the first sign-in.`;
    }
    case "mfa.reset": {
      const left = members(result, "remaining").filter((method) => method !== "password");
      const rest = left.length === 0 ? "" : ` What remains: ${list(left)}.`;
      return `I have removed ${whose} registered multifactor methods. New ones can be registered at the next sign-in.${rest}`;
    }
    case "sessions.revoke":
      return `I have ended ${whose} sessions on all devices. Applications that are open may go on for up to an hour; signing in again is possible at once, so change the password if somebody else may know it.`;
    case "license.assign": {
      const license = member(result, "license") ?? "licence";
      const own = isRequester ? "you" : (person ?? "them");
      return memberOf(result, "alreadyAssigned") === true
        ? `the licence ${license} was assigned already.`
        : `I have assigned ${own} the licence ${license}.`;
    }
    case "user.facts":
      return profile(result);
    default:
      return `I have used "${tool}".`;
  }
}

function profile(result: unknown): string {
  const { displayName, jobTitle, department, userPrincipalName, manager } = {
    displayName: member(result, "displayName"),
    jobTitle: member(result, "jobTitle"),
    department: member(result, "department"),
    userPrincipalName: member(result, "userPrincipalName"),
    manager: member(result, "manager"),
  };
  const role = [jobTitle, department].filter((part) => part !== undefined).join(", ");
  const parts = [
    role === "" ? undefined : role,
    userPrincipalName,
    manager === undefined ? undefined : `manager: ${manager}`,
  ].filter((part) => part !== undefined);
  return `here is what the directory says about ${displayName ?? "that person"}: ${parts.join("; ")}.`;
}

/** ", until 30 January, 08:15 UTC" */
function moment(timestamp: string | undefined): string {
  const [, month, day, time] = /^\d{4}-(\d\d)-(\d\d)T(\d\d:\d\d)/.exec(timestamp ?? "") ?? [];
  const name = monthNames[months.indexOf(month ?? "")];
  return name === undefined ? "" : ` and open until ${Number(day)} ${name}, ${time} UTC`;
}

function member(result: unknown, name: string): string | undefined {
  const value = memberOf(result, name);
  return typeof value === "string" ? value : undefined;
}

function members(result: unknown, name: string): string[] {
  const value = memberOf(result, name);
  return Array.isArray(value) ? value.filter((one) => typeof one === "string") : [];
}

const memberOf = (result: unknown, name: string): unknown =>
  typeof result === "object" && result !== null
    ? Object.entries(result).find(([key]) => key === name)?.[1]
    : undefined;
