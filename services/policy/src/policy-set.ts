// A policy set: Cedar text that was parsed, validated against the schema of our tools, and whose annotations
// are all understood. The only importer of the Cedar library at run time.
//
// Invariants:
//   S1. An invalid set is refused whole: syntax, schema, the validator's warnings, templates, annotations.
//   S2. A policy that fails to evaluate makes the evaluation an error (Cedar alone would skip it).
//   S3. The digest names the text; what was validated is what is evaluated.

import {
  type CedarValueJson,
  type EntityUidJson,
  policySetTextToParts,
  policyToJson,
  preparsePolicySet,
  preparseSchema,
  statefulIsAuthorized,
  validate,
} from "@cedar-policy/cedar-wasm/nodejs";
import { digestOf, sha256 } from "@niivo/contracts/canonical";
import { type Annotated, readAnnotations } from "./annotations.ts";
import { cedarSchema } from "./schema.ts";

/** A decision's basis names at most 50 policies, one of which may be the floor. */
export const policiesMax = 49;
const textBytesMax = 256 * 1024;

export interface CedarRequest {
  readonly principal: EntityUidJson;
  readonly action: EntityUidJson;
  readonly resource: EntityUidJson;
  readonly context: Record<string, CedarValueJson>;
}

/** What Cedar says, with the policies that determined it in the order of their names. */
type Evaluation =
  | { readonly kind: "permitted"; readonly permits: readonly Permit[] }
  | { readonly kind: "forbidden"; readonly policies: readonly string[] }
  | { readonly kind: "unmentioned" }
  | { readonly kind: "failed"; readonly policies: readonly string[] };

type Permit = Extract<Annotated, { effect: "permit" }>;

export interface PolicySet {
  /** SHA-256 of the set's text. */
  readonly digest: string;
  readonly policies: readonly Annotated[];
  readonly evaluate: (request: CedarRequest) => Evaluation;
}

export type PolicySetErrorCode =
  | "too-large"
  | "too-many-policies"
  | "syntax"
  | "template"
  | "annotation"
  | "schema";

/** Why a set was refused; `problems` has one line for each thing to correct. */
export class PolicySetError extends Error {
  readonly code: PolicySetErrorCode;
  readonly problems: readonly string[];
  constructor(code: PolicySetErrorCode, problems: readonly string[]) {
    super(`the policy set is refused (${code}): ${problems.join("; ")}`);
    this.name = "PolicySetError";
    this.code = code;
    this.problems = problems;
  }
}

/**
 * Reads, validates and pre-parses a policy set.
 * @param text Cedar, at most 256 KB and 49 policies. An empty text is a set that denies everything.
 * @param groups the names that `@approvers` may use.
 * @throws PolicySetError if anything in it is not understood (S1).
 */
export function loadPolicySet(text: string, groups: readonly string[]): PolicySet {
  if (Buffer.byteLength(text) > textBytesMax)
    throw new PolicySetError("too-large", [`more than ${textBytesMax} bytes`]);
  const named = namedPolicies(text, groups);
  const schema = cedarSchema();
  const staticPolicies = Object.fromEntries([...named].map(([id, { source }]) => [id, source]));
  refuseInvalid(validate({ schema, policies: { staticPolicies } }));
  const digest = sha256(text);
  const schemaName = digestOf(schema);
  // Cedar keeps what is pre-parsed under the name given here; the name is the digest of the content (S3).
  for (const answer of [
    preparseSchema(schemaName, schema),
    preparsePolicySet(digest, { staticPolicies }),
  ])
    if (answer.type === "failure") throw new PolicySetError("syntax", messages(answer.errors));
  const annotated = new Map([...named].map(([id, policy]) => [id, policy.annotated]));
  return {
    digest,
    policies: [...annotated.values()],
    evaluate: (request) => evaluate(request, { digest, schemaName, annotated }),
  };
}

interface Preparsed {
  readonly digest: string;
  readonly schemaName: string;
  readonly annotated: ReadonlyMap<string, Annotated>;
}

function evaluate(request: CedarRequest, preparsed: Preparsed): Evaluation {
  const answer = answerOf(request, preparsed);
  if (answer === undefined || answer.type === "failure") return { kind: "failed", policies: [] };
  const { decision, diagnostics } = answer.response;
  const failed = diagnostics.errors.map((error) => error.policyId).toSorted();
  if (failed.length > 0) return { kind: "failed", policies: failed }; // S2
  const policies = diagnostics.reason.toSorted();
  if (decision === "deny")
    return policies.length === 0 ? { kind: "unmentioned" } : { kind: "forbidden", policies };
  const permits = policies
    .map((id) => preparsed.annotated.get(id))
    .filter((policy) => policy?.effect === "permit");
  // An allow that names a policy we do not hold is none of ours.
  return permits.length === policies.length && permits.length > 0
    ? { kind: "permitted", permits }
    : { kind: "failed", policies: [] };
}

// A trap inside the WebAssembly module throws; that is an evaluation error like any other (S2).
function answerOf(request: CedarRequest, { digest, schemaName }: Preparsed) {
  try {
    return statefulIsAuthorized({
      ...request,
      preparsedSchemaName: schemaName,
      validateRequest: true,
      preparsedPolicySetId: digest,
      entities: [],
    });
  } catch {
    return undefined;
  }
}

function namedPolicies(text: string, groups: readonly string[]) {
  const parts = policySetTextToParts(text);
  if (parts.type === "failure") throw new PolicySetError("syntax", messages(parts.errors));
  if (parts.policy_templates.length > 0)
    throw new PolicySetError("template", ["templates are not used: write the policy out"]);
  if (parts.policies.length > policiesMax)
    throw new PolicySetError("too-many-policies", [`more than ${policiesMax} policies`]);
  const named = new Map<string, { readonly source: string; readonly annotated: Annotated }>();
  for (const source of parts.policies) {
    const json = policyToJson(source);
    if (json.type === "failure") throw new PolicySetError("syntax", messages(json.errors));
    const { effect, annotations = {} } = json.json;
    const read = readAnnotations(effect, annotations, groups);
    const name = annotations["id"] ?? "a policy without @id";
    if (read.kind === "refused")
      throw new PolicySetError(
        "annotation",
        read.problems.map((problem) => `${name}: ${problem}`),
      );
    if (named.has(read.annotated.id))
      throw new PolicySetError("annotation", [`${name}: two policies have this @id`]);
    named.set(read.annotated.id, { source, annotated: read.annotated });
  }
  return named;
}

function refuseInvalid(answer: ReturnType<typeof validate>): void {
  if (answer.type === "failure") throw new PolicySetError("syntax", messages(answer.errors));
  // A warning is a policy that can never apply, or a name made to look like another one: a mistake or a
  // trick, and in a set that guards credentials neither is acceptable.
  const problems = [
    ...messages(answer.validationErrors.map(({ error }) => error)),
    ...messages(answer.validationWarnings.map(({ error }) => error)),
    ...messages(answer.otherWarnings),
  ];
  if (problems.length > 0) throw new PolicySetError("schema", problems);
}

const messages = (errors: readonly { readonly message: string }[]): readonly string[] =>
  errors.map((error) => error.message);
