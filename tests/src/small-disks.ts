// The stores of a system on small disks of their own (tmpfs), so that each can be full or read-only by itself. Mounting
// needs root on Linux; where it is not permitted there are none, and the tests that need them are skipped.

import { execFileSync } from "node:child_process";
import {
  closeSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  rmSync,
  symlinkSync,
  writeSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { type Identity, identities } from "@niivo/contracts/topology";
import { serviceFiles } from "@niivo/local/service-environment";

/** Room for a store's journal to grow, which overwrites itself from some megabytes on. */
const disk = "size=24m";
const chunk = Buffer.alloc(64 * 1024);

export const mayMount: boolean = tried();

export interface SmallDisks {
  /** For `runningSystem`: mounts one for each service in the data folder, where its store will be. */
  readonly prepare: (dataDir: string) => void;
  readonly fill: (name: Identity) => void;
  readonly free: (name: Identity) => void;
  /** Only while no process has a file open there. */
  readonly remount: (name: Identity, how: "ro" | "rw") => void;
  readonly unmount: () => void;
}

export function smallDisks(): SmallDisks {
  let root = "";
  const folderOf = (name: Identity) => join(root, "disks", name);
  const filler = (name: Identity) => join(folderOf(name), "filler");
  return {
    prepare: (dataDir) => {
      root = dataDir;
      for (const name of identities) {
        mkdirSync(folderOf(name), { recursive: true });
        mount(folderOf(name));
        const store = serviceFiles(dataDir).store(name);
        mkdirSync(dirname(store), { recursive: true });
        // SQLite follows the link and keeps its journal beside the real file.
        symlinkSync(join(folderOf(name), "store.sqlite"), store);
      }
    },
    fill: (name) => {
      const file = openSync(filler(name), "w");
      for (let size = chunk.length; size > 0; ) {
        try {
          writeSync(file, chunk, 0, size);
        } catch (error) {
          if (!(error instanceof Error && "code" in error && error.code === "ENOSPC")) throw error;
          size = Math.floor(size / 2); // To the last byte.
        }
      }
      closeSync(file);
    },
    free: (name) => rmSync(filler(name)),
    remount: (name, how) => {
      execFileSync("mount", ["-o", `remount,${how}`, folderOf(name)]);
    },
    unmount: () => {
      // Lazily: processes of a test that failed may have files open there.
      for (const name of identities) execFileSync("umount", ["--lazy", folderOf(name)]);
    },
  };
}

function mount(folder: string): void {
  execFileSync("mount", ["-t", "tmpfs", "-o", disk, "niivo-test", folder], { stdio: "pipe" });
}

function tried(): boolean {
  const folder = mkdtempSync(join(tmpdir(), "niivo-mount-"));
  try {
    mount(folder);
    execFileSync("umount", [folder]);
    return true;
  } catch {
    return false; // Not Linux, not root, or a container without the right.
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
