"""Distributed Map states of the local AWS: each item is an execution of its own."""

import json
import uuid
from typing import Any

import pytest

from tests.waiting import until

pytestmark = pytest.mark.local_cloud

LIST = "arn:aws:states:::s3:listObjectsV2"


def passing(**fields: Any) -> dict[str, Any]:
    """A processor of one Pass state."""
    return {"StartAt": "P", "States": {"P": {"Type": "Pass", "End": True, **fields}}}


def distributed(processor: dict[str, Any], **fields: Any) -> dict[str, Any]:
    """A machine of one distributed Map state, whose processor is another machine."""
    config = {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}
    language = {"QueryLanguage": fields.pop("QueryLanguage")} if "QueryLanguage" in fields else {}
    state = {
        "Type": "Map",
        "ItemProcessor": {"ProcessorConfig": config, **processor},
        "End": True,
        **fields,
    }
    return {"StartAt": "Each", "States": {"Each": state}, **language}


def map_run(states: Any, arn: str) -> dict[str, Any]:
    """The one Map Run of an execution."""
    (run,) = states.list_map_runs(executionArn=arn)["mapRuns"]
    return dict(states.describe_map_run(mapRunArn=run["mapRunArn"]))


@pytest.fixture
def bucket(cloud: Any) -> str:
    """A bucket with three objects below a prefix, and one beside it."""
    name = f"bucket-{uuid.uuid4()}"
    s3 = cloud.client("s3")
    s3.create_bucket(Bucket=name)
    for key in ("raw/a.csv", "raw/b.csv", "raw/c.csv", "other/d.csv"):
        s3.put_object(Bucket=name, Key=key, Body=key.encode())
    return name


def test_items_are_the_objects_below_a_prefix(machines: Any, bucket: str) -> None:
    """As S3 lists them."""
    reader = {"Resource": LIST, "Parameters": {"Bucket": bucket, "Prefix.$": "$.prefix"}}
    machine = distributed(
        passing(),
        ItemReader=reader,
        ItemSelector={"key.$": "$$.Map.Item.Value.Key", "size.$": "$$.Map.Item.Value.Size"},
        MaxConcurrency=2,
    )

    output = machines.output(machine, {"prefix": "raw/"})

    assert output == [{"key": f"raw/{name}.csv", "size": 9} for name in "abc"]


def test_jsonata_has_the_same_words(machines: Any, bucket: str) -> None:
    """Expressions where JSONPath has paths, the state's Output included."""
    reader = {
        "Resource": LIST,
        "Arguments": {"Bucket": bucket, "Prefix": "{% $states.input.prefix %}"},
    }
    machine = distributed(
        passing(Output="{% $states.input.key & '!' %}"),
        QueryLanguage="JSONata",
        ItemReader=reader,
        ItemSelector={"key": "{% $states.context.Map.Item.Value.Key %}"},
        MaxConcurrency="{% 1 + 1 %}",
        Output="{% {'found': $states.result} %}",
    )

    output = machines.output(machine, {"prefix": "raw/"})

    assert output == {"found": ["raw/a.csv!", "raw/b.csv!", "raw/c.csv!"]}


def test_jsonata_gives_items_too(machines: Any) -> None:
    """A list of the state's input, for one."""
    machine = distributed(
        passing(), QueryLanguage="JSONata", Items="{% [$states.input.n, 2] %}", MaxConcurrency=1
    )

    assert machines.output(machine, {"n": 1}) == [1, 2]


def test_each_item_is_an_execution_with_a_name_of_its_own(machines: Any, states: Any) -> None:
    """So that what is named by the execution is another one for each, and not the parent's."""
    own = {
        "id.$": "$$.Execution.Id",
        "name.$": "$$.Execution.Name",
        "input.$": "$$.Execution.Input",
        "role.$": "$$.Execution.RoleArn",
    }
    selector = {"item.$": "$$.Map.Item.Value", "parent.$": "$$.Execution.Name"}
    machine = distributed(passing(Parameters=own), ItemsPath="$.items", ItemSelector=selector)

    arn = machines.start(machine, {"items": ["a", "b"]})
    output = json.loads(machines.end(arn)["output"])

    parent = arn.rpartition(":")[2]
    assert [one["input"] for one in output] == [
        {"item": "a", "parent": parent},
        {"item": "b", "parent": parent},
    ]
    assert len({parent, *(one["name"] for one in output)}) == 3
    assert {one["role"] for one in output} == {"arn:aws:iam::000000000000:role/machine"}
    for one in output:
        found = states.describe_execution(executionArn=one["id"])
        assert (found["name"], found["status"]) == (one["name"], "SUCCEEDED")
        assert json.loads(found["output"]) == one


def test_children_and_parent_tell_what_happened(machines: Any, states: Any) -> None:
    """The parent's history has the Map Run, a child's has its own states."""
    arn = machines.start(distributed(passing(), ItemsPath="$.items"), {"items": [1]})
    machines.end(arn)
    run = map_run(states, arn)

    types = [event["type"] for event in machines.events(arn)]
    (child,) = states.list_executions(mapRunArn=run["mapRunArn"])["executions"]

    assert types == [
        "ExecutionStarted",
        "MapStateEntered",
        "MapStateStarted",
        "MapRunStarted",
        "MapRunSucceeded",
        "MapStateSucceeded",
        "MapStateExited",
        "ExecutionSucceeded",
    ]
    assert [event["type"] for event in machines.events(child["executionArn"])] == [
        "ExecutionStarted",
        "PassStateEntered",
        "PassStateExited",
        "ExecutionSucceeded",
    ]
    assert (run["status"], run["itemCounts"]["succeeded"]) == ("SUCCEEDED", 1)


