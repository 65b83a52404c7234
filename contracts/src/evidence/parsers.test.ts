// Every reader of the evidence format takes exactly one form of a thing, and never throws.

import { generateKeyPairSync, type KeyObject, sign } from "node:crypto";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { addCheckpointText, parseAddCheckpoint } from "./add-checkpoint.ts";
import { bytesOf, fromBase64, fromDecimal, fromHex, textOf } from "./bytes.ts";
import { checkpointText, originOf, parseCheckpoint } from "./checkpoint.ts";
import { derOf, rawOf } from "./ecdsa-form.ts";
import {
  cosignature,
  cosignedText,
  noteSignaturesMax,
  noteText,
  parseNote,
  parseSignatureLine,
  verifyNote,
} from "./note.ts";
import { judgeSignatures, parsePolicy, policyKeys } from "./signing-policy.ts";
import { parseTlogProof, tlogProofText } from "./tlog-proof.ts";
import { leafHash } from "./tree.ts";
import { type KeyType, parseVerifierKey, type VerifierKey, verifierKey } from "./verifier-key.ts";

const root = leafHash(bytesOf("one"));
const origin = originOf("audit.example", "7f".repeat(32));
const text = checkpointText({ origin, size: 7, root, extensions: [] });

interface Signer {
  readonly key: VerifierKey;
  readonly privateKey: KeyObject;
}

function signer(name: string, type: KeyType): Signer {
  const { publicKey, privateKey } =
    type === "ecdsa"
      ? generateKeyPairSync("ec", { namedCurve: "P-256" })
      : generateKeyPairSync("ed25519");
  const der = publicKey.export({ format: "der", type: "spki" });
  const key = verifierKey(name, type, type === "ecdsa" ? der : der.subarray(12));
  if (key === undefined) throw new Error("no key");
  return { key, privateKey };
}

const lineOf = ({ key, privateKey }: Signer, signed: string, time = 1_800_000_000) => {
  const { name, keyId, type } = key;
  const message = bytesOf(type === "cosignature" ? cosignedText(signed, time) : signed);
  const signature = sign(type === "ecdsa" ? "sha256" : null, message, privateKey);
  return {
    name,
    keyId,
    signature: type === "cosignature" ? cosignature(time, signature) : signature,
  };
};

const vault = signer(origin, "ecdsa");
const second = signer(origin, "ed25519");
const witnesses = ["w1", "w2", "w3"].map((name) => signer(`${name}.example`, "cosignature"));
const stranger = signer(origin, "ed25519");
const noteBy = (...signers: readonly Signer[]) => ({
  text,
  signatures: signers.map((one) => lineOf(one, text)),
});

describe("traps of JavaScript's own readers", () => {
  test("a number has one form", () => {
    for (const wrong of [
      "",
      "0x10",
      " 5 ",
      "007",
      "+1",
      "-1",
      "1e3",
      "1.0",
      "٣",
      "9007199254740993",
    ])
      expect(fromDecimal(wrong), wrong).toBeUndefined();
    for (const right of [0, 7, 123_456_789_012, Number.MAX_SAFE_INTEGER])
      expect(fromDecimal(String(right))).toBe(right);
  });

  test("base64 and hexadecimal have one form", () => {
    for (const wrong of ["QR==", "QQ", "QQ=", "QQ== ", "Q Q==", "QQ==\n", "_-8=", "!!!!", "QQ===="])
      expect(fromBase64(wrong), wrong).toBeUndefined();
    expect(fromBase64("QQ==")).toEqual(Buffer.from("A"));
    for (const wrong of ["4G", "4", "41 ", "4A", "0x"]) expect(fromHex(wrong, 1)).toBeUndefined();
    expect(fromHex("41", 1)).toEqual(Buffer.from("A"));
  });

  test("bytes that are no UTF-8 have no text, and a byte order mark stays", () => {
    expect(textOf(Buffer.of(0xff))).toBeUndefined();
    expect(textOf(Buffer.from("\ufeffx"))).toBe("\ufeffx");
  });
});

