// The answers that several management operations give.

import type { Answer } from "../links/request.ts";

export const ok = (body: unknown): Answer => ({ status: 200, description: "OK", body });

export const badRequest: Answer = {
  status: 400,
  description: "the request is not understood",
  condition: "com.microsoft:argument-error",
};
export const messageLockLost: Answer = {
  status: 410,
  description: "the lock is lost",
  condition: "com.microsoft:message-lock-lost",
};
export const sessionLockLost: Answer = {
  status: 410,
  description: "the session lock is lost",
  condition: "com.microsoft:session-lock-lost",
};
export const notFound = (what: string): Answer => ({
  status: 404,
  description: `no such ${what}`,
  condition: "com.microsoft:message-not-found",
});
