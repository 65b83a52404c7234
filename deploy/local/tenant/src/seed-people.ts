// Makes a seeded person from what is particular about them.

import type { AuthenticationMethod, MethodKind, Person } from "./seed-types.ts";

export const passwordMethodId = "28c10230-6103-485e-b985-444c60001490";
export const mobilePhoneMethodId = "3179e48a-750b-4051-897c-87b9720928f7";

type Particulars = Pick<Person, "department" | "jobTitle"> &
  Partial<Omit<Person, "authenticationMethods" | "objectId">> & {
    /** Registered methods besides the password; the authenticator app is the default one. */
    readonly methods?: readonly Exclude<MethodKind, "password">[];
  };

/** A directory's people share the family of their ids and a domain. `n` is the person's number. */
export function peopleOf(family: string, domain: string) {
  const objectId = (n: number) => `${family}-0001-4000-8000-${String(n).padStart(12, "0")}`;
  const methodId = (n: number, m: number) =>
    `${family}-0006-4000-8000-${String(n * 100 + m).padStart(12, "0")}`;

  const methodsOf = (n: number, kinds: readonly MethodKind[]): AuthenticationMethod[] =>
    kinds.map((kind, index) => ({
      id: kind === "phone" ? mobilePhoneMethodId : methodId(n, index),
      kind,
      isDefault: kind === "microsoftAuthenticator",
    }));

  const person = (n: number, givenName: string, surname: string, known: Particulars): Person => {
    const { methods = ["phone", "microsoftAuthenticator"], ...particulars } = known;
    const local = `${givenName}.${surname}`.toLowerCase();
    return {
      objectId: objectId(n),
      userPrincipalName: `${local}@${domain}`,
      displayName: `${givenName} ${surname}`,
      givenName,
      surname,
      manager: null,
      accountEnabled: true,
      preferredLanguage: "en",
      mobilePhone: `+41 79 000 00 ${String(n).padStart(2, "0")}`,
      usageLocation: "CH",
      directoryRoles: [],
      apiRoles: [],
      authenticationMethods: [
        { id: passwordMethodId, kind: "password", isDefault: false },
        ...methodsOf(n, methods),
      ],
      ...particulars,
    };
  };
  return { objectId, person };
}
