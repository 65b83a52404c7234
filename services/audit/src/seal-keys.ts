// Which keys of the vault sign the checkpoints, said in the chain: `key.rotate` names a new one, `key.retired` ends
// one that was replaced. Pure.
//
// Invariants:
//   L35. Each is an entry once, whenever the process ends: what the chain said last stands in the head, which is
//        written in the very commit of the entry.
//   L36. A key is retired only once it signs no more, and a checkpoint covers the entry that names the key after it:
//        under that checkpoint whoever knows the old key believes the new one.
//   L37. A key that was retired is not named again: no verifier would believe it.

import { controlTypes } from "@niivo/contracts/evidence/control";
import { control, type StoredHead } from "./chain.ts";
import { addControl, type NoteNames, type Work } from "./work.ts";

type KeyState = Pick<StoredHead, "chain" | "vkey" | "replaced" | "retired">;

/** More than a vault's key has versions in the life of a chain. */
const keysRememberedMax = 50;

/** The keys that the chain named and did not retire: the one in force, then those it replaced, the newest first. */
export const namedKeys = ({ vkey, replaced = [] }: KeyState): readonly string[] => [
  ...(vkey === undefined ? [] : [vkey]),
  ...replaced.map((one) => one.vkey).reverse(),
];

/** Those that were replaced and sign no more. */
export const leavingKeys = ({ chain, replaced = [] }: KeyState, notes: NoteNames) =>
  replaced.filter(({ vkey }) => !notes.vkeys(chain).includes(vkey));

/** Whether the keys that sign now call for an entry. @param signedSize as in `SealTurn`. */
export const isKeyDue = (head: KeyState, notes: NoteNames, signedSize: number): boolean =>
  isNew(head, notes) || endedKeys(head, notes, signedSize).length > 0;

export function sealKeys(work: Work): void {
  const { notes, now, signedSize } = work.turn;
  const { chain, vkey: replaces, replaced = [], size: seq } = work.head;
  if (isNew(work.head, notes)) {
    const vkey = notes.vkey(chain);
    const detail = { vkey, ...(replaces === undefined ? {} : { replaces }) };
    const type = replaces === undefined ? "key.announced" : controlTypes.keyRotate;
    addControl(work, control(type, detail, now));
    const before = replaces === undefined ? [] : [{ vkey: replaces, seq }];
    const others = replaced.filter((one) => one.vkey !== vkey);
    work.head = { ...work.head, vkey, replaced: [...others, ...before].slice(-keysRememberedMax) };
  }
  for (const { vkey } of endedKeys(work.head, notes, signedSize)) {
    addControl(work, control(controlTypes.keyRetired, { vkey }, now));
    const { replaced: left = [], retired = [] } = work.head;
    work.head = {
      ...work.head,
      replaced: left.filter((one) => one.vkey !== vkey),
      retired: [...retired, vkey].slice(-keysRememberedMax),
    };
  }
}

// L37.
const isNew = ({ chain, vkey, retired = [] }: KeyState, notes: NoteNames): boolean =>
  notes.vkey(chain) !== vkey && !retired.includes(notes.vkey(chain));

// L36.
const endedKeys = (head: KeyState, notes: NoteNames, signedSize: number) =>
  leavingKeys(head, notes).filter(({ seq }) => seq < signedSize);
