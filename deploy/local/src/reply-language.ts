// In which language a reply was that reached somebody's chat: decided by the catalogue or the table that the
// text is from, never guessed from its words.

import { catalogues } from "@niivo/languages/sentences";
import { languageOfReply } from "@niivo/tenant/model/greetings";

/** A BCP 47 primary subtag; undefined for a text that neither the agent nor the emulated model wrote. */
export const replyLanguage = (text: string): string | undefined =>
  Object.entries(catalogues).find(([, said]) => said["requester.handed-over"] === text)?.[0] ??
  languageOfReply(text);
