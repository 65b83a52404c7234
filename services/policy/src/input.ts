// What the policy actor reads. A test compares it with the topology.

import type { ActionRequested, TicketEscalated, TicketResolved } from "@niivo/contracts/agent";
import type { ApprovalExpired, ApprovalGranted, ApprovalRefused } from "@niivo/contracts/approvals";
import type {
  ActionCompleted,
  ActionFailed,
  ActionUnknown,
  AuthorizationLapsed,
} from "@niivo/contracts/broker";
import type { Received } from "@niivo/contracts/envelope";
import type { FactsAttested } from "@niivo/contracts/facts";
import type { DecisionDue } from "@niivo/contracts/policy";
import type { TicketOpened } from "@niivo/contracts/tickets";
import type { z } from "zod";

type Read<Schema extends z.ZodType> = Received<z.infer<Schema>>;

export type Input =
  | Read<typeof TicketOpened>
  | Read<typeof ActionRequested>
  | Read<typeof TicketResolved>
  | Read<typeof TicketEscalated>
  | Read<typeof FactsAttested>
  | Read<typeof ApprovalGranted>
  | Read<typeof ApprovalRefused>
  | Read<typeof ApprovalExpired>
  | Read<typeof AuthorizationLapsed>
  | Read<typeof ActionCompleted>
  | Read<typeof ActionFailed>
  | Read<typeof ActionUnknown>
  | Read<typeof DecisionDue>;

export type InputOf<Type extends Input["type"]> = Extract<Input, { type: Type }>;
