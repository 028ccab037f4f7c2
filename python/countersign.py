"""Announces a model promotion to Countersign from a training script. One file, standard library only, Python 3.9 or newer.

    import countersign
    built = countersign.build("work", manifest, countersign.Client(server, token).baselines(line, environment))
    countersign.Client(server, token).submit(built)          # or, beside a registry:
    built.write("countersign"); mlflow.log_artifacts("countersign", "countersign")

It hashes files, counts populations (counts leave this machine, rows do not) and writes the same bytes as `countersign request`.
Counting reads the population a few times and holds none of it: twenty seconds for a million rows of five
columns. `countersign profile` is faster.
"""
import argparse
import base64
import bisect
import csv
import hashlib
import json
import math
import os
import re
import struct
import sys
import time
import urllib.error
import urllib.parse
import urllib.request

DIGEST = re.compile(r"sha256:[0-9a-f]{64}")
MAX_BLOB_BYTES = 16 * 1024 * 1024
# Of one column of texts, as `countersign profile` takes it.
MAX_TEXTS = 10_000


class Wrong(Exception):
    """The manifest or its files do not fit; `problems` are (pointer, text), all at once."""

    def __init__(self, problems):
        super().__init__("; ".join(f"{pointer or '/'}: {text}" for pointer, text in problems))
        self.problems = problems


class SignInNeeded(Exception):
    """Nothing in the environment says who asks."""


class Refused(Exception):
    """The server said no. `problems` as it told them: code, pointer, detail."""

    def __init__(self, status, problems):
        told = "; ".join(f"{one.get('code')} {one.get('pointer') or '/'} {one.get('detail')}" for one in problems)
        super().__init__(told or f"the server answered {status}")
        self.status = status
        self.problems = problems


# Bytes and digests


def canonical(value):
    """RFC 8785 bytes of a value without floats: numbers travel as decimal strings."""

    def sort(one):
        if isinstance(one, float):
            raise Wrong([("", f"write {one} as a decimal string")])
        if isinstance(one, dict):
            # By UTF-16 units, as JavaScript orders them.
            return {key: sort(one[key]) for key in sorted(one, key=lambda text: text.encode("utf-16-be"))}
        return [sort(item) for item in one] if isinstance(one, (list, tuple)) else one

    return json.dumps(sort(value), ensure_ascii=False, separators=(",", ":")).encode("utf-8")


def digest(content):
    return "sha256:" + hashlib.sha256(content).hexdigest()


def hash_file(path):
    """Digest and size, read in pieces."""
    state, size = hashlib.sha256(), 0
    with open(path, "rb") as file:
        for piece in iter(lambda: file.read(1 << 20), b""):
            state.update(piece)
            size += len(piece)
    return "sha256:" + state.hexdigest(), size


def files_in(folder):
    """Every file below, by its path with forward slashes. A link could be pointed elsewhere after it was hashed: refused."""
    found = []
    for here, folders, names in os.walk(folder):
        for name in folders + names:
            path = os.path.join(here, name)
            if os.path.islink(path):
                raise Wrong([("/model/folder", f"{path} is a link, not a plain file")])
        for name in names:
            found.append(os.path.relpath(os.path.join(here, name), folder).replace(os.sep, "/"))
    return sorted(found, key=lambda path: path.encode("utf-16-be", "surrogatepass"))


def _in_order(files):
    return sorted(files, key=lambda file: file["path"])


def oms_root(files):
    """OpenSSF Model Signing v1.0, 6.5.1: SHA-256 over the raw file digests in path order."""
    return digest(b"".join(bytes.fromhex(file["digest"][7:]) for file in _in_order(files)))


def oms_manifest(files, name):
    """The statement an OMS signer signs: it binds the names as well."""
    return canonical(
        {
            "_type": "https://in-toto.io/Statement/v1",
            "subject": [{"name": name, "digest": {"sha256": oms_root(files)[7:]}}],
            "predicateType": "https://model_signing/signature/v1.0",
            "predicate": {
                "serialization": {"method": "files", "hash_type": "sha256", "allow_symlinks": False},
                "resources": [
                    {"name": file["path"], "algorithm": "sha256", "digest": file["digest"][7:]} for file in _in_order(files)
                ],
            },
        }
    )


