#!/usr/bin/env python3
"""Verifies an archive in a folder by docs/MANIFESTS.md: verify.py FOLDER [--key PUBLIC.pem|der]... [--root SHA256]

Prints JSON; exits with 1 where anything was changed, removed or added. Signatures need the program `openssl`."""
import argparse, base64, datetime, hashlib, json, pathlib, subprocess, sys, tempfile

def sha256(data): return hashlib.sha256(data).hexdigest()
def moment(text): return datetime.datetime.fromisoformat(text[:19] + "+00:00").timestamp()
def manifest_key(entry): return f"manifests/v1/{entry['group']}/{entry['sha256']}.jsonl"

def group_of(key):
    *folders, _ = segments = key.split("/")
    for begin in ("date=", "kind="):
        for at, folder in enumerate(folders):
            if folder.startswith(begin):
                return "/".join(folders[: at + 1]) + ("" if begin == "date=" else f"/id={segments[at + 1][:3]}")
    return "/".join(folders)

def revision_of(key, hash):
    if key.startswith(("revisions/", "erasures/")) or not key.endswith(".json"):
        return None
    return f"revisions/{key.removeprefix('reports/').removesuffix('.json')}/{hash}.json"

def is_signed(keys, signed, signature):
    with tempfile.TemporaryDirectory() as folder:
        files = [pathlib.Path(folder, name) for name in ("signed", "signature")]
        files[0].write_bytes(signed), files[1].write_bytes(base64.b64decode(signature))
        check = ["openssl", "dgst", "-sha256", "-signature", files[1]]
        form = lambda key: ["-keyform", "PEM" if key.read_bytes().startswith(b"-----") else "DER"]
        return any(subprocess.run([*check, *form(key), "-verify", key, files[0]], capture_output=True).returncode == 0 for key in keys)

def verify(archive, keys, noted):
    found, groups, began, signed_before, number, previous, kept_from = set(), {}, None, False, 0, None, float("-inf")
    listed = lambda below: sorted(path.relative_to(archive).as_posix() for path in (archive / below).rglob("*")
                                  if path.is_file() and not any(part.startswith(".") for part in path.relative_to(archive).parts))
    roots = {key: (archive / key).read_bytes() for key in listed("manifests/v1/roots")}
    if not roots or (noted and noted not in map(sha256, roots.values())):
        found.add(("root", "manifests/v1/roots/"))
    for key, text in roots.items():
        number, before, previous = number + 1, previous, sha256(text)
        try:
            head, *entries, last = map(json.loads, text.decode().rstrip("\n").split("\n"))
            chained = (head["root"], key, head["previous"]) == (number, f"manifests/v1/roots/{number:08}.jsonl", before)
            number, began = head["root"], head["walkBegan"] or began
            kept_from = max(kept_from, moment(head["expiredBefore"])) if head.get("expiredBefore") else kept_from
            for entry in entries:
                groups.setdefault(entry["group"], []).append(entry)
        except (ValueError, KeyError, TypeError):
            found.add(("root", key))
            continue
        if not chained:
            found.add(("root", key))
        signature, signed_before = last["signature"], signed_before or last["signature"] is not None
        if keys and (signed_before or key == list(roots)[-1]):
            if not signature or not is_signed(keys, text[: text.rstrip(b"\n").rfind(b"\n") + 1], signature):
                found.add(("signature", key))
    unknown, lines, expected, archived = set(), {}, {}, {}
    for group, entries in groups.items():
        try:
            text = (archive / manifest_key(entries[-1])).read_bytes()
            read = [json.loads(line) for line in text.splitlines()]
            assert len(text) == entries[-1]["sizeBytes"] and sha256(text) == entries[-1]["sha256"]
            assert all(group_of(line["key"]) == group for line in read)
        except (OSError, ValueError, AssertionError):
            found.add(("manifest", manifest_key(entries[-1])))
            unknown.add(group)
            continue
        found |= {("manifest", manifest_key(e)) for e in entries if sha256(text[: e["sizeBytes"]]) != e["sha256"]}
        for line in read:
            lines.setdefault(line["key"], []).append(line)
    for key, versions in lines.items():
        erased = [at for at, line in enumerate(versions) if line.get("erasure")]
        found |= {("erased", key)} if erased else set()
        versions = versions[erased[-1] :] if erased else versions
        hash = versions[-1]["sha256"]
        if hash:
            expected[key], archived[key] = hash, moment(versions[-1]["archivedAt"])
            for former in {line["sha256"] for line in versions} - {hash, None}:
                revision = revision_of(key, former)
                if revision is None:
                    found.add(("changed", key))
                elif revision not in lines and group_of(revision) not in unknown:
                    expected[revision], archived[revision] = former, archived[key]
    records = {line["erasure"] for versions in lines.values() for line in versions if line.get("erasure")}
    intact, there = 0, [key for below in ("erasures", "events", "registrations", "reports", "revisions", "sessions") for key in listed(below)]
    for key in there:
        if key in expected:
            is_same = sha256((archive / key).read_bytes()) == expected[key]
            intact, found = intact + is_same, found if is_same else found | {("changed", key)}
        elif group_of(key) not in unknown:
            is_old = began and moment(began) - (archive / key).stat().st_mtime > 3600
            found.add(("added" if is_old else "pending", key))
    has_expired = lambda key: not key.startswith("erasures/") and archived.get(key, kept_from) < kept_from
    return intact, found | {("expired" if has_expired(key) else "removed", key) for key in (expected.keys() | records) - set(there)}

if __name__ == "__main__":
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("folder", type=pathlib.Path)
    options.add_argument("--key", type=pathlib.Path, action="append", default=[])
    options.add_argument("--root")
    options = options.parse_args()
    intact, found = verify(options.folder, options.key, options.root)
    is_intact = all(what in ("pending", "erased", "expired") for what, _ in found)
    print(json.dumps({"isIntact": is_intact, "intact": intact, "findings": [{"what": w, "key": k} for w, k in sorted(found)]}, indent=2))
    sys.exit(0 if is_intact else 1)
