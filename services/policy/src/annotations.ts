// What a policy's annotations say: how an allowed action runs, and whom to ask first. An annotation that is
// unknown, misspelt or out of place refuses the whole set: it would be a rule that nobody applies.

import { z } from "zod";

/** No approval is open for longer than this. */
export const approvalMsMax = 24 * 60 * 60 * 1000;
const approvalMsMin = 60 * 1000;
const approvalMsDefault = 30 * 60 * 1000;
/** The name under which the code floor appears in a decision's basis; no policy may take it. */
export const floorName = "floor";

/** How an action that a permit allows may run. */
export type Terms =
  | { readonly mode: "log" | "notify" }
  | {
      readonly mode: "approve";
      /** A group's name, whose object id is the customer's; or `manager`, the target's. */
      readonly approvers: string;
      readonly quorum: number;
      readonly expiresMs: number;
    };

export type Annotated =
  | { readonly effect: "forbid"; readonly id: string }
  | {
      readonly effect: "permit";
      readonly id: string;
      readonly terms: Terms;
      readonly reasonRequired: boolean;
    };

/** What `@approvers` says for the manager of the person acted on. */
export const managerName = "manager";

const PolicyName = z
  .string()
  .regex(/^[a-z][a-z0-9-]{0,99}$/, "is not a name of small letters, digits and hyphens")
  .refine((name) => name !== floorName, "is reserved");

/** Hours, minutes and seconds of an ISO 8601 duration, in milliseconds. */
const Duration = z
  .string()
  .regex(/^PT(?=\d)(\d{1,3}H)?(\d{1,4}M)?(\d{1,5}S)?$/, "is not a duration such as PT30M")
  .transform((text) => {
    const part = (unit: string) => Number(new RegExp(`(\\d+)${unit}`).exec(text)?.[1] ?? 0);
    return ((part("H") * 60 + part("M")) * 60 + part("S")) * 1000;
  })
  .pipe(z.int().min(approvalMsMin, "is under a minute").max(approvalMsMax, "is over a day"));

const Quorum = z
  .string()
  .regex(/^[1-5]$/, "is not a number from 1 to 5")
  .transform(Number);

const runs = { id: PolicyName, reason: z.literal("required").optional() };

const Forbid = z.strictObject({ id: PolicyName });

/**
 * Reads the annotations of one policy.
 * @param groups the names that `@approvers` may use.
 * @returns what they say, or the problems, each as `@name: what is wrong`.
 */
export function readAnnotations(
  effect: "permit" | "forbid",
  annotations: Readonly<Record<string, string>>,
  groups: readonly string[],
):
  | { readonly kind: "read"; readonly annotated: Annotated }
  | { readonly kind: "refused"; readonly problems: readonly string[] } {
  const parsed = (effect === "forbid" ? asForbid : permitOf(groups)).safeParse(annotations);
  if (parsed.success) return { kind: "read", annotated: parsed.data };
  const problems = parsed.error.issues.map((issue) =>
    issue.path.length === 0 ? issue.message : `@${issue.path.join(".")}: ${issue.message}`,
  );
  return { kind: "refused", problems };
}

const asForbid = Forbid.transform(({ id }): Annotated => ({ effect: "forbid", id }));

const permitOf = (groups: readonly string[]) =>
  z
    .discriminatedUnion("mode", [
      z.strictObject({ ...runs, mode: z.enum(["log", "notify"]) }),
      z.strictObject({
        ...runs,
        mode: z.literal("approve"),
        approvers: z
          .string()
          .refine((name) => name === managerName || groups.includes(name), "is not a known group"),
        quorum: Quorum.default(1),
        expires: Duration.default(approvalMsDefault),
      }),
    ])
    .refine(
      (read) => read.mode !== "approve" || read.approvers !== managerName || read.quorum === 1,
      {
        path: ["quorum"],
        message: "is 1 where the manager is asked: a person has one",
      },
    )
    .transform((read): Annotated => {
      const about = {
        effect: "permit" as const,
        id: read.id,
        reasonRequired: read.reason === "required",
      };
      if (read.mode !== "approve") return { ...about, terms: { mode: read.mode } };
      const { mode, approvers, quorum, expires } = read;
      return { ...about, terms: { mode, approvers, quorum, expiresMs: expires } };
    });