def test_variables_of_the_parent_are_not_there(machines: Any) -> None:
    """A child execution begins with none, as on AWS."""
    machine = distributed(passing(Parameters={"v.$": "$v"}), ItemsPath="$.items")
    set_ = {"Type": "Pass", "Assign": {"v": 1}, "Next": "Each"}
    machine = {"StartAt": "Set", "States": {"Set": set_, **machine["States"]}}

    ended = machines.run(machine, {"items": [1]})

    assert ended["error"] == "States.ExceedToleratedFailureThreshold"


@pytest.mark.parametrize(("most", "batches"), [(2, [[1, 2], [3]]), (5, [[1, 2, 3]])])
def test_items_come_in_batches(machines: Any, most: int, batches: list[list[int]]) -> None:
    """Each with what all batches share."""
    machine = distributed(
        passing(),
        ItemsPath="$.items",
        ItemBatcher={"MaxItemsPerBatch": most, "BatchInput": {"day.$": "$.day"}},
    )

    output = machines.output(machine, {"items": [1, 2, 3], "day": "today"})

    assert output == [{"BatchInput": {"day": "today"}, "Items": batch} for batch in batches]


def failing(*bad: int) -> dict[str, Any]:
    """A processor that fails for some items and waits long for others."""
    choices = [{"Variable": "$", "NumericEquals": one, "Next": "F"} for one in bad]
    wait = [{"Variable": "$", "NumericGreaterThan": 100, "Next": "W"}]
    return {
        "StartAt": "C",
        "States": {
            "C": {"Type": "Choice", "Choices": [*choices, *wait], "Default": "P"},
            "F": {"Type": "Fail", "Error": "Bad"},
            "P": {"Type": "Pass", "End": True},
            "W": {"Type": "Wait", "Seconds": 60, "End": True},
        },
    }


def test_a_failed_item_ends_the_others(machines: Any, states: Any) -> None:
    """Those that run are aborted, those that wait for their turn never start."""
    machine = distributed(failing(0), ItemsPath="$.items", MaxConcurrency=2)

    arn = machines.start(machine, {"items": [101, 0, 102]})
    ended = machines.end(arn)

    counts = map_run(states, arn)["itemCounts"]
    assert ended["error"] == "States.ExceedToleratedFailureThreshold"
    assert (counts["failed"], counts["aborted"], counts["succeeded"]) == (1, 2, 0)
    assert map_run(states, arn)["status"] == "FAILED"


@pytest.mark.parametrize(
    ("tolerated", "status"),
    [
        ({"ToleratedFailureCount": 1}, "SUCCEEDED"),
        ({"ToleratedFailureCountPath": "$.may"}, "SUCCEEDED"),
        ({"ToleratedFailurePercentage": 50}, "SUCCEEDED"),
        ({"ToleratedFailurePercentage": 49}, "FAILED"),
        ({"ToleratedFailureCount": 1, "ToleratedFailurePercentage": 0}, "FAILED"),
    ],
)
def test_some_items_may_fail(machines: Any, tolerated: dict[str, Any], status: str) -> None:
    """By number or by share, whichever is passed first."""
    machine = distributed(failing(0), ItemsPath="$.items", **tolerated)

    ended = machines.run(machine, {"items": [0, 1], "may": 1})

    assert ended["status"] == status
    if status == "SUCCEEDED":
        assert json.loads(ended["output"]) == [1]


def test_a_stop_of_the_parent_aborts_the_children(machines: Any, states: Any) -> None:
    """And none is started any more."""
    machine = distributed(failing(0), ItemsPath="$.items", MaxConcurrency=1)
    arn = machines.start(machine, {"items": [101, 102]})
    until(lambda: states.list_map_runs(executionArn=arn)["mapRuns"])
    until(lambda: map_run(states, arn)["itemCounts"]["running"] == 1)

    states.stop_execution(executionArn=arn)
    until(lambda: map_run(states, arn)["status"] == "ABORTED")

    (child,) = states.list_executions(mapRunArn=map_run(states, arn)["mapRunArn"])["executions"]
    assert child["status"] == "ABORTED"
    assert map_run(states, arn)["itemCounts"]["aborted"] == 2


def test_an_item_s_machine_is_described(machines: Any, states: Any) -> None:
    """By its execution: the Map's own states, and which Map Run it is of."""
    arn = machines.start(distributed(passing(), ItemsPath="$.items", Label="Each"), {"items": [1]})
    machines.end(arn)
    map_run_arn = map_run(states, arn)["mapRunArn"]
    (child,) = states.list_executions(mapRunArn=map_run_arn)["executions"]

    described = states.describe_state_machine_for_execution(executionArn=child["executionArn"])

    assert json.loads(described["definition"])["States"] == passing()["States"]
    assert (described["mapRunArn"], described["label"]) == (map_run_arn, "Each")
    assert described["stateMachineArn"] == child["stateMachineArn"]


def test_what_is_not_done_here_is_told(machines: Any) -> None:
    """A ResultWriter would change the state's output; nobody shall find out late."""
    writer = {"Resource": "arn:aws:states:::s3:putObject", "Parameters": {"Bucket": "b"}}

    ended = machines.run(
        distributed(passing(), ItemsPath="$.items", ResultWriter=writer), {"items": []}
    )

    assert ended["error"] == "States.ResultWriterFailed"
    assert "leave ResultWriter out there" in ended["cause"]