# Counts of a population (docs/psi.md, convention half_row/1)

_NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?", re.ASCII)
_NUMERIC = re.compile(r"(u?int(eger)?\d*|long|short|float\d*|double|decimal|number|numeric)", re.I | re.ASCII)
_CATEGORICAL = re.compile(r"(string|str|text|bool(ean)?|categor(y|ical)|enum|object)", re.I | re.ASCII)


def _number(text):
    value = float(text) + 0.0 if _NUMBER.fullmatch(text) else math.nan
    return value if math.isfinite(value) else math.nan


def _text(value):
    """A double as JavaScript writes it: the same shortest digits as repr, with another rule for the exponent."""
    if value == int(value) and abs(value) < 1e16:
        return str(int(value))
    text = repr(value)
    if "e" not in text:
        return text
    digits, exponent = text.split("e")
    sign, power = ("-" if value < 0 else ""), int(exponent)
    whole, _, rest = digits.lstrip("-").partition(".")
    if -7 < power < 0:
        return f"{sign}0.{'0' * (-power - 1)}{whole}{rest}"
    if 0 < power < 21:
        return sign + whole + rest.ljust(power, "0")
    return f"{digits}e{'+' if power > 0 else '-'}{abs(power)}"


class _Numbers:
    """A column of numbers of which only counts are kept. Its deciles are exact all the same: where they lie is found by counting the
    bits of the doubles, sixteen in each reading of the file, from the highest down (docs/decisions/0022)."""

    def __init__(self):
        self.n, self.top, self.below = 0, None, None
        self.open, self.counts = {}, {}

    def see(self, value):
        self.n += 1
        if self.top is None or value > self.top:
            self.top, self.below = value, self.top
        elif value < self.top and (self.below is None or value > self.below):
            self.below = value

    def ask(self):
        """Each tenth lies between two ranks."""
        if self.n == 0:
            return
        index = [(self.n - 1) * (tenth / 10) for tenth in range(1, 10)]
        ranks = {at for one in index for at in (math.floor(one), min(math.floor(one) + 1, self.n - 1))}
        self.open = {0: [(rank, rank) for rank in sorted(ranks)]}
        self.counts = {0: {}}

    def count(self, value, shift):
        bits = _bits(value)
        inside = self.counts.get(bits >> (shift + 16))
        if inside is not None:
            digit = (bits >> shift) & 0xFFFF
            inside[digit] = inside.get(digit, 0) + 1

    def narrow(self):
        found = {}
        for prefix, ranks in self.open.items():
            digits, before, at = sorted(self.counts[prefix].items()), 0, 0
            for left, rank in ranks:
                while before + digits[at][1] <= left:
                    before += digits[at][1]
                    at += 1
                found.setdefault((prefix << 16) | digits[at][0], []).append((left - before, rank))
        self.open, self.counts = found, {prefix: {} for prefix in found}

    def edges(self):
        """Deciles as numpy.quantile gives them, below the maximum; none of a column in which every field is missing."""
        if self.n == 0:
            return []
        values = {rank: _double(bits) for bits, ranks in self.open.items() for _, rank in ranks}
        found = []
        for tenth in range(1, 10):
            index = (self.n - 1) * (tenth / 10)
            low = math.floor(index)
            t = index - low
            a, b = values[low], values[min(low + 1, self.n - 1)]
            # numpy takes the nearer end as its start; the last bits of an edge decide the bin of a value equal to it.
            edge = b - (b - a) * (1 - t) if t >= 0.5 else a + (b - a) * t
            if edge < self.top and edge not in found:
                found.append(edge)
        if found:
            return found
        return [math.nextafter(self.top, -math.inf) if self.below is None else self.below, self.top]


_SIGN, _ALL = 1 << 63, (1 << 64) - 1


def _bits(value):
    """Sixty-four bits in the order of the numbers."""
    (bits,) = struct.unpack(">Q", struct.pack(">d", value))
    return bits ^ _ALL if bits & _SIGN else bits | _SIGN


