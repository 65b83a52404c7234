// What a user would build instead: the same entries in PostgreSQL, with a hash chain that a trigger keeps. A cluster of
// its own in a temporary folder, on a Unix socket, with the durable defaults.

import { execFileSync, spawn } from "node:child_process";
import { chownSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import pg from "pg";

const installations = "/usr/lib/postgresql";
const port = 54_329;

const schema = `
  CREATE TABLE head (id int PRIMARY KEY, seq bigint NOT NULL, hash bytea NOT NULL);
  INSERT INTO head VALUES (1, -1, '\\x00');
  CREATE TABLE entries (seq bigint PRIMARY KEY, bytes text NOT NULL, hash bytea NOT NULL);
  CREATE FUNCTION link() RETURNS trigger LANGUAGE plpgsql AS $$
  DECLARE before head%ROWTYPE;
  BEGIN
    SELECT * INTO before FROM head WHERE id = 1 FOR UPDATE;
    NEW.seq := before.seq + 1;
    NEW.hash := sha256(before.hash || convert_to(NEW.bytes, 'UTF8'));
    UPDATE head SET seq = NEW.seq, hash = NEW.hash WHERE id = 1;
    RETURN NEW;
  END $$;
  CREATE TRIGGER link BEFORE INSERT ON entries FOR EACH ROW EXECUTE FUNCTION link();
`;

export interface PostgresFigures {
  readonly entriesPerSecond: number;
  readonly version: string;
}

/** @returns why it was skipped, where there is no PostgreSQL to start. */
export async function postgresAppend(
  batches: readonly (readonly string[])[],
): Promise<PostgresFigures | string> {
  const owner = ownerOf();
  const bin = binFolder();
  if (bin === undefined || owner === undefined) return "skipped: no PostgreSQL to start here";
  const folder = mkdtempSync(join(tmpdir(), "niivo-postgres-"));
  chownSync(folder, owner.uid, owner.gid);
  const data = join(folder, "data");
  const run = (name: string, ...args: string[]) =>
    execFileSync(join(bin, name), args, { ...owner, cwd: folder, stdio: "ignore" });
  run("initdb", "-D", data, "-A", "trust", "-U", "postgres");
  const options = ["-D", data, "-k", folder, "-c", "listen_addresses=", "-p", String(port)];
  const server = spawn(join(bin, "postgres"), options, { ...owner, cwd: folder, stdio: "ignore" });
  try {
    const client = await connected(folder);
    await client.query(schema);
    const from = performance.now();
    for (const batch of batches)
      await client.query("INSERT INTO entries (bytes) SELECT unnest($1::text[])", [batch]);
    const seconds = (performance.now() - from) / 1000;
    const { rows } = await client.query("SELECT count(*)::int AS n, version() AS v FROM entries");
    await client.end();
    return { entriesPerSecond: Number(rows[0].n) / seconds, version: String(rows[0].v) };
  } finally {
    server.kill("SIGINT");
    await new Promise((resolve) => server.once("exit", resolve));
    rmSync(folder, { recursive: true, force: true });
  }
}

async function connected(host: string): Promise<pg.Client> {
  for (let tries = 0; ; tries += 1) {
    const client = new pg.Client({ host, port, user: "postgres", database: "postgres" });
    try {
      await client.connect();
      return client;
    } catch (error) {
      if (tries === 100) throw error;
      await delay(100);
    }
  }
}

/** PostgreSQL does not run as root. */
function ownerOf(): { readonly uid: number; readonly gid: number } | undefined {
  const { getuid, getgid } = process;
  if (getuid === undefined || getgid === undefined) return undefined;
  if (getuid() !== 0) return { uid: getuid(), gid: getgid() };
  try {
    const id = (flag: string) => Number(execFileSync("id", [flag, "postgres"]).toString());
    return { uid: id("-u"), gid: id("-g") };
  } catch {
    return undefined;
  }
}

function binFolder(): string | undefined {
  try {
    const newest = readdirSync(installations).sort().at(-1);
    return newest === undefined ? undefined : join(installations, newest, "bin");
  } catch {
    return undefined;
  }
}
