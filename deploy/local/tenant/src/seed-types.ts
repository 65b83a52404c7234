// What a seeded directory consists of. Ids are fixed, so other code and tests can name them.

export type MethodKind = "password" | "phone" | "microsoftAuthenticator" | "fido2" | "softwareOath";

export interface AuthenticationMethod {
  readonly id: string;
  readonly kind: MethodKind;
  readonly isDefault: boolean;
}

/** An app role of `api://niivo`. */
export type ApiRole =
  | "Tickets.Submit"
  | "Tickets.Inbound"
  | "Audit.Read"
  | "Audit.ReadValues"
  | "Audit.Erase"
  | "Admin.ReadWrite";

export interface Person {
  readonly objectId: string;
  readonly userPrincipalName: string;
  readonly displayName: string;
  readonly givenName: string;
  readonly surname: string;
  readonly department: string;
  readonly jobTitle: string;
  /** Object id of the manager, or null. */
  readonly manager: string | null;
  readonly accountEnabled: boolean;
  readonly preferredLanguage: string;
  readonly mobilePhone: string;
  /** Two-letter country, needed for licences, or null. */
  readonly usageLocation: string | null;
  readonly directoryRoles: readonly DirectoryRoleName[];
  readonly apiRoles: readonly ApiRole[];
  readonly authenticationMethods: readonly AuthenticationMethod[];
}

export type DirectoryRoleName = "Global Administrator";

export interface Group {
  readonly id: string;
  readonly displayName: string;
  readonly description: string;
  readonly isAssignableToRole: boolean;
  /** Object ids. */
  readonly members: readonly string[];
}

/**
 * blueprint: template that holds the credential of its agents. agent: an agent identity; it can
 * hold no credential. application: signs in with a client secret. service: signs in with a
 * federated token whose subject is its name; it has no secret.
 */
export type ApplicationKind = "blueprint" | "agent" | "application" | "service";

export interface Application {
  readonly name: string;
  readonly kind: ApplicationKind;
  readonly clientId: string;
  /** Object id of the service principal; for an agent identity it equals the client id. */
  readonly objectId: string;
  /** Client id of the parent, for an agent identity. */
  readonly blueprint: string | null;
  /** Application permissions on Microsoft Graph. */
  readonly graphRoles: readonly string[];
  /** App roles on `api://niivo`. */
  readonly apiRoles: readonly ApiRole[];
  /** Name of the vault secret that is this application's client secret, or null. */
  readonly secretName: string | null;
}
