// A small true story for tests: one ticket from its opening to its end, as five publishers tell it.

import { type Action, actionDigest } from "@niivo/contracts/action";
import { derivedId, sha256 } from "@niivo/contracts/canonical";
import { SealedEvent } from "../sealed-event.ts";

export const customer = "contoso";
export const startsAt = new Date("2026-11-23T09:00:00.000Z");
export const text = "My name is Anna Muster, +41 79 555 01 02, and I cannot sign in";

const guid = (digit: string): string =>
  `${digit.repeat(8)}-${digit.repeat(4)}-4${digit.repeat(3)}-8${digit.repeat(3)}-${digit.repeat(12)}`;

export const people = { anna: guid("a"), boss: guid("b") } as const;
const tenantId = guid("c");

const requester = {
  objectId: people.anna,
  tenantId,
  displayName: "Anna Muster",
  userPrincipalName: "anna.muster@contoso.example",
  assurance: "verified",
  multifactor: true,
};
const target = {
  objectId: people.anna,
  tenantId,
  userPrincipalName: requester.userPrincipalName,
  displayName: requester.displayName,
  enabled: true,
  vip: false,
  privileged: false,
};
const basis = { policySet: "5".repeat(64), policies: ["password-reset"] };

export interface Story {
  readonly ticket: string;
  readonly action: Action;
  readonly opened: SealedEvent;
  readonly requested: SealedEvent;
  readonly factsRequested: SealedEvent;
  readonly facts: SealedEvent;
  readonly allowed: SealedEvent;
  readonly access: SealedEvent;
  readonly completed: SealedEvent;
  readonly resolved: SealedEvent;
  /** Its cause is the receipt, as the broker has it. */
  readonly started: (
    receiptId: string,
    receipt: { seq: number; entryHash: string; nonce?: string },
  ) => SealedEvent;
  readonly all: readonly SealedEvent[];
}

/** The same name always tells the same story, with ids of its own. */
export function story(name = "one", owner = customer): Story {
  const id: Ids = (part) => derivedId("story", owner, name, part);
  const ticket = id("ticket");
  const action: Action = {
    id: id("action"),
    nonce: "9".repeat(64),
    ticket,
    customer: owner,
    agent: "niivo-l1-desk",
    tool: "password.reset",
    arguments: { user: requester.userPrincipalName },
  };
  const say = speaker(id, owner, ticket);
  const asking = askingPart(say, id, action);
  const acting = actingPart(say, id, action, asking.facts.id);
  const { opened, requested, factsRequested, facts } = asking;
  const all = [opened, requested, factsRequested, facts, acting.allowed, acting.access];
  return { ticket, action, ...asking, ...acting, all };
}

type Ids = (part: string) => string;
type Say = (
  part: string,
  about: {
    readonly from: SealedEvent["source"];
    readonly sequence: number;
    readonly cause?: string;
    readonly type: SealedEvent["type"];
    readonly subject?: string;
    readonly data: unknown;
  },
) => SealedEvent;

const speaker =
  (id: Ids, owner: string, ticket: string): Say =>
  (part, { from, sequence, cause, type, subject = ticket, data }) =>
    SealedEvent.parse({
      specversion: "1.0",
      id: id(part),
      source: from,
      type,
      subject,
      time: startsAt.toISOString(),
      customer: owner,
      ticket,
      correlationid: ticket,
      ...(cause === undefined ? {} : { causationid: cause }),
      sequence,
      data,
    });

type Asking = Pick<Story, "opened" | "requested" | "factsRequested" | "facts">;

function askingPart(say: Say, id: Ids, action: Action): Asking {
  const request = id("request");
  const { id: actionId } = action;
  const opened = say("opened", {
    from: "tickets",
    sequence: 1,
    type: "ticket.opened.v1",
    data: { requester, channel: "portal", text, seed: "7".repeat(64) },
  });
  const requested = say("requested", {
    from: "agent",
    sequence: 1,
    cause: opened.id,
    type: "action.requested.v1",
    data: { action, digest: actionDigest(action), reason: "Anna cannot sign in", step: 1 },
  });
  const factsRequested = say("asked", {
    from: "policy",
    sequence: 1,
    cause: requested.id,
    type: "facts.requested.v1",
    data: { request, actionId, question: { kind: "user", user: requester.userPrincipalName } },
  });
  const facts = say("facts", {
    from: "broker",
    sequence: 1,
    cause: factsRequested.id,
    type: "facts.attested.v1",
    subject: actionId,
    data: {
      request,
      actionId,
      requestedBy: "policy",
      answer: { kind: "user", facts: target },
      attestedAt: startsAt.toISOString(),
    },
  });
  return { opened, requested, factsRequested, facts };
}

type Acting = Omit<Story, keyof Asking | "ticket" | "action" | "all">;

function actingPart(say: Say, id: Ids, action: Action, factsId: string): Acting {
  const digest = actionDigest(action);
  const { id: actionId, tool } = action;
  const broker = { from: "broker", subject: actionId } as const;
  const decided = { action, digest, requester, target };
  const allowed = say("allowed", {
    from: "policy",
    sequence: 2,
    cause: factsId,
    type: "action.allowed.v1",
    data: {
      ...decided,
      basis,
      mode: "log",
      expiresAt: "2026-11-23T09:05:00.000Z",
      attempt: 1,
    },
  });
  const access = say("access", {
    ...broker,
    sequence: 2,
    cause: allowed.id,
    type: "credential.access.v1",
    data: {
      actionId,
      purpose: "action",
      credential: "executor-password",
      vault: "contoso.vault.azure.net",
      principal: "niivo-l1-desk-password",
      digest,
    },
  });
  const started: Story["started"] = (cause, { seq, entryHash, nonce = sha256(cause) }) =>
    say("started", {
      ...broker,
      sequence: 3,
      cause,
      type: "action.started.v1",
      data: {
        ...decided,
        mode: "approved",
        receipt: { chain: "0".repeat(64), seq, entryHash, nonce },
      },
    });
  const completed = say("completed", {
    ...broker,
    sequence: 4,
    cause: id("started"),
    type: "action.completed.v1",
    data: {
      ...{ actionId, digest, tool, mode: "approved" },
      ...{ result: { delivered: "one-time-link" }, costMicroChf: 0 },
    },
  });
  const resolved = say("resolved", {
    from: "agent",
    sequence: 2,
    cause: completed.id,
    type: "ticket.resolved.v1",
    data: { summary: "Anna has a new password", step: 2 },
  });
  return { allowed, access, started, completed, resolved };
}

/** Every order of a few things. */
export function permutations<Item>(items: readonly Item[]): readonly (readonly Item[])[] {
  if (items.length <= 1) return [items];
  return items.flatMap((first, index) =>
    permutations(items.toSpliced(index, 1)).map((rest) => [first, ...rest]),
  );
}
