// The whole list of cases, the same for every target.

import { administration } from "./administration.suite.ts";
import type { Area } from "./case.ts";
import { forwarding } from "./forwarding.suite.ts";
import { lockAutoRenewal, lockExpiry, lockRenewal } from "./locks.suite.ts";
import { peeking, receiving } from "./receiving.suite.ts";
import { refusals } from "./refusals.suite.ts";
import { sending } from "./sending.suite.ts";
import { nextSession, sessionLocks, sessions } from "./sessions.suite.ts";
import { settling } from "./settling.suite.ts";
import { duplicates, duplicateWindow, expiring, scheduling } from "./timing.suite.ts";
import { rules, topics } from "./topics.suite.ts";

/** Areas that share an entity are in one list and run one after the other. */
export const areas: readonly (readonly Area[])[] = [
  [sending, refusals],
  [receiving, peeking],
  [settling],
  [lockExpiry],
  [lockRenewal],
  [lockAutoRenewal],
  [expiring, scheduling],
  [duplicates],
  [duplicateWindow],
  // Everything published to the topic is seen by all its subscriptions and by `forwarded`.
  [sessions, nextSession, topics, rules, forwarding],
  [sessionLocks],
  [administration],
];