def _double(bits):
    (value,) = struct.unpack(">d", struct.pack(">Q", bits ^ _SIGN if bits & _SIGN else bits ^ _ALL))
    return value


class _Bins:
    """(-inf, e1] (e1, e2] … (ek, +inf)."""

    def __init__(self, edges):
        self.cuts = [float(edge) for edge in edges]
        self.counts = [0] * (len(edges) + 1)

    def add(self, value):
        self.counts[bisect.bisect_left(self.cuts, value)] += 1


def _tally(counts):
    return [{"value": text, "count": counts[text]} for text in sorted(counts, key=lambda one: one.encode("utf-16-be", "surrogatepass"))]


def read_rows(path):
    """The header, then each row, as text and one at a time; every row has as many fields as the header."""
    with open(path, newline="", encoding="utf-8") as file:
        reader = csv.reader(file, strict=True)
        header = next(reader, [])
        yield header
        rows = 0
        for row in reader:
            if not row:
                continue
            if len(row) != len(header):
                raise Wrong([("", f"{path}: row {rows + 1} has {len(row)} fields, the header {len(header)}")])
            rows += 1
            yield row


def count_rows(path):
    return sum(1 for _ in read_rows(path)) - 1


def profile(path, slice_digest, features, segments, scores, baselines):
    """Counts of one population and nothing of its rows. `scores`: column → root of the model that gave them;
    `baselines`: sealed profiles as (digest, body), whose edges the same rows are counted at. The file is read six times, and what is
    held of it are counts: its size does not matter."""
    kinds = {feature["name"]: _kind(feature["type"]) for feature in features}
    names = list(dict.fromkeys([feature["name"] for feature in features] + list(scores)))
    header = next(read_rows(path))
    absent = [name for name in dict.fromkeys(names + list(segments)) if name not in header]
    if absent:
        raise Wrong([(f"/columns/{name}", "no such column in the header") for name in absent])
    # Of a name that stands twice the last one, as a dictionary has it.
    at = {name: place for place, name in enumerate(header)}
    kind_of = {name: "numeric" if name in scores else kinds.get(name) for name in names}
    rows, seen, numbers = _first(path, at, names, segments, kind_of)
    for shift in (48, 32, 16, 0):
        for row in _after_header(path):
            for name, one in numbers.items():
                if row[at[name]] != "":
                    one.count(float(row[at[name]]) + 0.0, shift)
        for one in numbers.values():
            one.narrow()
    texts = {name: [_text(edge) for edge in one.edges()] for name, one in numbers.items()}
    sealed = {name: _sealed_edges(name, scores.get(name), baselines) for name in numbers}
    bins = {name: [_Bins(edges) for edges in [texts[name], *(theirs for _, theirs in sealed[name])]] for name in numbers}
    within = {
        (segment, value, name): [_Bins(one.cuts) for one in bins[name]]
        for segment in segments for value in seen[segment] for name in scores if name in numbers
    }
    for row in _after_header(path):
        for name, mine in bins.items():
            if row[at[name]] == "":
                continue
            value = float(row[at[name]]) + 0.0
            for one in mine:
                one.add(value)
            if name in scores:
                for segment in segments:
                    for one in within[segment, row[at[segment]], name]:
                        one.add(value)
    columns = []
    for name in names:
        missing = seen["", name]
        if name not in numbers:
            values = [one for one in _tally(seen[name]) if one["value"] != ""]
            columns.append({"name": name, "kind": "categorical", "own": {"values": values}, "missing": missing})
            continue
        own, *others = (one.counts for one in bins[name])
        told = [{"profile": digest_, "edges": edges, "counts": counts} for (digest_, edges), counts in zip(sealed[name], others)]
        column = {"name": name, "kind": "numeric", "own": {"edges": texts[name], "counts": own}, "at": told, "missing": missing}
        columns.append({**column, "scoredBy": scores[name]} if name in scores else column)
    return {
        "schema": "profile/v1",
        "convention": "half_row/1",
        "slice": slice_digest,
        "rows": rows,
        "columns": columns,
        "shares": [{"segment": segment, "counts": _tally(seen[segment])} for segment in segments],
        "segments": [one for segment in segments for one in _within(segment, seen[segment], sealed, within)],
    }


