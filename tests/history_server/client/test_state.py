import pytest

from cdk_sagemaker_processing.history_server.client.errors import HistoryError
from cdk_sagemaker_processing.history_server.client.state import read_state, stop_tasks
from tests.history_server.client.fakes import Aws


def test_the_state_is_of_what_runs() -> None:
    """With the last that each mirror warned of."""
    aws = Aws()
    aws.ecs.end(aws.ecs.add())
    arn = aws.ecs.add()
    aws.logs.write("mirror", arn, "INFO up", *(f"WARNING {number}" for number in range(50)))
    (state,) = read_state(aws.opening())
    assert state.task.arn == arn
    assert state.trouble == tuple(f"WARNING {number}" for number in range(45, 50))


def test_where_nothing_runs_the_state_is_of_what_ran_last() -> None:
    """Why it ended is what is asked then."""
    aws = Aws()
    assert read_state(aws.opening()) == ()
    aws.ecs.end(aws.ecs.add(), "older")
    last = aws.ecs.add()
    aws.ecs.end(last, "Essential container in task exited")
    aws.logs.write("mirror", last, "ENDED idle for 30 minutes")
    (state,) = read_state(aws.opening())
    assert state.task.reason == "Essential container in task exited"
    assert state.trouble == ("ENDED idle for 30 minutes",)


def test_all_tasks_are_stopped_and_waited_for() -> None:
    """Those that run; how long they take is ECS's."""
    aws = Aws()
    aws.ecs.end(aws.ecs.add())
    running = [aws.ecs.add(), aws.ecs.add()]
    assert [task.arn for task in stop_tasks(aws.opening())] == running
    for arn in running:
        assert aws.ecs.tasks[arn]["lastStatus"] == "STOPPED"
        assert "history stop" in aws.ecs.tasks[arn]["stoppedReason"]
    assert stop_tasks(aws.opening()) == ()


def test_a_task_that_does_not_stop_is_told() -> None:
    """After five minutes."""
    aws = Aws()
    arn = aws.ecs.add()
    aws.ecs.stop_task = lambda **_: {}  # type: ignore[method-assign]  # it takes for ever
    with pytest.raises(HistoryError, match=f"still ending after 5 minutes: {arn[-5:]}"):
        stop_tasks(aws.opening())
