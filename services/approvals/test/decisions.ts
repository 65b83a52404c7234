// What the approvals actor decides, in short words: what its tests share beside the example.

import { derivedId } from "@niivo/contracts/canonical";
import { specify } from "@niivo/host/testing/specify";
import { approvals } from "../src/actor.ts";
import type { RefusalCode, RejectionCode } from "../src/codes.ts";
import type { Event } from "../src/state.ts";
import { english } from "../src/texts.ts";
import {
  actionId,
  askedEvent,
  attestedInput,
  digest,
  expiresAt,
  memberAnswer,
  noted,
  start,
  voteOf,
} from "./example.ts";

export const { given } = specify(approvals, start);

const about = { actionId, digest };
export const rejected = (voter: string, code: RejectionCode, of: string = digest): Event => ({
  type: "vote.rejected.v1",
  data: { actionId, digest: of, voter, code, detail: english.rejections[code] },
});
export const refused = (code: RefusalCode, refusedBy?: string): Event => ({
  type: "approval.refused.v1",
  data: {
    ...about,
    ...(refusedBy === undefined ? {} : { refusedBy }),
    ...{ code, detail: english.refusals[code] },
  },
});
export const granted = (...grantedBy: string[]): Event => ({
  type: "approval.granted.v1",
  data: { ...about, grantedBy, via: "teams" },
});
export const accepted = (voter: string, votes = 1, quorum = 2): Event => ({
  type: "vote.accepted.v1",
  data: { ...about, voter, votes, quorum },
});
export const expired: Event = { type: "approval.expired.v1", data: about };
export const due: Event = { type: "approval.due.v1", data: { actionId }, notBefore: expiresAt };

export const waits = (voter: string, vote: "grant" | "refuse" = "grant"): Event => ({
  type: "note.vote-waits",
  data: { request: derivedId(voter), vote: voteOf(voter, { vote }) },
});
export const settled = (voter: string): Event => ({
  type: "note.vote-settled",
  data: { request: derivedId(voter) },
});
export const confirmed = (voter: string) => attestedInput(derivedId(voter), memberAnswer(voter));

export const open = [noted, askedEvent()] as const;
export const openForOne = [noted, askedEvent({ quorum: 1 })] as const;
