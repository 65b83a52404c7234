// The anchors that the configuration names.

import type { TokenCredential } from "@azure/identity";
import { ContainerClient } from "@azure/storage-blob";
import type { StoreReader } from "@niivo/host/store";
import type { Anchor } from "./anchor.ts";
import { blobAnchor } from "./blob-anchor.ts";
import type { Witness } from "./config.ts";
import { fileAnchor } from "./file-anchor.ts";
import { storedTree } from "./stored-tree.ts";
import { witnessAnchor } from "./witness-anchor.ts";

export interface AnchorSettings {
  readonly auditAnchorDir?: string | undefined;
  readonly auditAnchorContainerUrl?: string | undefined;
  readonly auditWitnesses?: readonly Witness[] | undefined;
}

const retriesMax = 1;
const everyone = (): boolean => true;

/** @throws TypeError on a witness whose key is none. */
export function anchorsOf(
  { auditAnchorDir, auditAnchorContainerUrl, auditWitnesses = [] }: AnchorSettings,
  credential: TokenCredential,
  store: StoreReader,
): readonly Anchor[] {
  const retryOptions = { maxTries: retriesMax + 1 };
  return [
    ...(auditAnchorDir === undefined ? [] : [fileAnchor(auditAnchorDir)]),
    ...(auditAnchorContainerUrl === undefined
      ? []
      : [
          blobAnchor({
            container: new ContainerClient(auditAnchorContainerUrl, credential, { retryOptions }),
            takes: everyone,
          }),
        ]),
    ...auditWitnesses.map(({ name, url, key: vkey, customers }) =>
      witnessAnchor({
        name,
        url: url.replace(/\/$/, ""),
        vkey,
        takes: (customer) => customers?.includes(customer) ?? true,
        treeOf: (customer) => storedTree(store, customer),
      }),
    ),
  ];
}
