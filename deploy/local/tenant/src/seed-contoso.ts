// The customer contoso.

import { customerApplications, customerSecrets } from "./seed-applications.ts";
import { peopleOf } from "./seed-people.ts";
import type { Group } from "./seed-types.ts";

const family = "c0a70500";
const { objectId, person } = peopleOf(family, "contoso.example");
const marco = objectId(2);
const ursina = objectId(3);
const petra = objectId(4);

const people = {
  lenaFrei: person(1, "Lena", "Frei", {
    preferredLanguage: "de",
    department: "Sales",
    jobTitle: "Account Manager",
    manager: marco,
  }),
  marcoKeller: person(2, "Marco", "Keller", {
    preferredLanguage: "de",
    department: "Sales",
    jobTitle: "Head of Sales",
    manager: ursina,
  }),
  ursinaCaduff: person(3, "Ursina", "Caduff", {
    department: "Management",
    jobTitle: "Chief Executive Officer",
    methods: ["phone", "microsoftAuthenticator", "fido2"],
  }),
  petraVogt: person(4, "Petra", "Vogt", {
    preferredLanguage: "de-CH",
    department: "IT",
    jobTitle: "IT Administrator",
    manager: ursina,
    directoryRoles: ["Global Administrator"],
  }),
  jonasHuber: person(5, "Jonas", "Huber", {
    preferredLanguage: "de",
    department: "Sales",
    jobTitle: "Account Manager",
    manager: marco,
    accountEnabled: false,
  }),
  nadiaBrunner: person(6, "Nadia", "Brunner", {
    preferredLanguage: "de",
    department: "IT",
    jobTitle: "Identity Lead",
    manager: petra,
  }),
  retoZgraggen: person(7, "Reto", "Zgraggen", {
    department: "IT",
    jobTitle: "Service Desk Lead",
    manager: petra,
  }),
  silvanMeier: person(8, "Silvan", "Meier", {
    preferredLanguage: "fr",
    department: "IT",
    jobTitle: "Security Officer",
    manager: ursina,
  }),
  alineMoser: person(9, "Aline", "Moser", {
    preferredLanguage: "fr-CH",
    department: "Internal Audit",
    jobTitle: "Auditor",
    manager: ursina,
    apiRoles: ["Audit.Read", "Audit.ReadValues", "Audit.Erase"],
  }),
  ottoWyss: person(10, "Otto", "Wyss", {
    department: "IT",
    jobTitle: "Operator",
    manager: petra,
    apiRoles: ["Admin.ReadWrite"],
  }),
  // No manager and no usage location: the cases in which a secret has no second recipient, and in
  // which Graph refuses a licence.
  svenGraf: person(11, "Sven", "Graf", {
    preferredLanguage: "fr",
    department: "Sales",
    jobTitle: "Account Manager",
    usageLocation: null,
  }),
};

const groups = {
  identityApprovers: {
    id: `${family}-0002-4000-8000-000000000001`,
    displayName: "identity-approvers",
    description: "Approve credential actions",
    isAssignableToRole: false,
    members: [
      people.nadiaBrunner.objectId,
      people.retoZgraggen.objectId,
      people.silvanMeier.objectId,
    ],
  },
  vip: {
    id: `${family}-0002-4000-8000-000000000002`,
    displayName: "vip",
    description: "Very important people",
    isAssignableToRole: false,
    members: [people.ursinaCaduff.objectId],
  },
} satisfies Record<string, Group>;

export const contoso = {
  id: "contoso",
  displayName: "Contoso AG",
  tenantId: `${family}-0000-4000-8000-000000000000`,
  people,
  groups,
  applications: customerApplications(family),
  secrets: customerSecrets,
} as const;
