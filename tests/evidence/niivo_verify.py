#!/usr/bin/env python3
"""A second verifier of NIIVO evidence bundles, written from docs/evidence-format.md alone.

Plain Python 3.9 or newer, standard library only. It shares no line with the first one, so a mistake in either shows
as a difference. It judges bytes, links, roots, signatures, completeness and freshness; not conduct, not values.

    python3 niivo_verify.py BUNDLE --policy policy.txt [--since NOTE] [--at TIME] [--max-age MINUTES]

Exit codes: 0 in order, 10 newest entries unattested, 20 incomplete or stale, 30 forked, 40 altered, 50 unverifiable.
"""
import argparse, base64, binascii, datetime, hashlib, json, os, re, sys

sha256 = lambda data: hashlib.sha256(data).digest()

# signatures
P = 2**256 - 2**224 + 2**192 + 2**96 - 1
N = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
B = 0x5AC635D8AA3A93E7B3EBBD55769886BC651D06B0CC53B0F63BCE3C3E27D2604B
G = (0x6B17D1F2E12C4247F8BCE6E563A440F277037D812DEB33A0F4A13945D898C296,
     0x4FE342E2FE1A7F9B8EE7EB4A7C0F9E162BCE33576B315ECECBB6406837BF51F5)

def p256_add(a, b):
    if a is None or b is None: return a or b
    (x1, y1), (x2, y2) = a, b
    if x1 == x2 and (y1 + y2) % P == 0: return None
    m = (3 * x1 * x1 - 3) * pow(2 * y1, -1, P) if a == b else (y2 - y1) * pow(x2 - x1, -1, P)
    x3 = (m * m - x1 - x2) % P
    return x3, (m * (x1 - x3) - y1) % P

def multiply(add, point, times, result):
    while times:
        result = add(result, point) if times & 1 else result
        point, times = add(point, point), times >> 1
    return result

def der_integers(der):
    """r and s of an ASN.1 DER signature, in its one form, or None."""
    if len(der) < 8 or der[0] != 0x30 or der[1] != len(der) - 2 or der[1] > 127: return None
    numbers, rest = [], der[2:]
    for _ in range(2):
        if len(rest) < 3 or rest[0] != 2 or not 0 < rest[1] <= len(rest) - 2: return None
        digits, rest = rest[2:2 + rest[1]], rest[2 + rest[1]:]
        if digits[0] > 127 or (len(digits) > 1 and digits[0] == 0 and digits[1] < 128): return None
        numbers.append(int.from_bytes(digits, "big"))
    return numbers if not rest else None

SPKI = bytes.fromhex("3059301306072a8648ce3d020106082a8648ce3d03010703420004")

def p256_verify(spki, message, signature):
    numbers = der_integers(signature)
    if numbers is None or len(spki) != 91 or spki[:27] != SPKI: return False
    (r, s), x, y = numbers, int.from_bytes(spki[27:59], "big"), int.from_bytes(spki[59:], "big")
    if not (0 < r < N and 0 < s < N and x < P and y < P and (y * y - x**3 + 3 * x - B) % P == 0): return False
    w, e = pow(s, -1, N), int.from_bytes(sha256(message), "big")
    point = p256_add(multiply(p256_add, G, e * w % N, None), multiply(p256_add, (x, y), r * w % N, None))
    return point is not None and point[0] % N == r

Q, L = 2**255 - 19, 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, -1, Q) % Q

def ed_add(a, b):
    (x1, y1), (x2, y2) = a, b
    k = D * x1 * x2 * y1 * y2
    return ((x1 * y2 + x2 * y1) * pow(1 + k, -1, Q) % Q, (y1 * y2 + x1 * x2) * pow(1 - k, -1, Q) % Q)

