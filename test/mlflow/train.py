"""One version of the German-credit example, as a bank's training job would log it; with `promote`, announced as well."""
import json
import os
import sys
import tempfile

import mlflow
import pandas
from mlflow.models import ModelSignature
from mlflow.types.schema import ColSpec, Schema

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "..", "python"))
import countersign

ROLES = {"weights.json": "weights", "preprocessor.json": "preprocessor", "config.json": "config"}

asked = json.loads(sys.argv[1])
mlflow.set_experiment(asked["model"])
with mlflow.start_run() as run:
    mlflow.log_params(asked["params"])
    columns = [ColSpec(one["type"], one["name"]) for one in asked["features"]]
    logged = mlflow.pyfunc.log_model(
        name="model",
        loader_module="german_credit",
        data_path=asked["folder"],
        signature=ModelSignature(inputs=Schema(columns), outputs=Schema([ColSpec("double", "probability")])),
        pip_requirements=["numpy==2.4.6"],
        registered_model_name=asked["model"],
    )
    mlflow.log_input(mlflow.data.from_pandas(pandas.read_csv(asked["evaluation"]), name="evaluation"), context="evaluation")
    mlflow.log_metrics(asked["metrics"], model_id=logged.model_id)
    version = str(logged.registered_model_version)

    if "promote" in asked:
        # What a pipeline adds: the model as it is served, the manifest over it, one folder beside the run, one tag.
        work, manifest = asked["promote"]["work"], asked["promote"]["manifest"]
        folder = f"served/{version}"
        mlflow.artifacts.download_artifacts(logged.model_uri, dst_path=os.path.join(work, folder))
        # A note that downloading writes beside the files; the registry does not serve it.
        note = os.path.join(work, folder, "registered_model_meta")
        if os.path.exists(note):
            os.remove(note)
        files = countersign.files_in(os.path.join(work, folder))
        # MLmodel names run and time, so its bytes are new each time: no config.
        roles = {path: ROLES.get(path.split("/")[-1], "other") for path in files}
        manifest["model"] = {**manifest["model"], "version": version, "folder": folder, "roles": roles}
        manifest["pipelineRun"] = {"system": "mlflow", "id": run.info.run_id}
        client = countersign.Client(asked["promote"]["server"], asked["promote"]["token"])
        built = countersign.build(work, manifest, client.baselines(manifest["line"], manifest["environment"]))
        if asked["promote"]["to"] == "run":
            with tempfile.TemporaryDirectory() as out:
                built.write(out)
                mlflow.log_artifacts(out, "countersign")
            mlflow.MlflowClient().set_model_version_tag(asked["model"], version, "countersign.request", manifest["environment"])
        else:
            status = client.wait(client.submit(built))

print(json.dumps({"version": version, "status": status["state"] if "status" in globals() else None}))