def _after_header(path):
    rows = read_rows(path)
    next(rows)
    return rows


def _first(path, at, names, segments, kind_of):
    """What there is: rows, missing fields (under `("", name)`), counts of texts, and the columns that are numbers."""
    rows, wrong = 0, set()
    numbers = {name: _Numbers() for name in names if kind_of[name] != "categorical"}
    told = list(dict.fromkeys([name for name in names if kind_of[name] != "numeric"] + list(segments)))
    seen = {**{name: {} for name in told}, **{("", name): 0 for name in names}}
    for row in _after_header(path):
        rows += 1
        for name in names:
            text = row[at[name]]
            if text == "":
                seen["", name] += 1
            elif name in numbers and name not in wrong:
                value = _number(text)
                if math.isnan(value):
                    wrong.add(name)
                else:
                    numbers[name].see(value)
        for name in told:
            text = row[at[name]]
            # A column of no known kind is texts only if it is no numbers: those need not be kept.
            if kind_of.get(name) == "categorical" or name in segments or len(seen[name]) <= MAX_TEXTS:
                seen[name][text] = seen[name].get(text, 0) + 1
    for name in names:
        if name in wrong and kind_of[name] == "numeric":
            raise Wrong([(f"/columns/{name}", "declared numeric, but holds a value that is no finite number")])
        if name in wrong or (name in numbers and kind_of[name] is None and numbers[name].n == 0):
            del numbers[name]
        if name not in numbers and len(seen[name]) > MAX_TEXTS:
            raise Wrong([(f"/columns/{name}", f"more than {MAX_TEXTS} different texts: is it an identifier?")])
    for one in numbers.values():
        one.ask()
    return rows, seen, numbers


def _kind(type_name):
    if _NUMERIC.fullmatch(type_name):
        return "numeric"
    return "categorical" if _CATEGORICAL.fullmatch(type_name) else None


def _sealed_edges(name, scored, baselines):
    """Edges of the same column in each sealed profile: a score by the model that gave it, an input by its name."""
    found = {}
    for sealed, body in baselines:
        for column in body["columns"]:
            theirs = column.get("scoredBy")
            same = theirs is None and column["name"] == name if scored is None else theirs == scored
            if same:
                if column["kind"] == "numeric" and sealed not in found:
                    found[sealed] = column["own"]["edges"]
                break
    return list(found.items())


def _within(segment, values, sealed, within):
    for one in _tally(values):
        inside = []
        for (_, _, name), (own, *others) in ((key, mine) for key, mine in within.items() if key[:2] == (segment, one["value"])):
            told = [{"profile": digest_, "counts": at.counts} for (digest_, _), at in zip(sealed[name], others)]
            missing = one["count"] - sum(own.counts)
            inside.append({"column": name, "own": own.counts, "at": told, "missing": missing})
        yield {"segment": segment, "value": one["value"], "rows": one["count"], "scores": inside}


# The request


class Built:
    """The frozen request and the bytes that it names: by digest, a path or bytes."""

    def __init__(self, request, blobs):
        self.request = request
        self.blobs = blobs

    def bytes_of(self, named):
        held = self.blobs[named]
        if isinstance(held, bytes):
            return held
        with open(held, "rb") as file:
            content = file.read()
        if digest(content) != named:
            raise Wrong([("", f"{held} changed after it was hashed")])
        return content

    def write(self, folder):
        """As a registry keeps it beside a version: request.json and blobs/<hex>."""
        os.makedirs(os.path.join(folder, "blobs"), exist_ok=True)
        for named in self.blobs:
            with open(os.path.join(folder, "blobs", named[7:]), "wb") as file:
                file.write(self.bytes_of(named))
        with open(os.path.join(folder, "request.json"), "wb") as file:
            file.write(canonical(self.request))


_MEDIA = {
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".json": "application/json",
    ".csv": "text/csv",
    ".html": "text/html",
}


