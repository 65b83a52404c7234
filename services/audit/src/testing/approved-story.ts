// The same small story with people in it: they grant the action before policy allows it.

import { derivedId } from "@niivo/contracts/canonical";
import { SealedEvent } from "../sealed-event.ts";
import { customer, people, type Story, story } from "./story.ts";

export interface ApprovedStory extends Story {
  readonly granted: SealedEvent;
}

/** The boss grants; `grantedBy` is what policy says of it. */
export function approvedStory(
  name = "approved",
  owner = customer,
  grantedBy: readonly string[] = [people.boss],
): ApprovedStory {
  const told = story(name, owner);
  const { opened, requested, factsRequested, facts, access } = told;
  if (requested.type !== "action.requested.v1") throw new Error("the story changed");
  const { action, digest } = requested.data;
  const granted = SealedEvent.parse({
    ...requested,
    id: derivedId("story", owner, name, "granted"),
    source: "approvals",
    type: "approval.granted.v1",
    causationid: facts.id,
    data: { actionId: action.id, digest, grantedBy: [people.boss], via: "teams" },
  });
  const allowed = SealedEvent.parse({
    ...told.allowed,
    causationid: granted.id,
    data: { ...told.allowed.data, mode: "approved", grantedBy },
  });
  const all = [opened, requested, factsRequested, facts, granted, allowed, access];
  return { ...told, granted, allowed, all };
}
