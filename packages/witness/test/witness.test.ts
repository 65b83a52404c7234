// The witness as a log and an auditor meet it: over HTTP, as a process of its own that may be killed at any moment.

import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { parseNote, verifyNote } from "@niivo/contracts/evidence/note";
import { parseVerifierKey, verifierKey } from "@niivo/contracts/evidence/verifier-key";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { z } from "zod";
import { newSigner, testLog } from "./log.ts";

const main = new URL("../src/main.ts", import.meta.url).pathname;
const origin = "audit.example.ch/7f3a";

let folder = "";
const running: ChildProcess[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "niivo-test-witness-"));
});
afterEach(async () => {
  await Promise.all(running.splice(0).map((child) => killed(child)));
  rmSync(folder, { recursive: true, force: true });
});

const killed = (child: ChildProcess) =>
  new Promise<void>((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null) return resolve();
    child.once("exit", () => resolve());
    child.kill("SIGKILL");
  });

interface Started {
  readonly child: ChildProcess;
  readonly url: string;
  readonly vkey: string;
}

/** Starts the program. Rejects with what it wrote when it ends before it is ready. */
function startWitness(logs: readonly string[]): Promise<Started> {
  const file = join(folder, "logs.txt");
  writeFileSync(file, `# the logs\n${logs.join("\n")}\n`);
  const options = ["--data", join(folder, "data"), "--name", "witness.example/w1"];
  const child = spawn(process.execPath, [main, ...options, "--logs", file, "--port", "0"]);
  running.push(child);
  return new Promise((resolve, reject) => {
    let text = "";
    child.stdout.on("data", (chunk) => {
      text += chunk;
      const found = /ready on (\S+)\n(\S+)\n/.exec(text);
      if (found?.[1] !== undefined && found[2] !== undefined)
        resolve({ child, url: found[1], vkey: found[2] });
    });
    child.stderr.on("data", (chunk) => {
      text += chunk;
    });
    child.once("exit", (code) => reject(new Error(`exit ${code}: ${text}`)));
  });
}

const add = async ({ url }: Started, body: string | Uint8Array<ArrayBuffer>) => {
  const response = await fetch(`${url}/add-checkpoint`, { method: "POST", body });
  return {
    status: response.status,
    type: response.headers.get("content-type"),
    text: await response.text(),
  };
};

test("W1: a log that only grows is cosigned, and the lines make a note that an auditor's key verifies", async () => {
  const log = testLog(origin);
  const witness = await startWitness([log.key.vkey]);
  const key = parseVerifierKey(witness.vkey);
  if (key === undefined) throw new Error("no key");
  for (const [oldSize, size] of [
    [0, 3],
    [3, 3],
    [3, 8],
    [8, 21],
  ] as const) {
    const answer = await add(witness, log.request(oldSize, size));
    expect(answer.status, answer.text).toBe(200);
    const note = parseNote(`${log.checkpoint(size)}${answer.text}`);
    if (note === undefined) throw new Error(answer.text);
    const verdict = verifyNote(note, [log.key, key]);
    expect(verdict).toMatchObject({ kind: "signed", by: [{}, { time: expect.any(Number) }] });
  }
  const read = await fetch(`${witness.url}/checkpoint?origin=${encodeURIComponent(origin)}`);
  const note = parseNote(await read.text());
  expect(note?.text).toContain("\n21\n");
  expect(note === undefined ? undefined : verifyNote(note, [key]).kind).toBe("signed");
  expect(await (await fetch(witness.url)).text()).toContain(`${origin}: 21`);
});