def ed_point(data):
    y = int.from_bytes(data, "little") & (2**255 - 1)
    xx = (y * y - 1) * pow(D * y * y + 1, -1, Q) % Q
    x = pow(xx, (Q + 3) // 8, Q)
    if (x * x - xx) % Q: x = x * pow(2, (Q - 1) // 4, Q) % Q
    if (x * x - xx) % Q or y >= Q: return None
    return (Q - x if x & 1 != data[31] >> 7 else x), y

def ed25519_verify(key, message, signature):
    if len(signature) != 64 or len(key) != 32: return False
    a, r, s = ed_point(key), ed_point(signature[:32]), int.from_bytes(signature[32:], "little")
    if a is None or r is None or s >= L: return False
    h = int.from_bytes(hashlib.sha512(signature[:32] + key + message).digest(), "little") % L
    base = ed_point(bytes([0x58] + [0x66] * 31))
    return multiply(ed_add, base, s, (0, 1)) == ed_add(r, multiply(ed_add, a, h, (0, 1)))

# text forms
def unbase64(text):
    try: data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError): return None
    return data if base64.b64encode(data).decode() == text else None

class Key:
    """A verifier key: NAME+ID+BASE64(type byte and key)."""
    def __init__(self, text):
        self.text, (self.name, self.id, encoded) = text, text.split("+", 2)
        data = unbase64(encoded) or b"\0"
        self.type, self.data = data[0], data[1:]
        named = self.data if self.type == 2 else self.name.encode() + b"\n" + data
        if self.type not in (1, 2, 4) or sha256(named)[:4].hex() != self.id:
            raise ValueError("not a key: " + text)
    def verify(self, text, signature):
        if self.type == 2: return p256_verify(self.data, text, signature)
        if self.type == 4:
            time = int.from_bytes(signature[:8], "big")
            text, signature = b"cosignature/v1\ntime %d\n" % time + text, signature[8:]
        return ed25519_verify(self.data, text, signature)

class Policy:
    def __init__(self, text):
        self.logs, self.witnesses, self.groups, self.quorum = [], {}, [], None
        for line in text.split("\n"):
            words = line.split()
            if not words or words[0].startswith("#"): continue
            if words[0] == "log": self.logs.append(Key(words[1]))
            elif words[0] == "witness": self.witnesses[words[1]] = Key(words[2])
            elif words[0] == "group":
                count = {"all": len(words) - 3, "any": 1}.get(words[2]) or int(words[2])
                self.groups.append((words[1], count, words[3:]))
            elif words[0] == "quorum" and self.quorum is None: self.quorum = words[1]
            else: raise ValueError("policy line: " + line)
        if self.quorum is None: raise ValueError("no quorum")
    def fulfilled(self, signers):
        names = {name for name, key in self.witnesses.items() if key.text in signers}
        for name, count, members in self.groups:
            names |= {name} if len(names & set(members)) >= count else set()
        return self.quorum == "none" or self.quorum in names

class Checkpoint:
    """A signed note whose text is a checkpoint."""
    def __init__(self, message, trusted=False):
        self.message, self.trusted = message, trusted
        text, _, lines = message.rpartition("\n\n")
        self.text = (text + "\n").encode()
        self.origin, size, root = text.split("\n")
        self.size, self.root = int(size), unbase64(root)
        if str(self.size) != size or self.root is None or len(self.root) != 32 or not lines.endswith("\n"):
            raise ValueError("not a checkpoint")
        self.lines = []
        for line in lines[:-1].split("\n"):
            dash, name, encoded = line.split(" ")
            data = unbase64(encoded)
            if dash != "\u2014" or data is None or len(data) < 5: raise ValueError("not a signature line")
            self.lines.append((name, data[:4].hex(), data[4:]))
    def signers(self, keys):
        """The texts of the keys that signed; None where a known key's signature does not verify."""
        found = set()
        for name, key_id, signature in self.lines:
            for key in keys:
                if (key.name, key.id) == (name, key_id):
                    if not key.verify(self.text, signature): return None
                    found.add(key.text)
        return found

# the tree
def grow(hashes, size, leaf):
    while size & 1: leaf, size = sha256(b"\1" + hashes.pop() + leaf), size >> 1
    hashes.append(leaf)

def root_of(hashes):
    root = hashes[-1] if hashes else sha256(b"")
    for left in reversed(hashes[:-1]): root = sha256(b"\1" + left + root)
    return root

# entries
NEEDED = {"v", "chain", "seq", "prev", "writer", "type", "occurredAt", "sealedAt", "actor", "detail"}
ALLOWED = NEEDED | {"event", "ticket", "action", "outcome", "gap", "commit"}
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")

def canonical(value):
    """RFC 8785 for values without fractions: names in the order of their UTF-16 units."""
    if isinstance(value, dict):
        names = sorted(value, key=lambda name: name.encode("utf-16-be"))
        return "{" + ",".join(canonical(name) + ":" + canonical(value[name]) for name in names) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(canonical, value)) + "]"
    return json.dumps(value, ensure_ascii=False, allow_nan=False)

