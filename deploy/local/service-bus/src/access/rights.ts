// Rights as a configuration gives them: lists of entities by right, for a key or an identity.
//
// Invariants:
//   R1. A right is held on an entity only if the entity, something above it or `*` is listed for it.
//   R2. Manage includes Send and Listen, as in the cloud. Nothing includes Manage.

import { z } from "zod";
import type { Right } from "../entities/descriptions.ts";
import { limits } from "../limits.ts";
import { isWithin } from "./sas-token.ts";

/** `*` is the whole namespace, else the name of a queue or topic, or `topic/subscription`. */
const Entities = z
  .array(z.string().min(1).max(limits.pathCharactersMax))
  .max(limits.entitiesPerRightMax)
  .default([]);

/** The part of a configured key or identity that says what it may do. */
export const RightsConfig = z.strictObject({ send: Entities, listen: Entities, manage: Entities });
export type RightsConfig = z.output<typeof RightsConfig>;

/** Everything, everywhere. */
export const allRights: RightsConfig = { send: ["*"], listen: ["*"], manage: ["*"] };

/** The right on a path, as `Holder` asks for it: lower case, "" for the whole namespace. */
export function mayWith(config: RightsConfig): (right: Right, path: string) => boolean {
  const listed = { send: scopes(config.send), listen: scopes(config.listen) };
  const managed = scopes(config.manage);
  return (right, path) => {
    const given = right === "manage" ? managed : [...listed[right], ...managed]; // R2
    return given.some((scope) => isWithin(path, scope)); // R1
  };
}

// The empty scope includes everything.
function scopes(entities: readonly string[]): readonly string[] {
  return entities.map((entity) => (entity === "*" ? "" : entity.toLowerCase()));
}
