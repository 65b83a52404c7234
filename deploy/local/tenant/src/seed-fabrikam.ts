// The customer fabrikam: a second directory, so that every mix-up of customers can be tried.

import { customerApplications, customerSecrets } from "./seed-applications.ts";
import { peopleOf } from "./seed-people.ts";
import type { Group } from "./seed-types.ts";

const family = "fab21ca0";
const { objectId, person } = peopleOf(family, "fabrikam.example");
const luca = objectId(2);
const giulia = objectId(3);

const people = {
  miaRossi: person(1, "Mia", "Rossi", {
    preferredLanguage: "it",
    department: "Finance",
    jobTitle: "Accountant",
    manager: luca,
  }),
  lucaBianchi: person(2, "Luca", "Bianchi", {
    preferredLanguage: "it",
    department: "Finance",
    jobTitle: "Head of Finance",
    manager: giulia,
  }),
  giuliaFerri: person(3, "Giulia", "Ferri", {
    preferredLanguage: "it-CH",
    department: "Management",
    jobTitle: "Managing Director",
    methods: ["phone", "microsoftAuthenticator", "fido2"],
  }),
  paoloConti: person(4, "Paolo", "Conti", {
    department: "IT",
    jobTitle: "Identity Lead",
    manager: giulia,
  }),
  saraGallo: person(5, "Sara", "Gallo", {
    preferredLanguage: "it",
    department: "IT",
    jobTitle: "Security Officer",
    manager: giulia,
  }),
  martaRiva: person(6, "Marta", "Riva", {
    preferredLanguage: "fr",
    department: "Internal Audit",
    jobTitle: "Auditor",
    manager: giulia,
    apiRoles: ["Audit.Read"],
  }),
  darioFontana: person(7, "Dario", "Fontana", {
    department: "IT",
    jobTitle: "Operator",
    manager: giulia,
    apiRoles: ["Admin.ReadWrite"],
  }),
  elenaGreco: person(8, "Elena", "Greco", {
    department: "IT",
    jobTitle: "IT Administrator",
    manager: giulia,
    directoryRoles: ["Global Administrator"],
  }),
};

const groups = {
  identityApprovers: {
    id: `${family}-0002-4000-8000-000000000001`,
    displayName: "identity-approvers",
    description: "Approve credential actions",
    isAssignableToRole: false,
    members: [people.paoloConti.objectId, people.saraGallo.objectId],
  },
  vip: {
    id: `${family}-0002-4000-8000-000000000002`,
    displayName: "vip",
    description: "Very important people",
    isAssignableToRole: false,
    members: [people.giuliaFerri.objectId],
  },
} satisfies Record<string, Group>;

export const fabrikam = {
  id: "fabrikam",
  displayName: "Fabrikam SA",
  tenantId: `${family}-0000-4000-8000-000000000000`,
  people,
  groups,
  applications: customerApplications(family),
  secrets: customerSecrets,
} as const;
