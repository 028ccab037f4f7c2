"""MiniStack 1.5.33, mended where it would not run what AWS runs. Each mend makes it stricter or nearer to AWS, never kinder."""

from ministack.app import main
from ministack.services import stepfunctions

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

if __name__ == "__main__":
    main()
