// Public vectors of signed notes, checkpoints, proofs in text, witnesses and real logs. They lie beside the
// repository and are not copied into it.

import { existsSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { ed25519Check, p256Check } from "../signature.ts";
import { parseAddCheckpoint } from "./add-checkpoint.ts";
import { fromBase64, hexOf, textOf } from "./bytes.ts";
import { checkpointText, parseCheckpoint } from "./checkpoint.ts";
import { parseNote, verifyNote } from "./note.ts";
import { isConsistent, isIncluded } from "./proof.ts";
import { judgeSignatures } from "./signing-policy.ts";
import { parseTlogProof, tlogProofText } from "./tlog-proof.ts";
import { emptyRange, leafHash, rootOf, withLeaf } from "./tree.ts";
import { parseVerifierKey, type VerifierKey, verifierKey } from "./verifier-key.ts";

const vectors = new URL("../../../../shared/vectors/", import.meta.url);
const present = existsSync(vectors);
const about = (title: string): string =>
  present ? title : `${title} (skipped: vectors not present)`;
const readText = (name: string): string => readFileSync(new URL(name, vectors), "utf8");
const read = (name: string): unknown => JSON.parse(readText(name));
const bytesIn = (text: string): Uint8Array => fromBase64(text) ?? new Uint8Array();
const known = (vkey: string): VerifierKey => {
  const key = parseVerifierKey(vkey);
  if (key === undefined) throw new Error(`no key: ${vkey}`);
  return key;
};

const judge = (message: Uint8Array, keys: readonly VerifierKey[]) => {
  const note = parseNote(textOf(message) ?? "");
  return note === undefined ? undefined : { note, verdict: verifyNote(note, keys) };
};

describe.skipIf(!present)(about("signed notes"), () => {
  test("Ed25519: valid, unknown, forged and malformed ones", () => {
    const Case = z.object({
      desc: z.string(),
      keys: z.array(z.string()),
      msg: z.string(),
      ok: z.boolean(),
      error: z.string().optional(),
      verifiedNames: z.array(z.string()).optional(),
      text: z.string().optional(),
    });
    const cases = z.object({ vectors: z.array(Case).min(14) });
    for (const one of cases.parse(read("signed-note/ed25519.json")).vectors) {
      const judged = judge(Buffer.from(one.msg, "base64"), one.keys.map(known));
      const { verdict } = judged ?? {};
      if (one.error === "malformed") expect(judged, one.desc).toBeUndefined();
      else if (one.ok) {
        expect(judged?.note.text, one.desc).toBe(one.text);
        const names = verdict?.kind === "signed" ? verdict.by.map(({ key }) => key.name) : [];
        expect(names, one.desc).toEqual(one.verifiedNames);
      } else expect(verdict?.kind, one.desc).toMatch(/^(unsigned|forged)$/);
    }
  });

  test("ECDSA on P-256: notes and keys of real logs", () => {
    const Note = z.object({ desc: z.string(), key: z.string(), msg: z.string(), ok: z.boolean() });
    const Key = z.object({ desc: z.string(), vkey: z.string(), ok: z.boolean() });
    const File = z.object({ vectors: z.array(Note).min(4), vkeys: z.array(Key).min(7) });
    const file = File.parse(read("signed-note/ecdsa-p256.json"));
    for (const { desc, vkey, ok } of file.vkeys)
      expect(parseVerifierKey(vkey) !== undefined, desc).toBe(ok);
    for (const { desc, key, msg, ok } of file.vectors) {
      const judged = judge(Buffer.from(msg, "base64"), [known(key)]);
      expect(judged?.verdict.kind === "signed", desc).toBe(ok);
    }
  });
});

describe.skipIf(!present)(about("checkpoints"), () => {
  test("K1: valid and malformed; a root that has not 32 bytes is refused, which their parsers leave open", () => {
    const Case = z.object({
      desc: z.string(),
      m: z.string(),
      ok: z.boolean(),
      origin: z.string().optional(),
      size: z.string().optional(),
      hashUtf8: z.string().optional(),
    });
    const cases = z.object({ vectors: z.array(Case).min(13) }).parse(read("checkpoint/parse.json"));
    for (const { desc, m, ok, origin, size } of cases.vectors) {
      const isShortRoot = fromBase64(m.split("\n")[2] ?? "")?.length !== 32;
      const checkpoint = parseCheckpoint(m);
      expect(checkpoint !== undefined, desc).toBe(ok && !isShortRoot);
      if (checkpoint === undefined) continue;
      expect(checkpointText(checkpoint)).toBe(m);
      expect([checkpoint.origin, String(checkpoint.size)]).toEqual([origin, size]);
    }
  });

  test("a real growing log: its sixteen checkpoints are signed, and its entries give their roots", () => {
    const folder = "tlog-tiles/tessera-testdata/";
    const key = known(readText(`${folder}vkey.txt`).trim());
    const bundle = readFileSync(new URL(`${folder}tile/entries/000.p/15`, vectors));
    let range = emptyRange;
    const roots = [hexOf(rootOf(range))];
    for (let at = 0; at < bundle.length; ) {
      const length = bundle.readUInt16BE(at);
      range = withLeaf(range, leafHash(bundle.subarray(at + 2, at + 2 + length)));
      roots.push(hexOf(rootOf(range)));
      at += 2 + length;
    }
    for (let size = 0; size <= 15; size += 1) {
      const name = `${folder}checkpoint${size === 0 ? ".0" : `.${size}`}`;
      const judged = judge(readFileSync(new URL(name, vectors)), [key]);
      expect(judged?.verdict.kind, name).toBe("signed");
      const checkpoint = parseCheckpoint(judged?.note.text ?? "");
      expect(checkpoint?.size).toBe(size);
      expect(hexOf(checkpoint?.root ?? new Uint8Array()), name).toBe(roots[size]);
    }
  });

  test("a mirror's checkpoint carries a cosignature, and its tiles give the root", () => {
    const folder = "tlog-tiles/sunlight-mirror/";
    const { verifier_keys: keys } = z
      .object({ verifier_keys: z.array(z.string()).length(1) })
      .parse(read(`${folder}mirror.v0.json`));
    const key = known(keys[0] ?? "");
    expect(key.type).toBe("cosignature");
    const judged = judge(readFileSync(new URL(`${folder}checkpoint`, vectors)), [key]);
    expect(judged?.verdict).toMatchObject({ kind: "signed", by: [{ time: expect.any(Number) }] });
    const tiles = ["tile/0/000", "tile/0/001.p/44"].map((name) =>
      readFileSync(new URL(`${folder}${name}`, vectors)),
    );
    const leaves = Buffer.concat(tiles);
    let range = emptyRange;
    for (let at = 0; at < leaves.length; at += 32)
      range = withLeaf(range, leaves.subarray(at, at + 32));
    const checkpoint = parseCheckpoint(judged?.note.text ?? "");
    expect([range.size, hexOf(rootOf(range))]).toEqual([
      checkpoint?.size,
      hexOf(checkpoint?.root ?? new Uint8Array()),
    ]);
  });

  test("bundles of a public log: the good ones hold, the bad ones do not", () => {
    const Bundle = z.object({
      name: z.string(),
      expect: z.enum(["ok", "fail"]),
      canonicalizedBody: z.string(),
      inclusionProof: z.object({
        logIndex: z.string(),
        hashes: z.array(z.string()),
        checkpoint: z.object({ envelope: z.string() }),
      }),
      tlogKeys: z.array(z.object({ keyDetails: z.string(), spkiBase64: z.string() })),
    });
    const bundles = z.array(Bundle).min(15).parse(read("rekor/checkpoints.json"));
    for (const { name, expect: wanted, canonicalizedBody, inclusionProof, tlogKeys } of bundles) {
      const note = parseNote(inclusionProof.checkpoint.envelope);
      const checkpoint = parseCheckpoint(note?.text ?? "");
      const origin = checkpoint?.origin.split(" - ")[0] ?? "";
      const keys = tlogKeys.flatMap(({ keyDetails, spkiBase64 }) => {
        const spki = bytesIn(spkiBase64);
        const isEd = keyDetails === "PKIX_ED25519";
        const names = ["log2025-alpha1.rekor.sigstage.dev", "rekor.sigstore.dev"];
        return names.flatMap((one) => {
          const key = verifierKey(one, isEd ? "ed25519" : "ecdsa", isEd ? spki.subarray(12) : spki);
          return key === undefined ? [] : [key];
        });
      });
      const verdict = note === undefined ? undefined : verifyNote(note, keys);
      const isSigned =
        verdict?.kind === "signed" &&
        judgeSignatures(
          { logs: keys, witnesses: [], groups: [], quorum: "none" },
          origin,
          verdict.by,
        ).isSigned;
      const holds =
        checkpoint !== undefined &&
        isSigned &&
        isIncluded(
          checkpoint,
          Number(inclusionProof.logIndex),
          leafHash(bytesIn(canonicalizedBody)),
          inclusionProof.hashes.map(bytesIn),
        );
      expect(holds, name).toBe(wanted === "ok");
    }
  });
});

test.skipIf(!present)(about("proofs as text: the published forms, and the malformed ones"), () => {
  const Good = z.object({
    desc: z.string(),
    index: z.string(),
    hashes: z.array(z.string()),
    checkpoint: z.string(),
    extraUtf8: z.string().optional(),
    want: z.string(),
  });
  const File = z.object({
    marshal: z.array(Good).min(3),
    unmarshalErrors: z.array(z.object({ desc: z.string(), m: z.string() })).min(7),
  });
  const { marshal, unmarshalErrors } = File.parse(read("tlog-proof/format.json"));
  for (const { desc, index, hashes, checkpoint, extraUtf8, want } of marshal) {
    const proof = parseTlogProof(want);
    expect(proof, desc).toEqual({
      index: Number(index),
      hashes: hashes.map(bytesIn),
      checkpoint,
      ...(extraUtf8 === undefined ? {} : { extra: Buffer.from(extraUtf8) }),
    });
    expect(proof === undefined ? "" : tlogProofText(proof), desc).toBe(want);
  }
  for (const { desc, m } of unmarshalErrors) expect(parseTlogProof(m), desc).toBeUndefined();
});

test.skipIf(!present)(about("nine requests to a witness are taken or refused as published"), () => {
  const File = z.object({
    logPublicKeyHex: z.string(),
    requests: z.array(z.object({ bodyBase64: z.string(), status: z.int() })).length(9),
  });
  const { logPublicKeyHex, requests } = File.parse(read("witness/add-checkpoint-sigsum.json"));
  let seen: { size: number; root: Uint8Array } | undefined;
  const origin =
    "sigsum.org/v1/tree/4d6d8825a6bb689d459628312889dfbb0bcd41b5211d9e1ce768b0ff0309e562";
  const key = verifierKey(origin, "ed25519", Buffer.from(logPublicKeyHex, "hex"));
  if (key === undefined) throw new Error("no key");
  const statusOf = (body: string): number => {
    const request = parseAddCheckpoint(body);
    const note = parseNote(request?.checkpoint ?? "");
    const checkpoint = parseCheckpoint(note?.text ?? "");
    if (request === undefined || note === undefined || checkpoint === undefined) return 400;
    if (checkpoint.origin !== origin || verifyNote(note, [key]).kind !== "signed") return 403;
    if (request.oldSize !== (seen?.size ?? 0)) return 409;
    const isNext =
      seen === undefined
        ? request.proof.length === 0
        : isConsistent(seen, checkpoint, request.proof);
    if (!isNext) return 422;
    seen = checkpoint;
    return 200;
  };
  for (const { bodyBase64, status } of requests)
    expect(statusOf(textOf(bytesIn(bodyBase64)) ?? "") === 200).toBe(status === 200);
});

describe.skipIf(!present)(about("signatures"), () => {
  const Case = z.object({ msg: z.string(), sig: z.string(), result: z.string() });

  test("Wycheproof: ECDSA in DER", () => {
    const Group = z.object({ publicKeyDer: z.string(), tests: z.array(Case) });
    const { testGroups } = z
      .object({ testGroups: z.array(Group).min(1) })
      .parse(read("signatures/wycheproof/ecdsa_secp256r1_sha256_test.json"));
    let checked = 0;
    for (const { publicKeyDer, tests } of testGroups) {
      const check = p256Check(Buffer.from(publicKeyDer, "hex"));
      for (const { msg, sig, result } of tests) {
        const valid = check?.(Buffer.from(msg, "hex"), Buffer.from(sig, "hex"));
        expect(valid, sig).toBe(result === "valid");
        checked += 1;
      }
    }
    expect(checked).toBe(484);
  });

  test("Wycheproof: Ed25519", () => {
    const Group = z.object({ publicKey: z.object({ pk: z.string() }), tests: z.array(Case) });
    const { testGroups } = z
      .object({ testGroups: z.array(Group).min(1) })
      .parse(read("signatures/wycheproof/ed25519_test.json"));
    for (const { publicKey, tests } of testGroups) {
      const check = ed25519Check(Buffer.from(publicKey.pk, "hex"));
      for (const { msg, sig, result } of tests)
        expect(check?.(Buffer.from(msg, "hex"), Buffer.from(sig, "hex")), sig).toBe(
          result === "valid",
        );
    }
  });

  test("CCTV: which unusual Ed25519 keys and signatures are taken is decided, and stays so", () => {
    const Odd = z.object({
      key: z.string(),
      sig: z.string(),
      msg: z.string(),
      flags: z.array(z.string()).nullable(),
    });
    const cases = z.array(Odd).length(914).parse(read("signatures/cctv/ed25519vectors.json"));
    const taken = new Set<string>();
    const refused = new Set<string>();
    for (const { key, sig, msg, flags } of cases) {
      const check = ed25519Check(Buffer.from(key, "hex"));
      const valid = check?.(Buffer.from(msg), Buffer.from(sig, "hex")) === true;
      (valid ? taken : refused).add([...(flags ?? [])].toSorted().join(" "));
    }
    expect({ taken: [...taken].toSorted(), refused: refused.size }).toMatchInlineSnapshot(`
      {
        "refused": 63,
        "taken": [
          "",
          "low_order_component_A",
          "low_order_component_A low_order_component_R",
        ],
      }
    `);
  });

  test("a key in another form than its one DER is none", () => {
    const der = bytesIn(
      "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE2G2Y+2tabdTV5BcGiBIx0a9fAFwrkBbmLSGtks4L3qX6yYY0zufBnhC8Ur/iy55GhWP/9A/bY2LhC30M9+RYtw==",
    );
    expect(p256Check(der)).toBeDefined();
    expect(p256Check(Buffer.concat([der, Buffer.of(0)]))).toBeUndefined();
    expect(p256Check(der.subarray(1))).toBeUndefined();
    expect(ed25519Check(der)).toBeUndefined();
  });
});