describe("a log that lies", () => {
  test("W3: another history of the same size is refused and kept as evidence", async () => {
    const signer = newSigner();
    const [log, fork] = [testLog(origin, "honest", signer), testLog(origin, "forked", signer)];
    const witness = await startWitness([log.key.vkey]);
    await add(witness, log.request(0, 5));
    const answer = await add(witness, fork.request(5, 5));
    expect(answer).toMatchObject({ status: 409, type: "text/x.tlog.size", text: "5\n" });
    expect(await (await fetch(witness.url)).text()).toContain("1 contradictions kept");
    expect((await add(witness, log.request(5, 6))).status).toBe(200);
  });

  test("W1: a larger tree that does not continue the last one is refused", async () => {
    const signer = newSigner();
    const [log, fork] = [testLog(origin, "honest", signer), testLog(origin, "forked", signer)];
    const witness = await startWitness([log.key.vkey]);
    await add(witness, log.request(0, 5));
    expect((await add(witness, fork.request(5, 9))).status).toBe(422);
    expect(await add(witness, fork.request(0, 9))).toMatchObject({ status: 409, text: "5\n" });
  });

  test("W1: a smaller tree is refused, with the size to go on from", async () => {
    const log = testLog(origin);
    const witness = await startWitness([log.key.vkey]);
    await add(witness, log.request(0, 9));
    expect(await add(witness, log.request(0, 4))).toMatchObject({ status: 409, text: "9\n" });
    expect((await add(witness, log.request(9, 4))).status).toBe(400);
  });

  test("W2: a stranger's key, a stranger's log and a broken signature get nothing", async () => {
    const log = testLog(origin);
    const witness = await startWitness([log.key.vkey]);
    expect((await add(witness, testLog(origin).request(0, 2))).status).toBe(403);
    expect((await add(witness, testLog("other.example/1").request(0, 2))).status).toBe(404);
    const broken = log.request(0, 2).replace("\n2\n", "\n3\n");
    expect((await add(witness, broken)).status).toBe(403);
  });
});

test("the size cosigned last survives kill -9 after every single answer", async () => {
  const log = testLog(origin);
  let size = 0;
  let vkey: string | undefined;
  for (const next of [1, 4, 9]) {
    const witness = await startWitness([log.key.vkey]);
    vkey ??= witness.vkey;
    expect(witness.vkey).toBe(vkey);
    expect((await add(witness, log.request(size, next))).status).toBe(200);
    await killed(witness.child);
    size = next;
  }
  const witness = await startWitness([log.key.vkey]);
  expect(await add(witness, log.request(0, 20))).toMatchObject({ status: 409, text: "9\n" });
});

test("M1: of two requests from one size at the same moment, one is cosigned", async () => {
  const log = testLog(origin);
  const witness = await startWitness([log.key.vkey]);
  await add(witness, log.request(0, 2));
  const answers = await Promise.all([5, 6, 7, 8].map((size) => add(witness, log.request(2, size))));
  expect(answers.map(({ status }) => status).toSorted()).toEqual([200, 409, 409, 409]);
});

test("what is not a request of the protocol is refused, and the witness goes on", async () => {
  const log = testLog(origin);
  const witness = await startWitness([log.key.vkey]);
  const good = log.request(0, 2);
  const wrong = [
    "",
    "old",
    "old 0",
    "old 00\n\n",
    good.slice(0, -1),
    good.replace("old 0", "old 0 "),
    good.replace("old 0\n", `old 0\n${"AAAA\n".repeat(64)}`),
    good.replace("\n2\n", "\n02\n"),
  ];
  for (const body of wrong) expect((await add(witness, body)).status, body).toBe(400);
  expect((await add(witness, new Uint8Array([255, 254, 0]))).status).toBe(400);
  expect((await add(witness, "x".repeat(200_000))).status).toBe(413);
  expect((await fetch(`${witness.url}/add-checkpoint`)).status).toBe(404);
  expect((await add(witness, good)).status).toBe(200);
});