class _Draft:
    def __init__(self, folder):
        self.folder, self.blobs, self.wrong = folder, {}, []

    def at(self, name):
        return os.path.join(self.folder, *name.split("/"))

    def keep(self, content):
        self.blobs[digest(content)] = content
        return digest(content)

    def file(self, name, pointer):
        """Digest and size of a file inside the folder; nothing outside it is read."""
        path = self.at(name)
        root = os.path.realpath(self.folder)
        if not os.path.realpath(path).startswith(root + os.sep) or os.path.islink(path) or not os.path.isfile(path):
            self.wrong.append((pointer, f"no such file: {name}"))
            return digest(b""), 0
        named, size = hash_file(path)
        self.blobs[named] = path
        return named, size

    def json(self, name, pointer):
        self.file(name, pointer)
        with open(self.at(name), encoding="utf-8") as file:
            return json.load(file)


def build(folder, manifest, baselines=None):
    """The request of a manifest (docs/manifest.md, as JSON) over a folder; raises Wrong with all that does not fit."""
    draft = _Draft(folder)
    baselines = baselines or {}
    incumbent, human = baselines.get("incumbent"), baselines.get("lastHumanApproved")
    features = _features(draft, manifest["features"])
    model = _model(draft, manifest["model"])
    slices = _slices(draft, manifest["dataset"])
    by_name = {one["name"]: one["digest"] for one in slices}

    def refer(ref, pointer):
        if isinstance(ref, dict):
            return draft.file(ref["file"], pointer)[0]
        if ref not in by_name:
            draft.wrong.append((pointer, "no slice of this name in dataset"))
        return by_name.get(ref, "")

    counted = _population(draft, manifest, model, slices, features, incumbent, human)
    evaluation = refer(manifest["evaluationRegime"]["slice"], "/evaluationRegime/slice")
    metrics = manifest["challenger"]["metrics"]
    request = {
        "schema": "promotion-request/v0",
        "line": manifest["line"],
        "environment": manifest["environment"],
        "comparedWith": {
            "incumbent": incumbent["event"] if incumbent else None,
            "lastHumanApproved": human["event"] if human else None,
        },
        "trigger": manifest["trigger"],
        "model": model,
        "features": features,
        "decisionRule": manifest["decisionRule"],
        "terms": _terms(draft, manifest["terms"], features, incumbent),
        "dataset": slices,
        "evaluationRegime": {**manifest["evaluationRegime"], "slice": evaluation},
        "challenger": {
            "against": _against(draft, manifest["challenger"]["against"], incumbent, model["root"]),
            "evaluationSlice": evaluation,
            # Recomputed from the predictions on the other side; stating none cannot contradict them.
            "metrics": [] if metrics == "recompute" else draft.json(metrics["file"], "/challenger/metrics/file"),
        },
        "profiles": [draft.keep(counted)] if counted else [],
        "explanation": [_explanation(draft, one, refer, f"/explanation/{i}") for i, one in enumerate(manifest["explanation"])],
        "gates": [
            {**gate, "report": draft.file(gate["report"], f"/gates/{i}/report")[0]} for i, gate in enumerate(manifest["gates"])
        ],
        **{key: manifest[key] for key in ("use", "code", "pipelineRun")},
        **{key: manifest[key] for key in ("supersedes", "answers", "rationale") if key in manifest},
    }
    if "predictions" in manifest:
        request["predictions"] = draft.file(manifest["predictions"], "/predictions")[0]
    if draft.wrong:
        raise Wrong(draft.wrong)
    named = _vault_digests(request)
    missing = [(pointer, "these bytes are uploaded, so the manifest must name a file") for pointer, one in named if one not in draft.blobs]
    if missing:
        raise Wrong(missing)
    return Built(request, {one: draft.blobs[one] for _, one in named})


def _features(draft, stated):
    listed = draft.json(stated, "/features") if isinstance(stated, str) else stated
    made = []
    for feature in listed:
        own = {key: value for key, value in feature.items() if key != "transform"}
        transform = feature["transform"]
        named = isinstance(transform, str) and DIGEST.fullmatch(transform)
        made.append({**own, "transformDigest": transform if named else digest(canonical(transform))})
    return made


