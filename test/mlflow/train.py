"""Logs one version of the German-credit example as a bank's training job would: log_model, parameters, metrics, data."""
import json
import sys

import mlflow
import pandas
from mlflow.models import ModelSignature
from mlflow.types.schema import ColSpec, Schema

asked = json.load(sys.stdin) if len(sys.argv) < 2 else json.loads(sys.argv[1])
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
print(json.dumps({"run": run.info.run_id, "version": str(logged.registered_model_version), "model_id": logged.model_id, "experiment": run.info.experiment_id}))
