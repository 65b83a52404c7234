// Directory objects in Graph's JSON, with $select as Graph applies it to users.

import type { DirectoryGroup, DirectoryRole, RegisteredMethod, User } from "./directory.ts";
import { badRequest } from "./graph-call.ts";
import type { World } from "./world.ts";

/** What Graph returns of a user when the call selects nothing. */
const defaults = [
  "businessPhones",
  "displayName",
  "givenName",
  "jobTitle",
  "mail",
  "mobilePhone",
  "officeLocation",
  "preferredLanguage",
  "surname",
  "userPrincipalName",
  "id",
];

export function userShape(world: World, user: User, select: string | undefined) {
  const { tenantId, sessionsValidFrom, manager: _, ...shown } = user;
  const all: Record<string, unknown> = {
    ...shown,
    businessPhones: [],
    mail: user.userPrincipalName,
    mailNickname: user.userPrincipalName.split("@")[0],
    officeLocation: null,
    userType: "Member",
    onPremisesSyncEnabled: null,
    createdDateTime: "2026-01-05T08:00:00Z",
    signInSessionsValidFromDateTime: sessionsValidFrom,
    assignedLicenses: world.directory
      .licencesOf(tenantId, user.id)
      .map((skuId) => ({ skuId, disabledPlans: [] })),
  };
  const wanted = select === undefined ? defaults : select.split(",").map((name) => name.trim());
  const unknown = wanted.find((name) => !(name in all));
  if (unknown !== undefined) {
    throw badRequest(
      `Could not find a property named '${unknown}' on type 'microsoft.graph.user'.`,
    );
  }
  return Object.fromEntries(wanted.map((name) => [name, all[name]]));
}

export const groupShape = (group: DirectoryGroup) => ({
  "@odata.type": "#microsoft.graph.group",
  ...group,
  securityEnabled: true,
  mailEnabled: false,
  groupTypes: [],
});

export const roleShape = (role: DirectoryRole) => ({
  "@odata.type": "#microsoft.graph.directoryRole",
  id: role.template_id,
  displayName: role.name,
  roleTemplateId: role.template_id,
});

const methodTypes = {
  password: "#microsoft.graph.passwordAuthenticationMethod",
  phone: "#microsoft.graph.phoneAuthenticationMethod",
  microsoftAuthenticator: "#microsoft.graph.microsoftAuthenticatorAuthenticationMethod",
  fido2: "#microsoft.graph.fido2AuthenticationMethod",
  softwareOath: "#microsoft.graph.softwareOathAuthenticationMethod",
} as const;

const details = (method: RegisteredMethod, user: User): Record<string, unknown> => {
  switch (method.kind) {
    case "password":
      return { password: null };
    case "phone":
      return { phoneNumber: user.mobilePhone, phoneType: "mobile", smsSignInState: "notAllowed" };
    case "microsoftAuthenticator":
      return { displayName: `${user.givenName}'s phone`, deviceTag: "SoftwareTokenActivated" };
    case "fido2":
      return { displayName: "Security key", model: "Emulated security key" };
    case "softwareOath":
      return { secretKey: null };
  }
};

// Which method is the default is not shown: Graph v1.0 does not show it here either.
export const methodShape = (method: RegisteredMethod, user: User) => ({
  "@odata.type": methodTypes[method.kind],
  id: method.id,
  createdDateTime: "2026-01-05T08:00:00Z",
  ...details(method, user),
});