def read_entry(line):
    """The entry of these bytes, or None where they are not the canonical bytes of one."""
    try:
        entry = json.loads(line.decode())
        if len(line) > 65535 or not isinstance(entry, dict) or canonical(entry).encode() != line:
            return None
    except (ValueError, RecursionError): return None
    good = (NEEDED <= entry.keys() <= ALLOWED and entry["v"] == "audit-entry/1"
            and type(entry["seq"]) is int and type(entry["writer"]) is int and entry["writer"] > 0
            and all(isinstance(entry[name], str) and TIME.fullmatch(entry[name]) for name in ("occurredAt", "sealedAt"))
            and all(re.fullmatch("[0-9a-f]{64}", str(entry[name])) for name in ("chain", "prev"))
            and isinstance(entry["detail"], dict)
            and all(type(one) in (str, int, bool) and abs(len(str(one))) <= 300 for one in entry["detail"].values()))
    return entry if good else None

def genesis_fits(entry):
    nonce = entry["detail"].get("nonce", "")
    return (entry["type"] == "chain.genesis" and entry["prev"] == entry["chain"]
            and re.fullmatch("[0-9a-f]{64}", nonce) is not None
            and sha256(b"audit-chain/1" + bytes.fromhex(nonce)).hex() == entry["chain"])

def verify(folder, policy, since, now, max_age):
    read = lambda name: open(os.path.join(folder, name), "rb").read()
    manifest = json.loads(read("manifest.json"))
    if (manifest["v"], manifest["scope"]["kind"]) != ("audit-bundle/1", "chain") or "pruned.jsonl" in manifest["files"]:
        raise ValueError("not the whole bundle of a chain")
    first = seq = manifest["scope"]["from"]
    hashes = [bytes.fromhex(one) for one in manifest["scope"]["range"]]
    if len(hashes) != bin(first).count("1"): raise ValueError("the range does not fit")
    altered, incomplete, keys = [], [], []
    notes, prev, chain, sealed_at, counters = [Checkpoint(note, True) for note in since], None, None, {}, {}
    path = os.path.join(folder, "checkpoints")
    names = ["checkpoints/" + name for name in sorted(os.listdir(path))] if os.path.isdir(path) else []
    for name in names:
        try: notes.append(Checkpoint(read(name).decode()))
        except ValueError: incomplete.append(name + " is no checkpoint")
    sizes = {note.size for note in notes}
    roots = {seq: root_of(hashes)}
    for line in open(os.path.join(folder, "entries.jsonl"), "rb"):
        entry = read_entry(line[:-1]) if line.endswith(b"\n") else None
        leaf = sha256(b"\0" + line.rstrip(b"\n"))
        if entry is None: altered.append("%d: is no entry" % seq)
        else:
            chain = chain or entry["chain"]
            if entry["seq"] != seq or entry["chain"] != chain:
                altered.append("%d: says it is %s" % (seq, entry["seq"]))
            elif (seq == 0 and not genesis_fits(entry)) or (prev is not None and entry["prev"] != prev):
                altered.append("%d: link" % seq)
            if entry["type"] in ("key.rotate", "key.retired") and "event" not in entry:
                keys.append((seq, entry["detail"].get("vkey"), entry["detail"].get("replaces")))
            if "event" in entry:
                name = entry["event"]["source"] + "/" + entry["event"]["key"]
                counters.setdefault(name, set()).add(entry["event"]["sequence"])
            sealed_at[seq + 1] = entry["sealedAt"]
        grow(hashes, seq, leaf)
        prev, seq = leaf.hex(), seq + 1
        if seq in sizes: roots[seq] = root_of(hashes)
    for name, seen in counters.items():
        if first == 0 and len(seen) != max(seen): incomplete.append("messages are missing: " + name)
    if manifest["entries"] != seq - first or (chain and manifest["chain"] != chain):
        altered.append("the manifest says otherwise")
    for name, digest in manifest["files"].items():
        if name.startswith(("entries", "checkpoints/")) and (
                not os.path.exists(os.path.join(folder, name)) or sha256(read(name)).hex() != digest):
            altered.append(name + " is not the file that the manifest names")
    if any(name not in manifest["files"] for name in names + ["entries.jsonl"]):
        altered.append("a file that the manifest does not name")
    if first > max([0] + [note.size for note in notes if note.trusted]):
        altered.append("a gap before %d" % first)
    return judge(policy, notes, keys, chain, seq, roots, sealed_at, altered, incomplete, now, max_age)

