// Emulator only: what tests and the local page ask of the emulator itself. None of it exists in
// Azure; every path begins with /emulator/.

import { type Context, Hono } from "hono";
import { z } from "zod";
import { openBlobStore } from "./blob-store.ts";
import { listEffects } from "./effects.ts";
import { FaultRequest, type Faults } from "./faults.ts";
import { customers, tenants } from "./seed.ts";
import { listVaultAccess } from "./vault-access.ts";
import type { World } from "./world.ts";

const selfDescription =
  "An emulator of Entra, Graph, Key Vault, Blob Storage, the Bot Connector and a model endpoint. Not Microsoft's.";

const ApplicationChange = z.strictObject({
  tenant: z.enum(["contoso", "fabrikam", "niivo"]),
  application: z.string().min(1).max(100),
  accountEnabled: z.boolean(),
});
const PersonChange = z
  .strictObject({
    person: z.string().min(1).max(320),
    accountEnabled: z.boolean(),
    /** User principal name of the new manager, or null. */
    manager: z.string().max(320).nullable(),
    addToGroup: z.string().min(1).max(256),
    removeFromGroup: z.string().min(1).max(256),
  })
  .partial()
  .required({ person: true });
const PasswordGuess = z.strictObject({
  person: z.string().min(1).max(320),
  password: z.string().min(1).max(1_024),
});
const PromptRow = z.object({
  seq: z.number(),
  at: z.string(),
  customer: z.string(),
  request: z.string().transform((text): unknown => JSON.parse(text)),
});

export function controls(world: World, faults: Faults): Hono {
  const { database, directory } = world;
  const app = new Hono();
  app.get("/emulator", (c) =>
    c.json({ emulator: true, what: selfDescription, addresses: world.addresses }),
  );
  app.get("/emulator/effects", (c) => c.json(listEffects(database)));
  app.get("/emulator/vault-access", (c) => c.json(listVaultAccess(database)));
  app.get("/emulator/blobs", (c) => c.json(openBlobStore(database).all()));
  app.get("/emulator/prompts", (c) =>
    c.json(database.all(PromptRow, "SELECT * FROM prompts ORDER BY seq")),
  );
  app.get("/emulator/people", (c) => c.json(directory.users().map((user) => seen(world, user))));
  app.post("/emulator/faults", async (c) => {
    const parsed = FaultRequest.safeParse(await c.req.json().catch(() => null));
    if (!parsed.success) return badRequest(c, parsed.error);
    faults.add(parsed.data);
    return c.body(null, 204);
  });
  app.get("/emulator/faults", (c) => c.json({ left: faults.left() }));
  app.delete("/emulator/faults", (c) => {
    faults.clear();
    return c.body(null, 204);
  });
  // What the customer's administrator does in the portal.
  app.post("/emulator/applications", async (c) => {
    const parsed = ApplicationChange.safeParse(await c.req.json().catch(() => null));
    if (!parsed.success) return badRequest(c, parsed.error);
    const { tenant, application, accountEnabled } = parsed.data;
    const tenantId = tenants.find(({ id }) => id === tenant)?.tenantId ?? "";
    const isKnown = world.applications.setEnabled(tenantId, application, accountEnabled);
    return isKnown ? c.body(null, 204) : c.json({ error: "unknown application" }, 404);
  });
  app.post("/emulator/people", async (c) => {
    const parsed = PersonChange.safeParse(await c.req.json().catch(() => null));
    if (!parsed.success) return badRequest(c, parsed.error);
    const problem = changePerson(world, parsed.data);
    return problem === undefined ? c.body(null, 204) : c.json({ error: problem }, 404);
  });
  // What signing in with it would show.
  app.post("/emulator/passwords", async (c) => {
    const parsed = PasswordGuess.safeParse(await c.req.json().catch(() => null));
    if (!parsed.success) return badRequest(c, parsed.error);
    const user = directory.userByName(parsed.data.person);
    if (user === undefined) return c.json({ error: "unknown person" }, 404);
    const { tenantId, id } = user;
    return c.json({ matches: directory.hasPassword(tenantId, id, parsed.data.password) });
  });
  return app;
}

const badRequest = (c: Context, error: z.ZodError): Response =>
  c.json({ error: "bad request", issues: error.issues }, 400);

function seen({ directory }: World, user: ReturnType<World["directory"]["users"]>[number]) {
  const { tenantId, id, userPrincipalName, displayName, jobTitle, department } = user;
  const customer = Object.values(customers).find((known) => known.tenantId === tenantId)?.id;
  const groups = directory.groupsOf(tenantId, id).map((group) => group.displayName);
  const roles = directory.rolesOf(tenantId, id).map((role) => role.name);
  const who = { customer, tenantId, objectId: id, person: userPrincipalName, displayName };
  const { accountEnabled, manager } = user;
  const apiRoles = directory.apiRolesOf(tenantId, id);
  const methods = directory.methodsOf(tenantId, id).map(({ kind }) => kind);
  return {
    ...who,
    jobTitle,
    department,
    accountEnabled,
    manager,
    groups,
    roles,
    apiRoles,
    methods,
  };
}

function changePerson(world: World, change: z.infer<typeof PersonChange>): string | undefined {
  const { directory } = world;
  const user = directory.userByName(change.person);
  if (user === undefined) return "unknown person";
  const { tenantId, id } = user;
  const groupIds = new Map<string, string>();
  for (const name of [change.addToGroup, change.removeFromGroup]) {
    if (name === undefined) continue;
    const group = directory.groupsByName(tenantId, name)[0];
    if (group === undefined) return `unknown group ${name}`;
    groupIds.set(name, group.id);
  }
  const manager = change.manager ? directory.user(tenantId, change.manager) : undefined;
  if (change.manager && manager === undefined) return `unknown manager ${change.manager}`;
  world.database.transaction(() => {
    const { accountEnabled, addToGroup, removeFromGroup } = change;
    if (accountEnabled !== undefined) directory.setEnabled(tenantId, id, accountEnabled);
    if (change.manager !== undefined) directory.setManager(tenantId, id, manager?.id ?? null);
    if (addToGroup !== undefined) {
      directory.addMember(tenantId, groupIds.get(addToGroup) ?? "", id);
    }
    if (removeFromGroup !== undefined) {
      directory.removeMember(tenantId, groupIds.get(removeFromGroup) ?? "", id);
    }
  });
  return undefined;
}