describe("notes", () => {
  test("N1: a note is read and written with the same characters", () => {
    const message = noteText(noteBy(vault, second, ...witnesses));
    const note = parseNote(message);
    expect(note === undefined ? "" : noteText(note)).toBe(message);
  });

  test("N1: any change of one character is another note or none, and none of the same signatures", () => {
    const message = noteText(noteBy(vault, second));
    const keys = [vault.key, second.key];
    for (let at = 0; at < message.length; at += 1) {
      const changed = `${message.slice(0, at)}${message[at] === "A" ? "B" : "A"}${message.slice(at + 1)}`;
      const note = parseNote(changed);
      const verdict = note === undefined ? undefined : verifyNote(note, keys);
      const count = verdict?.kind === "signed" ? verdict.by.length : 0;
      expect(count, `character ${at}`).toBeLessThan(2);
    }
  });

  test("N2: unknown lines are ignored, a forged line of a known key spoils the note, doubles count once", () => {
    const keys = [vault.key, second.key];
    expect(verifyNote(noteBy(vault, stranger), keys)).toEqual({
      kind: "signed",
      by: [{ key: vault.key }],
    });
    expect(verifyNote(noteBy(stranger), keys)).toEqual({ kind: "unsigned" });
    const { signatures } = noteBy(vault, second);
    const forged = { ...signatures[1]!, signature: Buffer.alloc(64) };
    expect(verifyNote({ text, signatures: [signatures[0]!, forged] }, keys)).toEqual({
      kind: "forged",
      key: second.key,
    });
    const twice = verifyNote(noteBy(vault, vault), keys);
    expect(twice.kind === "signed" ? twice.by.length : 0).toBe(1);
  });

  test("N2: a cosignature binds its time, and a plain signature under a witness's key is none", () => {
    const [witness] = witnesses;
    const line = lineOf(witness!, text, 5);
    expect(verifyNote({ text, signatures: [line] }, [witness!.key])).toEqual({
      kind: "signed",
      by: [{ key: witness!.key, time: 5 }],
    });
    const moved = cosignature(6, line.signature.subarray(8));
    const plain = sign(null, bytesOf(text), witness!.privateKey);
    for (const signature of [moved, plain, line.signature.subarray(8), Buffer.alloc(4)])
      expect(verifyNote({ text, signatures: [{ ...line, signature }] }, [witness!.key]).kind).toBe(
        "forged",
      );
  });

  test("limits: too many lines, too long a note, a lone surrogate, a tab", () => {
    const [line] = noteBy(vault).signatures;
    const many = Array.from({ length: noteSignaturesMax + 1 }, () => line!);
    expect(parseNote(noteText({ text, signatures: many }))).toBeUndefined();
    expect(parseNote(noteText({ text, signatures: many.slice(1) }))).toBeDefined();
    for (const odd of ["x".repeat(70_000), "\ud800", "a\tb", "a\u0000b", "a\rb"])
      expect(parseNote(noteText({ text: `${odd}\n`, signatures: [line!] })), odd).toBeUndefined();
    expect(parseSignatureLine("— a b c")).toBeUndefined();
  });
});

test("K1: a checkpoint has one text", () => {
  for (const wrong of [
    text.slice(0, -1),
    `${text}\n`,
    text.replace("\n7\n", "\n07\n"),
    text.replace("\n7\n", "\n7 \n"),
    text.replace("\n7\n", "\n9007199254740993\n"),
    text.replace("=\n", "\n"),
    `\n${text}`,
  ])
    expect(parseCheckpoint(wrong), JSON.stringify(wrong)).toBeUndefined();
});

describe("policy", () => {
  const named = witnesses.map(({ key }, index) => `witness w${index + 1} ${key.vkey}`);
  const policyText = [
    "# the auditor's own file",
    `log ${vault.key.vkey}`,
    ...named,
    "group two 2 w1 w2",
    "group all-of all two w3",
    "quorum two",
    "",
  ].join("\n");
  const policyIn = (file: string) => {
    const parsed = parsePolicy(file);
    if (parsed.kind !== "policy") throw new Error(`line ${parsed.line}: ${parsed.reason}`);
    return parsed.policy;
  };
  const judge = (file: string, ...signers: readonly Signer[]) => {
    const policy = policyIn(file);
    const verdict = verifyNote(noteBy(...signers), policyKeys(policy));
    return judgeSignatures(policy, origin, verdict.kind === "signed" ? verdict.by : []);
  };
  const [w1, w2, w3] = witnesses as [Signer, Signer, Signer];

  test("Q1: the log's signature and the quorum are both needed, and each key counts once", () => {
    expect(judge(policyText, vault, w1, w2)).toMatchObject({ isSigned: true, isWitnessed: true });
    expect(judge(policyText, vault, w1, w1)).toMatchObject({ isSigned: true, isWitnessed: false });
    expect(judge(policyText, vault, w1, w3)).toMatchObject({ isSigned: true, isWitnessed: false });
    expect(judge(policyText, w1, w2)).toMatchObject({ isSigned: false, isWitnessed: true });
    expect(judge(policyText, second, w1, w2)).toMatchObject({ isSigned: false });
    const all = policyText.replace("quorum two", "quorum all-of");
    expect(judge(all, vault, w1, w2)).toMatchObject({ isWitnessed: false });
    expect(judge(all, vault, w1, w2, w3)).toMatchObject({ isWitnessed: true });
    expect(judge(policyText.replace("quorum two", "quorum none"), vault)).toMatchObject({
      isSigned: true,
      isWitnessed: true,
    });
  });

  test("Q1: a log's key counts only for the origin of its name", () => {
    const policy = policyIn(policyText);
    const by = [{ key: vault.key }];
    expect(judgeSignatures(policy, `${origin}0`, by).isSigned).toBe(false);
  });

  test("Q2: a file with anything not understood is no policy", () => {
    for (const [from, to] of [
      ["quorum two", ""],
      ["quorum two", "quorum two\nquorum w1"],
      ["quorum two", "quorum nobody"],
      ["group two 2", "group two 3"],
      ["group two 2", "group two 0"],
      ["group two 2", "group two 02"],
      ["group two 2 w1 w2", "group two 2 w1 w1"],
      ["all two w3", "all two w1"],
      ["group all-of", "group two"],
      ["group two", "group none"],
      ["log ", "logs "],
      [vault.key.vkey, `${vault.key.vkey}A`],
      [vault.key.vkey, w1.key.vkey],
      ["witness w2", "witness w1"],
      [w2.key.vkey, w1.key.vkey],
      ["# the", "\u0001# the"],
    ] as const)
      expect(parsePolicy(policyText.replace(from, to)).kind, `${from} → ${to}`).toBe("refused");
  });
});

