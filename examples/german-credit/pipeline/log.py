"""Logs what `generate.py` wrote into an MLflow registry, as a bank's pipeline does, and asks for the promotion of what it logged:

    python log.py OUT --model german-credit-pd                                              # versions, and nothing else
    python log.py OUT --model german-credit-pd --version v01 --line LINE --environment sandbox      # and asks

MLFLOW_TRACKING_URI says where; with `--line`, COUNTERSIGN_SERVER and a token (docs/registries.md) as well. Needs MLflow, pandas and,
with `--line`, countersign (`pip install ./python`).
"""
import argparse
import csv
import hashlib
import json
import os
import sys
import tempfile

ROLES = {"weights.json": "weights", "preprocessor.json": "preprocessor", "config.json": "config"}


def log_version(model, folder, features, params, inputs, metrics, announce=None):
    """One run, one model, one version. `inputs`: (CSV file, name, context, digest or None for MLflow's own). `announce` gets the run,
    the model and the version while the run is open."""
    import mlflow
    import pandas
    from mlflow.models import ModelSignature
    from mlflow.types.schema import ColSpec, Schema

    mlflow.set_experiment(model)
    with mlflow.start_run() as run:
        mlflow.log_params(params)
        logged = mlflow.pyfunc.log_model(
            name="model",
            loader_module="german_credit",
            data_path=folder,
            signature=ModelSignature(
                inputs=Schema([ColSpec(one["type"], one["name"]) for one in features]), outputs=Schema([ColSpec("double", "probability")])
            ),
            pip_requirements=["numpy==2.4.6"],
            registered_model_name=model,
        )
        for path, name, context, own in inputs:
            mlflow.log_input(mlflow.data.from_pandas(pandas.read_csv(path), name=name, digest=own), context=context)
        mlflow.log_metrics(metrics, model_id=logged.model_id)
        version = str(logged.registered_model_version)
        return version, announce(run.info.run_id, logged.model_uri, version) if announce else None


def served(work, model_uri, version):
    """The files of the version as the registry serves them, inside the folder of the manifest, and what each of them is."""
    import mlflow

    folder = f"served/{version}"
    mlflow.artifacts.download_artifacts(model_uri, dst_path=os.path.join(work, folder))
    # A note that downloading writes beside the files; the registry does not serve it.
    note = os.path.join(work, folder, "registered_model_meta")
    if os.path.exists(note):
        os.remove(note)
    import countersign

    # MLmodel names run and time, so its bytes are new each time: no config.
    return folder, {path: ROLES.get(path.split("/")[-1], "other") for path in countersign.files_in(os.path.join(work, folder))}


def announcing(model, work, manifest, client, to="run"):
    """What a pipeline adds to ask for a promotion: the manifest over the files as served, one folder beside the run, one tag."""
    import countersign
    import mlflow

    def announce(run, model_uri, version):
        folder, roles = served(work, model_uri, version)
        manifest["model"] = {**manifest["model"], "name": model, "version": version, "folder": folder, "roles": roles}
        manifest["pipelineRun"] = {"system": "mlflow", "id": run}
        built = countersign.build(work, manifest, client.baselines(manifest["line"], manifest["environment"]))
        if to == "api":
            return client.wait(client.submit(built))
        with tempfile.TemporaryDirectory() as out:
            built.write(out)
            mlflow.log_artifacts(out, "countersign")
        mlflow.MlflowClient().set_model_version_tag(model, version, "countersign.request", manifest["environment"])
        return None

    return announce


def read(*parts):
    with open(os.path.join(*parts), encoding="utf-8") as file:
        return json.load(file)


def dataset(out, part):
    """MLflow keeps 36 characters of a digest: 32 hex digits of ours, so that a request's slices can be held against it."""
    with open(os.path.join(out, part["file"]), "rb") as file:
        return os.path.join(out, part["file"]), part["name"], part["role"], hashlib.sha256(file.read()).hexdigest()[:32]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", help="what generate.py wrote")
    parser.add_argument("--model", required=True, help="name in the registry")
    parser.add_argument("--version", action="append", help="only this one; may be given again")
    parser.add_argument("--line", help="ask for a promotion on this line")
    parser.add_argument("--environment", default="sandbox")
    asked = parser.parse_args()
    for name in asked.version or sorted(one[: -len(".json")] for one in os.listdir(os.path.join(asked.out, "promotions"))):
        manifest = {**read(asked.out, "promotions", f"{name}.json"), "line": asked.line, "environment": asked.environment}
        from model import figures

        with open(os.path.join(asked.out, manifest["predictions"]), newline="", encoding="utf-8") as file:
            rows = [{**row, "event_bad": row["label"]} for row in csv.DictReader(file)]
        threshold = manifest["decisionRule"]["thresholds"][0]
        announce = None
        if asked.line:
            import countersign

            announce = announcing(asked.model, asked.out, manifest, countersign.from_environment())
        version, _ = log_version(
            model=asked.model,
            folder=os.path.join(asked.out, "versions", name, "model"),
            features=read(asked.out, manifest["features"]),
            params=manifest["model"]["hyperparameters"],
            inputs=[dataset(asked.out, one) for one in manifest["dataset"] if one["role"] in ("train", "evaluation")],
            metrics=figures(rows, [row["candidate"] for row in rows], threshold),
            announce=announce,
        )
        print(f"{name} {version}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