def _model(draft, stated):
    folder, roles, custody = stated["folder"], stated["roles"], stated.get("custody", {})
    paths = files_in(draft.at(folder))
    for path in sorted(set(roles) - set(paths)):
        draft.wrong.append((f"/model/roles/{path}", "no such file in the model folder"))
    files = []
    for path in paths:
        if path not in roles:
            draft.wrong.append((f"/model/roles/{path}", "say what this file is: every file of the folder is bound"))
            continue
        named, size = draft.file(f"{folder}/{path}", f"/model/roles/{path}")
        files.append({"path": path, "role": roles[path], "size": size, "digest": named, "custody": custody.get(path, "vault")})
    own = {key: value for key, value in stated.items() if key not in ("folder", "roles", "custody")}
    weights = oms_root([file for file in files if file["role"] == "weights"])
    manifest = draft.keep(oms_manifest(files, stated["name"]))
    return {**own, "root": oms_root(files), "manifest": manifest, "weights": weights, "files": files}


def _slices(draft, stated):
    made = []
    for i, one in enumerate(stated):
        own = {key: value for key, value in one.items() if key not in ("file", "derivedFrom")}
        if "file" in one:
            named, _ = draft.file(one["file"], f"/dataset/{i}/file")
            rows = count_rows(draft.at(one["file"]))
            here = {"system": "file", "uri": one["file"], "immutableId": named}
            own = {**own, "digest": named, "rows": rows, "locator": one.get("locator", here)}
        made.append(own)
    by_name = {one["name"]: one["digest"] for one in made}
    for i, one in enumerate(stated):
        if "derivedFrom" in one and one["derivedFrom"] not in by_name:
            draft.wrong.append((f"/dataset/{i}/derivedFrom", "no slice of this name in dataset"))
        elif "derivedFrom" in one:
            made[i]["derivedFrom"] = by_name[one["derivedFrom"]]
    return made


def _population(draft, manifest, model, slices, features, incumbent, human):
    population = manifest.get("population")
    if population is None:
        return None
    if "profile" in population:
        draft.file(population["profile"], "/population/profile")
        with open(draft.at(population["profile"]), "rb") as file:
            return file.read()
    named, _ = draft.file(population["file"], "/population/file")
    if not any(one["role"] == "scoring" and one["digest"] == named for one in slices):
        draft.wrong.append(("/population/file", "this is none of the scoring slices of dataset"))
    roots = {
        "candidate": model["root"],
        "incumbent": incumbent and incumbent["modelRoot"],
        "lastHumanApproved": human and human["modelRoot"],
    }
    scores = {}
    for column, who in population["scores"].items():
        root = roots[who]
        if not root:
            draft.wrong.append((f"/population/scores/{column}", f"this line has no {who} yet"))
        # Two names for one model are one score: a version announced again is scored once.
        elif root not in scores.values():
            scores[column] = root
    sealed = [one["profile"] for one in (incumbent, human) if one and one.get("profile")]
    if draft.wrong:
        return None
    pairs = [(one["digest"], one["body"]) for one in sealed]
    return canonical(profile(draft.at(population["file"]), named, features, population["segments"], scores, pairs))


def _terms(draft, stated, features, incumbent):
    if stated != "carry":
        return {**stated, "carriedFrom": None}
    if not incumbent:
        draft.wrong.append(("/terms", "there is no incumbent to carry terms from: state bands and families"))
        return None
    # What is sealed wins: a family cannot be re-invented by carrying it.
    families = {**{feature["name"]: feature["family"] for feature in features}, **incumbent["terms"]["families"]}
    return {"bands": incumbent["terms"]["bands"], "families": families, "carriedFrom": incumbent["event"]}


def _against(draft, stated, incumbent, root):
    if stated != "incumbent":
        if incumbent:
            same = incumbent["modelRoot"] == root
            draft.wrong.append(("/challenger/against", "these bytes are the incumbent" if same else "this line has an incumbent"))
        return {"kind": "baseline", **stated["baseline"]}
    if not incumbent:
        draft.wrong.append(("/challenger/against", "this line has no incumbent: name a baseline"))
        return None
    return {"kind": "incumbent", "event": incumbent["event"], "root": incumbent["modelRoot"]}