test("an ECDSA signature has the same two forms as OpenSSL gives it", () => {
  const { privateKey } = vault;
  for (let count = 0; count < 200; count += 1) {
    const raw = sign("sha256", bytesOf(`${count}`), { key: privateKey, dsaEncoding: "ieee-p1363" });
    const der = derOf(raw)!;
    expect(vault.key.signs(bytesOf(`${count}`), der)).toBe(true);
    expect(rawOf(der)).toEqual(raw);
    expect(rawOf(Buffer.concat([der, Buffer.of(0)]))).toBeUndefined();
  }
  expect(derOf(Buffer.alloc(63))).toBeUndefined();
});

test("a key's text has one form, and none with another id, type or name", () => {
  for (const { key } of [vault, second, ...witnesses]) {
    expect(parseVerifierKey(key.vkey)?.vkey).toBe(key.vkey);
    const [name, id, ...rest] = key.vkey.split("+");
    for (const wrong of [
      `${name}+${id?.toUpperCase()}0+${rest.join("+")}`,
      `${name}+00000000+${rest.join("+")}`,
      `+${id}+${rest.join("+")}`,
      `${key.vkey}=`,
      ` ${key.vkey}`,
      `${name}+${id}`,
    ])
      expect(parseVerifierKey(wrong), wrong).toBeUndefined();
  }
  for (const name of ["", "a b", "a+b", "a\u00a0b", "a\u0085b"])
    expect(verifierKey(name, "ed25519", second.key.publicKey)).toBeUndefined();
});

test("whatever is read without complaint is written again with the same characters", () => {
  const proof = { index: 3, hashes: [root, root], checkpoint: noteText(noteBy(vault)) };
  const seeds = [
    noteText(noteBy(vault, second)),
    text,
    tlogProofText({ ...proof, extra: Buffer.from("more") }),
    addCheckpointText({ oldSize: 3, proof: [root], checkpoint: proof.checkpoint }),
    vault.key.vkey,
  ];
  const readers: readonly ((one: string) => string | undefined)[] = [
    (one) => {
      const note = parseNote(one);
      return note && noteText(note);
    },
    (one) => {
      const checkpoint = parseCheckpoint(one);
      return checkpoint && checkpointText(checkpoint);
    },
    (one) => {
      const read = parseTlogProof(one);
      return read && tlogProofText(read);
    },
    (one) => {
      const read = parseAddCheckpoint(one);
      return read && addCheckpointText(read);
    },
    (one) => parseVerifierKey(one)?.vkey,
  ];
  for (const [index, seed] of seeds.entries()) expect(readers[index]?.(seed)).toBe(seed);
  const piece = fc.oneof(
    fc.constantFrom(
      "\n",
      "\n\n",
      " ",
      "—",
      "+",
      "=",
      "0",
      "-",
      "\ufeff",
      "\u0000",
      "\ud800",
      "extra ",
    ),
    fc.string({ maxLength: 5 }),
  );
  fc.assert(
    fc.property(
      fc.constantFrom(...seeds),
      fc.nat(),
      fc.nat({ max: 9 }),
      piece,
      (seed, at, cut, put) => {
        const place = at % (seed.length + 1);
        const odd = seed.slice(0, place) + put + seed.slice(place + cut);
        for (const read of readers) {
          const again = read(odd);
          if (again !== undefined) expect(again).toBe(odd);
        }
        expect(parsePolicy(odd).kind).toMatch(/^(policy|refused)$/);
      },
    ),
    { numRuns: 2000 },
  );
});
