// Graph's changes to a user: password, account, sessions, licences.
//
// Invariants:
//   W1. A password is checked, then recorded in the ledger and kept as a digest; it is in no log
//       and in no effect.
//   W2. An application without a directory role cannot touch the sensitive properties of a
//       privileged person
//       (https://learn.microsoft.com/graph/api/resources/users#who-can-perform-sensitive-actions).

import { Hono } from "hono";
import { z } from "zod";
import type { User } from "./directory.ts";
import {
  badRequest,
  change,
  denied,
  type GraphContext,
  type GraphEnv,
  jsonBody,
  requirePermission,
  userInPath,
} from "./graph-call.ts";
import { userShape } from "./graph-shapes.ts";
import { skus } from "./seed.ts";
import type { World } from "./world.ts";

const passwordLengthMin = 8;
const passwordLengthMax = 256;
const characterClassesMin = 3;

const Password = z.strictObject({
  password: z.string().min(1).max(1_024),
  forceChangePasswordNextSignIn: z.boolean().default(true),
  forceChangePasswordNextSignInWithMfa: z.boolean().default(false),
});
const Patch = z
  .strictObject({ passwordProfile: Password, accountEnabled: z.boolean() })
  .partial()
  .refine((patch) => Object.keys(patch).length > 0, "nothing to change");

const skuId = z.string().min(1).max(100);
const Licences = z.object({
  addLicenses: z.array(z.object({ skuId, disabledPlans: z.array(z.string()).default([]) })).max(20),
  removeLicenses: z.array(skuId).max(20),
});

export function graphChanges(world: World): Hono<GraphEnv> {
  const graph = new Hono<GraphEnv>();
  graph.patch("/users/:user", async (c) => {
    const patch = Patch.safeParse(await jsonBody(c));
    if (!patch.success) {
      const detail = patch.error.issues.map((issue) => issue.message).join("; ");
      throw badRequest(`The emulator changes passwordProfile and accountEnabled only: ${detail}.`);
    }
    patchUser(world, c, patch.data);
    return c.body(null, 204);
  });
  graph.post("/users/:user/revokeSignInSessions", (c) => {
    requirePermission(c, "User.RevokeSessions.All", "User.ReadWrite.All");
    const { id } = userInPath(world, c);
    const tenant = c.get("tenant");
    change(world, c, () => world.directory.setSessionsValidFrom(tenant, id, new Date()));
    const context = "https://graph.microsoft.com/v1.0/$metadata#Edm.Boolean";
    return c.json({ "@odata.context": context, value: true });
  });
  graph.post("/users/:user/assignLicense", async (c) => {
    requirePermission(c, "LicenseAssignment.ReadWrite.All", "User.ReadWrite.All");
    const user = userInPath(world, c);
    const body = Licences.safeParse(await jsonBody(c));
    if (!body.success) throw badRequest("addLicenses and removeLicenses are both required.");
    assignLicences(world, c, user, body.data);
    return c.json(userShape(world, user, undefined));
  });
  return graph;
}

function patchUser(world: World, c: GraphContext, patch: z.infer<typeof Patch>): void {
  const { passwordProfile, accountEnabled } = patch;
  if (passwordProfile !== undefined) {
    requirePermission(c, "User-PasswordProfile.ReadWrite.All", "User.ReadWrite.All");
  }
  if (accountEnabled !== undefined) {
    requirePermission(c, "User.EnableDisableAccount.All", "User.ReadWrite.All");
  }
  const user = userInPath(world, c);
  const tenant = c.get("tenant");
  if (world.directory.isPrivileged(tenant, user.id)) throw denied(); // W2
  if (passwordProfile !== undefined) refuseWeak(passwordProfile.password, user);
  change(world, c, () => {
    if (passwordProfile !== undefined) {
      const { password, forceChangePasswordNextSignIn: force } = passwordProfile;
      world.ledger("password", password); // W1
      world.directory.setPassword(tenant, user.id, password, force);
    }
    if (accountEnabled !== undefined) world.directory.setEnabled(tenant, user.id, accountEnabled);
  });
}

// https://learn.microsoft.com/entra/identity/authentication/concept-password-ban-bad-combined-policy
function refuseWeak(password: string, user: User): void {
  const classes = [/[a-z]/, /[A-Z]/, /\d/, /[^A-Za-z0-9]/];
  const used = classes.filter((characters) => characters.test(password)).length;
  const fits = password.length >= passwordLengthMin && password.length <= passwordLengthMax;
  const local = user.userPrincipalName.split("@")[0] ?? "";
  const namesUser = password.toLowerCase().includes(local);
  if (fits && used >= characterClassesMin && !namesUser) return;
  throw badRequest(
    "The specified password does not comply with password complexity requirements. Please provide a different password.",
  );
}

function assignLicences(
  world: World,
  c: GraphContext,
  user: User,
  { addLicenses, removeLicenses }: z.infer<typeof Licences>,
): void {
  const { directory } = world;
  const tenant = c.get("tenant");
  const owned = directory.licencesOf(tenant, user.id);
  if (addLicenses.length > 0 && user.usageLocation === null) {
    throw badRequest("License assignment cannot be done for user with invalid usage location.");
  }
  for (const { skuId: wanted } of addLicenses) {
    const sku = skus.find((known) => known.skuId === wanted);
    if (sku === undefined)
      throw badRequest(`License ${wanted} does not correspond to a valid company License.`);
    const isFull = directory.licencesUsed(tenant, wanted) >= sku.enabled;
    if (isFull && !owned.includes(wanted)) {
      throw badRequest(`Subscription with SKU ${wanted} does not have any available licenses.`);
    }
  }
  const foreign = removeLicenses.find((removed) => !owned.includes(removed));
  if (foreign !== undefined)
    throw badRequest(`User does not have a corresponding license: ${foreign}.`);
  change(world, c, () => {
    for (const { skuId: added } of addLicenses) directory.addLicence(tenant, user.id, added);
    for (const removed of removeLicenses) directory.removeLicence(tenant, user.id, removed);
  });
}