def _explanation(draft, stated, refer, pointer):
    own = {key: value for key, value in stated.items() if key not in ("slice", "background", "summary", "artefacts")}
    made = {**own, "slice": refer(stated["slice"], f"{pointer}/slice"), "artefacts": []}
    if "background" in stated:
        made["background"] = refer(stated["background"], f"{pointer}/background")
    if "summary" in stated:
        listed = draft.json(stated["summary"], f"{pointer}/summary")["meanAbs"]
        made["summary"] = [{"feature": one["feature"], "value": one["value"]} for one in listed]
    for i, one in enumerate(stated["artefacts"]):
        media = _MEDIA.get(os.path.splitext(one["file"])[1].lower())
        named, size = draft.file(one["file"], f"{pointer}/artefacts/{i}/file")
        if media is None:
            draft.wrong.append((f"{pointer}/artefacts/{i}/file", f"expected one of {' '.join(_MEDIA)}"))
        name = one["file"].split("/")[-1]
        made["artefacts"].append({"name": name, "mediaType": media, "size": size, "digest": named, "alt": one["alt"]})
    return made


def _vault_digests(request):
    """What must be uploaded: training rows stay where their locator says."""
    model = request["model"]
    found = [("/model/manifest", model["manifest"])]
    found += [(f"/model/files/{i}/digest", one["digest"]) for i, one in enumerate(model["files"]) if one["custody"] == "vault"]
    found += [(f"/profiles/{i}", one) for i, one in enumerate(request["profiles"])]
    found += [("/predictions", request["predictions"])] if "predictions" in request else []
    for i, one in enumerate(request["explanation"]):
        found += [(f"/explanation/{i}/artefacts/{j}/digest", artefact["digest"]) for j, artefact in enumerate(one["artefacts"])]
    found += [(f"/gates/{i}/report", gate["report"]) for i, gate in enumerate(request["gates"])]
    return found + [("/evaluationRegime/slice", request["evaluationRegime"]["slice"])]


# The server


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_):
        return None


class Client:
    """Talks to a Countersign server as a pipeline does. Redirects are not followed: the token is for this server."""

    def __init__(self, server, token, timeout=60):
        self.server, self.token, self.timeout = server.rstrip("/"), token, timeout
        self._opener = urllib.request.build_opener(_NoRedirect)

    def _ask(self, method, path, body=None):
        headers = {"accept": "application/json", "authorization": f"Bearer {self.token}"}
        if body is not None:
            headers["content-type"] = "application/octet-stream"
        asked = urllib.request.Request(self.server + path, data=body, headers=headers, method=method)
        try:
            with self._opener.open(asked, timeout=self.timeout) as answer:
                return answer.status, answer.read()
        except urllib.error.HTTPError as error:
            return error.code, error.read()

    def _json(self, method, path, body=None):
        status, content = self._ask(method, path, body)
        try:
            value = json.loads(content)
        except ValueError:
            raise Refused(status, []) from None
        if status >= 300:
            raise Refused(status, value.get("problems", []))
        return value

    def baselines(self, line, environment):
        return self._json("GET", f"/lines/{urllib.parse.quote(line)}/{urllib.parse.quote(environment)}/baselines")

    def submit(self, built):
        """Uploads what the server lacks, then announces; answers the request's id. Safe to run again."""
        for named in built.blobs:
            if self._ask("HEAD", f"/blobs/{named}")[0] == 204:
                continue
            content = built.bytes_of(named)
            if len(content) > MAX_BLOB_BYTES:
                raise Wrong([("", f"{named} holds {len(content)} bytes, at most {MAX_BLOB_BYTES}: give it a custody")])
            self._json("PUT", f"/blobs/{named}", content)
        return self._json("POST", "/requests", canonical(built.request))["requestId"]

    def status(self, request_id):
        return self._json("GET", f"/requests/{request_id}/status")

    def wait(self, request_id, seconds=90, until=("sealed", "needsRationale", "voting")):
        """Until it is sealed or waits for people. Time running out is no answer and never an approval: TimeoutError."""
        end = time.monotonic() + seconds
        while True:
            status = self.status(request_id)
            if status["state"] in until and (status["state"] != "sealed" or status["logged"]):
                return status
            if time.monotonic() > end:
                raise TimeoutError(f"{request_id} is {status['state']} after {seconds} seconds")
            time.sleep(0.2)


