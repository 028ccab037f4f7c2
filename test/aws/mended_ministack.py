"""MiniStack 1.5.33, mended where it does not take what AWS takes. docs/aws-local.md lists what it still cannot show."""

import mended_roles  # noqa: F401, mends when it is imported
from ministack import app
from ministack.services import stepfunctions
from ministack.services.cloudformation import provisioners

_execute_task = stepfunctions._execute_task


def execute_task(state, raw_input, execution, ctx):
    """TimeoutSeconds of a task may be a JSONata expression (Amazon States Language, "Task"); it took the text for a number."""
    timeout = state.get("TimeoutSeconds")
    if isinstance(timeout, str):
        seconds = stepfunctions._jsonata_state_field(state, "TimeoutSeconds", "number", raw_input, ctx)
        if not 0 < seconds <= 99999999:
            raise stepfunctions._ExecutionError("States.QueryEvaluationError", f"TimeoutSeconds is {seconds}")
        state = {**state, "TimeoutSeconds": seconds}
    return _execute_task(state, raw_input, execution, ctx)


stepfunctions._execute_task = execute_task

_alarm_record = provisioners._cw_metric_alarm_record


def alarm_record(name, properties):
    """An alarm over an expression of several metrics is kept as one over the first of them. No alarm rings here in any case."""
    stats = [one["MetricStat"] for one in properties.get("Metrics") or [] if "MetricStat" in one]
    if stats:
        metric = stats[0]["Metric"]
        names = {"MetricName": metric["MetricName"], "Namespace": metric["Namespace"]}
        properties = {**properties, **names, "Metrics": None}
    return _alarm_record(name, properties)


provisioners._cw_metric_alarm_record = alarm_record

if __name__ == "__main__":
    app.main()
