// What the agent's actor reads and decides. Types only.

import type {
  ActionRequested,
  StepDue,
  TicketEscalated,
  TicketResolved,
  TicketWaiting,
} from "@niivo/contracts/agent";
import type { ActionCompleted, ActionFailed, ActionUnknown } from "@niivo/contracts/broker";
import type { Decided, Received } from "@niivo/contracts/envelope";
import type { ActionDenied, ApprovalRequired } from "@niivo/contracts/policy";
import type { TicketOpened } from "@niivo/contracts/tickets";
import type { z } from "zod";
import type { Call, Ticket } from "./ticket-state.ts";

/** How an action ended. */
export type Outcome =
  | Received<z.infer<typeof ActionCompleted>>
  | Received<z.infer<typeof ActionFailed>>
  | Received<z.infer<typeof ActionUnknown>>
  | Received<z.infer<typeof ActionDenied>>;

export type Opened = Received<z.infer<typeof TicketOpened>>;
export type PeopleAsked = Received<z.infer<typeof ApprovalRequired>>;
export type Due = Received<z.infer<typeof StepDue>>;

export type AgentInput = Opened | PeopleAsked | Due | Outcome;

type AgentNote =
  | { readonly type: "note.opened"; readonly data: { readonly ticket: Ticket } }
  | { readonly type: "note.step-begun"; readonly data: { readonly step: number } }
  | {
      readonly type: "note.answered";
      readonly data: {
        readonly text: string | null;
        readonly calls: readonly Call[];
        readonly escalation: string | null;
      };
    }
  | {
      readonly type: "note.outcome";
      readonly data: {
        readonly actionId: string;
        /** What the model will read. */
        readonly result: string;
        /** SHA-256 of the text that reached the requester by this action. */
        readonly said: string | null;
      };
    }
  | {
      readonly type: "note.waiting";
      readonly data: { readonly actionId: string; readonly until: string };
    }
  | { readonly type: "note.closing"; readonly data: { readonly summary: string } };

export type AgentEvent =
  | Decided<z.infer<typeof ActionRequested>>
  | Decided<z.infer<typeof TicketWaiting>>
  | Decided<z.infer<typeof TicketResolved>>
  | Decided<z.infer<typeof TicketEscalated>>
  | Decided<z.infer<typeof StepDue>>
  | AgentNote;
