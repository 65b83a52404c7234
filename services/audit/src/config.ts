// The audit service's configuration: addresses and ids, no secret.

import { CustomerId } from "@niivo/contracts/envelope";
import { retentionDaysMin } from "@niivo/contracts/evidence/control";
import { retentionDays } from "@niivo/contracts/topology";
import { HostVariables, jsonFile } from "@niivo/host/env";
import { z } from "zod";

const witnessesMax = 20;
const retentionDaysMax = 100 * 365;

const Witnesses = z
  .array(
    z.strictObject({
      name: z.string().regex(/^[a-z][a-z0-9-]{0,39}$/),
      url: z.url({ protocol: /^https?$/ }).max(500),
      /** Its verifier key: `<name>+<id>+<base64>`. */
      key: z.string().max(500),
      /** Whose chains it cosigns; absent means all. */
      customers: z.array(CustomerId).optional(),
    }),
  )
  .max(witnessesMax);
export type Witness = z.infer<typeof Witnesses>[number];

export const AuditVariables = HostVariables.extend({
  /** The versioned identifier of the key that endorses sealing keys: `https://<vault>/keys/<name>/<version>`. */
  auditKeyId: z.url({ protocol: /^https$/ }).max(500),
  /** The key before it, while it is being replaced: checkpoints carry its signature beside the new one's. */
  auditPreviousKeyId: z
    .url({ protocol: /^https$/ })
    .max(500)
    .optional(),
  /** Only where the key before is lost: checkpoints go on without its line, and no old policy believes them. */
  auditPreviousKeyLost: z.stringbool().optional(),
  /** The versioned identifier of the RSA key that wraps the keys of values. */
  auditWrappingKeyId: z.url({ protocol: /^https$/ }).max(500),
  /** The key before it, until its log says that all are wrapped anew. */
  auditPreviousWrappingKeyId: z
    .url({ protocol: /^https$/ })
    .max(500)
    .optional(),
  /** The file of the keys of values: not to be copied to where the chain is copied to. */
  auditKeyStoreFile: z.string().min(1).max(1000),
  /** A host name of ours, the first part of every chain's public name: `audit.example.ch`. */
  auditOrigin: z
    .string()
    .regex(/^[a-z0-9][a-z0-9.-]*$/)
    .max(100),
  /** How long the bytes of entries are kept, in days; never shorter than a year. */
  auditRetentionDays: z.coerce
    .number()
    .int()
    .min(retentionDaysMin)
    .max(retentionDaysMax)
    .default(retentionDays.audit),
  /** A folder that keeps every checkpoint, on another disk than the store. */
  auditAnchorDir: z.string().min(1).max(1000).optional(),
  /** A container whose append blobs keep every checkpoint: `https://<account>.blob.core.windows.net/<container>`. */
  auditAnchorContainerUrl: z
    .url({ protocol: /^https$/ })
    .max(500)
    .optional(),
  /** The contents of `AUDIT_WITNESSES_FILE`: who cosigns checkpoints, and whose. */
  auditWitnesses: jsonFile(Witnesses, "AUDIT_WITNESSES_FILE").optional(),
});