describe("it does not start", () => {
  test("M3: on a file that is not a witness's, which stays as it was", async () => {
    const log = testLog(origin);
    const first = await startWitness([log.key.vkey]);
    await killed(first.child);
    rmSync(join(folder, "data", "witness.sqlite"));
    const foreign = new DatabaseSync(join(folder, "data", "witness.sqlite"));
    foreign.exec("CREATE TABLE theirs (x)");
    foreign.close();
    await expect(startWitness([log.key.vkey])).rejects.toThrow("exit 2: niivo-witness:");
    writeFileSync(join(folder, "data", "witness.sqlite"), "not a database at all, but long enough");
    await expect(startWitness([log.key.vkey])).rejects.toThrow("cannot be used");
    expect(readFileSync(join(folder, "data", "witness.sqlite"), "utf8")).toContain(
      "not a database",
    );
  });

  test("with a key that others may read, or a file with something else in it", async () => {
    const log = testLog(origin);
    const first = await startWitness([log.key.vkey]);
    await killed(first.child);
    chmodSync(join(folder, "data", "witness.key"), 0o644);
    await expect(startWitness([log.key.vkey])).rejects.toThrow("can be read by others");
    await expect(startWitness(["nonsense"])).rejects.toThrow("line 2: not a log's verifier key");
  });
});

describe("logs that come later", () => {
  const logs = () => join(folder, "logs.txt");
  const addLog = (...keys: readonly string[]) =>
    spawnSync(process.execPath, [main, "add-log", "--logs", logs(), ...keys], {
      encoding: "utf8",
      timeout: 30_000,
    });

  test("a witness that runs cosigns a log from the moment it was added, once", async () => {
    const log = testLog(origin);
    const witness = await startWitness([]);
    expect((await add(witness, log.request(0, 2))).status).toBe(404);
    expect(addLog(log.key.vkey)).toMatchObject({ status: 0, stdout: `added ${origin}\n` });
    expect((await add(witness, log.request(0, 2))).status).toBe(200);
    expect(addLog(log.key.vkey)).toMatchObject({ status: 0, stdout: "" });
    expect(readFileSync(logs(), "utf8").match(/7f3a/g)).toHaveLength(1);
  });

  test("W4: what is no log's key is not added, and a spoiled file changes nothing", async () => {
    const log = testLog(origin);
    const witness = await startWitness([log.key.vkey]);
    const before = readFileSync(logs(), "utf8");
    expect(addLog(testLog("other.example/1").key.vkey, witness.vkey)).toMatchObject({
      status: 2,
      stderr: expect.stringContaining("not a log's verifier key"),
    });
    expect(readFileSync(logs(), "utf8")).toBe(before);
    writeFileSync(logs(), "nonsense\n");
    expect((await add(witness, log.request(0, 2))).status).toBe(200);
    rmSync(logs());
    expect((await add(witness, log.request(2, 4))).status).toBe(200);
  });
});

const vectors = new URL(
  "../../../../shared/vectors/witness/add-checkpoint-sigsum.json",
  import.meta.url,
);
const present = existsSync(vectors);

describe.skipIf(!present)(
  present ? "public requests" : "public requests (skipped: vectors not present)",
  () => {
    test("each is cosigned or refused as expected", async () => {
      const Vectors = z.object({
        logPublicKeyHex: z.string(),
        requests: z.array(z.object({ bodyBase64: z.string(), status: z.int() })),
      });
      const { logPublicKeyHex, requests } = Vectors.parse(
        JSON.parse(readFileSync(vectors, "utf8")),
      );
      const bodies = requests.map(({ bodyBase64 }) => Buffer.from(bodyBase64, "base64"));
      const name = bodies[0]?.toString("utf8").split("\n")[2] ?? "";
      const log = verifierKey(name, "ed25519", Buffer.from(logPublicKeyHex, "hex"));
      if (log === undefined) throw new Error("no key");
      const witness = await startWitness([log.vkey]);
      for (const [index, body] of bodies.entries()) {
        const { status } = await add(witness, new Uint8Array(body));
        const wanted = requests[index]?.status === 200;
        expect(status === 200, `request ${index}: ${status}`).toBe(wanted);
      }
    });
  },
);