def judge(policy, notes, keys, chain, size, roots, sealed_at, altered, incomplete, now, max_age):
    logs = [key for key in policy.logs if chain and key.name.endswith("/" + chain)]
    trusted, accepted, witnessed, broken, fork = {key.text for key in logs}, [], 0, bool(altered), False
    covers = lambda note, at: at < note.size <= size and (broken or roots.get(note.size, note.root) == note.root)
    for at, vkey, replaces in reversed(keys):
        if replaces and vkey in trusted and any(covers(n, at) and n.signers([Key(vkey)]) for n in notes): trusted.add(replaces)
    known = {key.text: key for key in logs + list(policy.witnesses.values())}
    known.update({text: Key(text) for _, vkey, replaces in keys for text in (vkey, replaces) if text})
    for note in sorted(notes, key=lambda one: one.size):
        signers = note.signers(known.values())
        if signers is None:
            altered.append("the signature at %d does not verify" % note.size)
            continue
        retired = {vkey for at, vkey, replaces in keys if not replaces and at < note.size}
        good = {one for one in (signers & trusted) - retired if known[one].name == note.origin}
        if not good and not note.trusted:
            incomplete.append("the checkpoint at %d is signed by no key of this chain" % note.size)
            continue
        trusted |= {vkey for at, vkey, replaces in keys if replaces in trusted and covers(note, at)}
        accepted.append(note)
        if policy.fulfilled(signers) and roots.get(note.size) == note.root: witnessed = note.size
    fits = lambda note: roots.get(note.size) == note.root
    for note in accepted:
        fork |= any(other.size == note.size and other.root != note.root for other in accepted)
        if not broken and note.size in roots and not fits(note):
            fork |= any(other.size >= note.size and fits(other) for other in accepted)
            altered.append("the entries do not give the root signed at %d" % note.size)
        if note.size > size: incomplete.append("truncated: %d attested, %d found" % (note.size, size))
    newest = sealed_at.get(max([note.size for note in accepted if fits(note)] + [0]))
    parse = lambda text: datetime.datetime.fromisoformat(text.replace("Z", "+00:00"))
    if newest and (parse(now) - parse(newest)).total_seconds() > max_age * 60:
        incomplete.append("stale: the newest checkpoint is of " + newest)
    print("\n".join(altered + incomplete))
    if fork or altered: return 30 if fork else 40
    if not size or not witnessed: return 50
    return 20 if incomplete else 10 if witnessed < size else 0

if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Verifies a NIIVO evidence bundle.")
    parser.add_argument("bundle")
    parser.add_argument("--policy", required=True)
    parser.add_argument("--since", action="append", default=[])
    parser.add_argument("--at", default=datetime.datetime.now(datetime.timezone.utc).isoformat())
    parser.add_argument("--max-age", type=float, default=60)
    args = parser.parse_args()
    try:
        since = [open(name, encoding="utf-8").read() for name in args.since]
        policy = Policy(open(args.policy, encoding="utf-8").read())
        code = verify(args.bundle, policy, since, args.at, args.max_age)
    except (OSError, ValueError, KeyError, TypeError, IndexError) as problem:
        print("cannot be verified:", problem)
        code = 50
    print("exit code", code)
    sys.exit(code)
