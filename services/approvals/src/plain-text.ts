// What a person wrote in Teams, as plain text. Teams sends mentions and formatting as HTML inside the text
// (https://learn.microsoft.com/microsoftteams/platform/bots/how-to/format-your-bot-messages). Pure.

const tagCharactersMax = 2000;
const tag = new RegExp(`<(/?)([a-z][a-z0-9]*)(?:\\s[^<>]{0,${tagCharactersMax}})?/?>`, "gi");
/** A mention of the bot is how it was reached, and no part of what was said. */
const mention = /<at(?:\s[^<>]{0,200})?>[^<>]{0,200}<\/at>/gi;
const lineEnds: ReadonlySet<string> = new Set(["br", "p", "div", "li", "tr", "blockquote", "pre"]);

const entities: ReadonlyMap<string, string> = new Map([
  ["amp", "&"],
  ["lt", "<"],
  ["gt", ">"],
  ["quot", '"'],
  ["apos", "'"],
  ["#39", "'"],
  ["nbsp", " "],
  ["#160", " "],
]);

/** The text without tags, entities as what they stand for, ends of blocks as line breaks; trimmed. */
export function plainText(text: string): string {
  return text
    .replace(mention, "")
    .replace(tag, (_, slash: string, name: string) => {
      const isEnd = slash === "/" || name.toLowerCase() === "br";
      return isEnd && lineEnds.has(name.toLowerCase()) ? "\n" : "";
    })
    .replace(/&(amp|lt|gt|quot|apos|nbsp|#39|#160);/g, (all, name: string) => {
      // Once, so that what somebody wrote about an entity stays what they wrote.
      return entities.get(name) ?? all;
    })
    .trim();
}