def service_token(issuer, client_id, secret):
    """A token by client credentials, as COUNTERSIGN_CLIENT_ID and COUNTERSIGN_CLIENT_SECRET of a pipeline get one."""
    opener = urllib.request.build_opener(_NoRedirect)
    with opener.open(issuer.rstrip("/") + "/.well-known/openid-configuration", timeout=30) as answer:
        endpoint = json.loads(answer.read())["token_endpoint"]
    pair = f"{urllib.parse.quote(client_id, safe='')}:{urllib.parse.quote(secret, safe='')}"
    headers = {"authorization": "Basic " + base64.b64encode(pair.encode()).decode()}
    asked = urllib.request.Request(endpoint, data=b"grant_type=client_credentials", headers=headers)
    with opener.open(asked, timeout=30) as answer:
        return json.loads(answer.read())["access_token"]


def from_environment():
    """A client as the commands make one: COUNTERSIGN_SERVER, and a token or client id and secret."""
    env = os.environ
    server = env.get("COUNTERSIGN_SERVER", "http://127.0.0.1:7433")
    token = env.get("COUNTERSIGN_TOKEN")
    if not token:
        issuer = env.get("COUNTERSIGN_ISSUER", server + "/idp")
        names = ("COUNTERSIGN_CLIENT_ID", "COUNTERSIGN_CLIENT_SECRET")
        if not all(env.get(name) for name in names):
            raise SignInNeeded("sign-in needed: set COUNTERSIGN_TOKEN, or " + " and ".join(names) + " of a pipeline")
        token = service_token(issuer, *(env[name] for name in names))
    return Client(server, token)


def _json_in(path):
    try:
        with open(path, encoding="utf-8") as file:
            return json.load(file)
    except (OSError, ValueError) as error:
        raise Wrong([("", f"cannot read {path} as JSON: {error}")]) from error


def main(argv=None):
    parser = argparse.ArgumentParser(prog="countersign-py", description="Builds and announces a promotion request.",
        epilog="Reads COUNTERSIGN_SERVER, and COUNTERSIGN_TOKEN or COUNTERSIGN_CLIENT_ID and COUNTERSIGN_CLIENT_SECRET.")
    parser.add_argument("folder", help="what the manifest's files are relative to")
    parser.add_argument("--manifest", required=True, help="the manifest as JSON")
    parser.add_argument("--baselines", help="baselines as JSON, instead of asking the server")
    parser.add_argument("--out", help="write request.json and blobs/ here, for a registry, instead of announcing")
    parser.add_argument("--wait", action="store_true", help="until it is sealed or waits for people")
    asked = parser.parse_args(argv)
    try:
        manifest = _json_in(asked.manifest)
        if asked.baselines:
            baselines = _json_in(asked.baselines)
        client = None if asked.baselines and asked.out else from_environment()
        if not asked.baselines:
            baselines = client.baselines(manifest["line"], manifest["environment"])
        built = build(asked.folder, manifest, baselines)
        if asked.out:
            built.write(asked.out)
            return 0
        request_id = client.submit(built)
        status = client.wait(request_id) if asked.wait else None
    except Wrong as error:
        print("\n".join(f"{pointer or '/'}: {text}" for pointer, text in error.problems), file=sys.stderr)
        return 2
    except SignInNeeded as error:
        print(error, file=sys.stderr)
        return 4
    except Refused as error:
        print(str(error), file=sys.stderr)
        return 3 if error.status >= 500 else 2
    except (TimeoutError, urllib.error.URLError) as error:
        print(f"cannot tell: {error}", file=sys.stderr)
        return 3
    print(json.dumps(status) if status else request_id)
    return 0 if status is None or status["outcome"] in (None, "approved") else 2


if __name__ == "__main__":
    sys.exit(main())
