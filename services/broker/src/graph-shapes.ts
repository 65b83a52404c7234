// What the broker reads of Graph's answers: only the fields it uses, each with its bound. Graph adds fields
// at any time, so these objects are not strict (https://learn.microsoft.com/graph/versioning-and-support).

import { groupMembersMax } from "@niivo/contracts/facts";
import { defaultLanguage, languageOf } from "@niivo/contracts/language";
import { z } from "zod";

const text = (max: number) =>
  z
    .string()
    .max(max)
    .nullish()
    .transform((value) => value ?? undefined);

/** One of ours, else English. Whatever stands there, it never makes a person unreadable. */
const language = z
  .string()
  .nullish()
  .catch(null)
  .transform((tag) => languageOf(tag) ?? defaultLanguage);

/** The properties of a user that facts and `user.facts` read. */
export const userSelect =
  "id,userPrincipalName,displayName,accountEnabled,department,jobTitle,preferredLanguage";
export const GraphUser = z.object({
  id: z.guid(),
  userPrincipalName: z.string().min(1).max(256),
  displayName: z.string().max(256),
  accountEnabled: z.boolean(),
  department: text(128),
  jobTitle: text(128),
  preferredLanguage: language,
});
export type GraphUser = z.infer<typeof GraphUser>;

export const GraphManager = z.object({
  id: z.guid(),
  displayName: text(256),
  preferredLanguage: language,
});

/** A page of memberships; a next page means that we have not seen all. */
export const membershipsMax = 999;
export const GraphMemberships = z.object({
  value: z
    .array(
      z.object({
        "@odata.type": z.string().max(100),
        id: z.guid(),
        /** Graph shows an object it may not describe with a null name. */
        displayName: z.string().max(256).nullable(),
        isAssignableToRole: z.boolean().nullish(),
      }),
    )
    .max(membershipsMax),
  "@odata.nextLink": z.string().optional(),
});

export const GraphCheckedGroups = z.object({ value: z.array(z.guid()).max(20) });

export const GraphMembers = z.object({
  value: z
    .array(
      z.object({
        "@odata.type": z.string().max(100),
        id: z.guid(),
        displayName: text(256),
        accountEnabled: z.boolean().nullish(),
        preferredLanguage: language,
      }),
    )
    .max(groupMembersMax),
  "@odata.nextLink": z.undefined().optional(),
});

const methodsMax = 20;
export const GraphMethods = z.object({
  value: z
    .array(z.object({ "@odata.type": z.string().max(100), id: z.string().min(1).max(200) }))
    .max(methodsMax),
  "@odata.nextLink": z.undefined().optional(),
});

const skusMax = 500;
/** https://learn.microsoft.com/graph/api/resources/subscribedsku */
export const GraphSkus = z.object({
  value: z
    .array(
      z.object({
        skuId: z.guid(),
        skuPartNumber: z.string().min(1).max(256),
        capabilityStatus: z.string().max(50),
        consumedUnits: z.int().min(0),
        prepaidUnits: z.object({ enabled: z.int().min(0) }),
      }),
    )
    .max(skusMax),
  "@odata.nextLink": z.undefined().optional(),
});

export const GraphLicensed = z.object({
  usageLocation: text(10),
  assignedLicenses: z.array(z.object({ skuId: z.guid() })).max(skusMax),
});
