// What the emulated model says in English. Every sentence about an action tells what its result said, and
// nothing better.

import type { Language, Told } from "./language.ts";
import {
  type Cause,
  isForManager,
  licenceOf,
  listed,
  openUntil,
  profileOf,
  readingOf,
  remainingOf,
  type Why,
} from "./results.ts";

const list = (words: readonly string[]): string => listed(words, "and");
const greeting = (name: string | undefined): string => `Hello ${name ?? "there"}, `;

export const englishSentences: Language["say"] = {
  lookingUp: (people) => `Before I change anything I look up ${list(people)}.`,
  acting: (tools, people) =>
    `The ticket asks for ${list(tools)}${people.length === 0 ? "" : `, for ${list(people)}`}.`,
  told,
  greeting,
  handedOver: (name) =>
    `${greeting(name)}this is something I cannot do myself. I have handed your request to a colleague of the service desk, who will contact you.`,
  unsettled: (name, sentences) =>
    `${greeting(name)}${sentences} A colleague of the service desk takes over and will contact you.`,
  withoutTools: "I was offered no tools, so there is nothing that I can do.",
};

function told({ tool, person, isRequester, result }: Told): string {
  const whose = isRequester ? "your" : `${person ?? "somebody"}'s`;
  const what = doing(tool, whose, person);
  const reading = readingOf(result);
  switch (reading.kind) {
    case "denied":
      return refusedBecause(what, reading.why);
    case "impossible":
      return `I could not ${what}: ${causes[reading.cause]}. Nothing was changed.`;
    case "failed":
      return `I tried to ${what}, but it failed and nothing is certain to have changed.`;
    case "unknown":
      return `I tried to ${what}, but I do not know whether it worked.`;
    case "done":
      return done(tool, whose, person, isRequester, result);
  }
}

const causes: Readonly<Record<Cause, string>> = {
  "usage-location-missing": "the directory has no usage location, which a licence needs",
  "no-units-left": "no licence of that product is free",
  "unknown-license": "the company has no such product",
};

function refusedBecause(what: string, why: Why): string {
  switch (why) {
    case "nobody-of-the-name":
      return `the directory has nobody of the name that I would need to ${what}.`;
    case "expired":
      return `nobody approved in time that I ${what}, so it was not done.`;
    case "refused":
      return `the people who have to approve it did not agree that I ${what}, so it was not done.`;
    case "other":
      return `I was not permitted to ${what}, so it was not done.`;
  }
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
      const reader = isForManager(result) ? `${whose} manager` : own;
      const until = openUntil(result, "en-GB");
      const open = until === undefined ? "" : ` and open until ${until}`;
      return `I have reset ${whose} password. The temporary password is behind a one-time link, delivered to ${reader}${open}; I have not seen it. It must be changed at the first sign-in.`;
    }
    case "mfa.reset": {
      const left = remainingOf(result, { phone: "phone", fido2: "security key" });
      const rest = left.length === 0 ? "" : ` What remains: ${list(left)}.`;
      return `I have removed ${whose} registered multifactor methods. New ones can be registered at the next sign-in.${rest}`;
    }
    case "sessions.revoke":
      return `I have ended ${whose} sessions on all devices. Applications that are open may go on for up to an hour; signing in again is possible at once, so change the password if somebody else may know it.`;
    case "license.assign": {
      const { license, already } = licenceOf(result);
      const own = isRequester ? "you" : (person ?? "them");
      return already
        ? `the licence ${license} was assigned already.`
        : `I have assigned ${own} the licence ${license}.`;
    }
    case "user.facts": {
      const { name = "that person", parts, manager } = profileOf(result);
      const all = manager === undefined ? parts : [...parts, `manager: ${manager}`];
      return `here is what the directory says about ${name}: ${all.join("; ")}.`;
    }
    default:
      return `I have used "${tool}".`;
  }
}
