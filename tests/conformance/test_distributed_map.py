"""Map, distributed: where items come from, batches, and how many may fail.

Step Functions developer guide, "Using Map state in Distributed mode for large-scale parallel
workloads", "ItemReader", "ItemBatcher" and "Setting failure thresholds for Distributed Map states".
"""

import json
import uuid
from typing import Any

import pytest

from tests.conformance.asl import State, chain, fail, item_map, jsonata
from tests.conformance.gaps import gap
from tests.waiting import until

pytestmark = pytest.mark.local_cloud

GET = "arn:aws:states:::s3:getObject"
SAME = chain({"Type": "Pass"})
FAILS_BELOW_ZERO = chain(
    {
        "Type": "Choice",
        "Choices": [{"Variable": "$", "NumericLessThan": 0, "Next": "S1"}],
        "Default": "S2",
    },
    fail("A"),
    {"Type": "Succeed"},
)


def distributed(processor: State, **fields: Any) -> State:
    config = {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}
    return item_map({"ProcessorConfig": config, **processor}, **fields)


@pytest.fixture(scope="module")
def bucket(cloud: Any) -> str:
    """A bucket with the objects that items are read from."""
    name = f"bucket-{uuid.uuid4()}"
    s3 = cloud.client("s3")
    s3.create_bucket(Bucket=name)
    objects = {
        "items.json": '[{"n": 1}, {"n": 2}]',
        "items.jsonl": '{"n": 1}\n{"n": 2}\n',
        "header.csv": "n,m\n1,a\n2,\n",
        "plain.csv": "1;a\n2;b\n",
        "scalar.json": '"abc"',
    }
    for key, text in objects.items():
        s3.put_object(Bucket=name, Key=key, Body=text.encode())
    return name


@pytest.mark.parametrize(
    ("key", "config", "items"),
    [
        pytest.param("items.json", {"InputType": "JSON"}, [{"n": 1}, {"n": 2}], id="JSON"),
        pytest.param("items.jsonl", {"InputType": "JSONL"}, [{"n": 1}, {"n": 2}], id="JSON lines"),
        pytest.param(
            "header.csv",
            {"InputType": "CSV", "CSVHeaderLocation": "FIRST_ROW"},
            [{"n": "1", "m": "a"}, {"n": "2", "m": ""}],
            id="CSV with a header",
        ),
        pytest.param(
            "plain.csv",
            {
                "InputType": "CSV",
                "CSVHeaderLocation": "GIVEN",
                "CSVHeaders": ["x", "y"],
                "CSVDelimiter": "SEMICOLON",
            },
            [{"x": "1", "y": "a"}, {"x": "2", "y": "b"}],
            id="CSV with given headers",
        ),
        pytest.param("items.json", {"InputType": "JSON", "MaxItems": 1}, [{"n": 1}], id="MaxItems"),
        pytest.param(
            "items.json",
            {"InputType": "JSON", "MaxItemsPath": "$.most"},
            [{"n": 1}],
            id="MaxItemsPath",
        ),
    ],
)
def test_items_are_read_from_an_object(
    machines: Any, bucket: str, key: str, config: State, items: list[Any]
) -> None:
    """As its type says."""
    reader = {
        "Resource": GET,
        "ReaderConfig": config,
        "Parameters": {"Bucket": bucket, "Key.$": "$.key"},
    }
    state = distributed(SAME, ItemReader=reader)
    assert machines.output(chain(state), {"key": key, "most": 1}) == items


@pytest.mark.parametrize("key", ["none.json", "scalar.json"])
def test_an_object_without_items_fails_the_state(machines: Any, bucket: str, key: str) -> None:
    """Whether it is not there, or holds no array."""
    reader = {
        "Resource": GET,
        "ReaderConfig": {"InputType": "JSON"},
        "Parameters": {"Bucket": bucket, "Key": key},
    }
    assert machines.error(chain(distributed(SAME, ItemReader=reader))) == "States.ItemReaderFailed"


ITEM = {"text": "x" * 10}  # `{"text":"xxxxxxxxxx"}`: 21 bytes


@pytest.mark.parametrize(
    ("batcher", "sizes"),
    [
        pytest.param({"MaxItemsPerBatch": 2}, [2, 2, 1], id="by number"),
        pytest.param({"MaxItemsPerBatchPath": "$.most"}, [3, 2], id="by path"),
        pytest.param({"MaxInputBytesPerBatch": 60}, [2, 2, 1], id="by bytes"),
        pytest.param(
            {"MaxItemsPerBatch": 4, "MaxInputBytesPerBatch": 60}, [2, 2, 1], id="by either"
        ),
        pytest.param(
            {"MaxInputBytesPerBatch": 60, "BatchInput": {"a": "x" * 20}}, [1] * 5, id="with input"
        ),
    ],
)
def test_items_come_in_batches(machines: Any, batcher: State, sizes: list[int]) -> None:
    """As large as they may be."""
    state = distributed(SAME, ItemsPath="$.items", ItemBatcher=batcher)
    output = machines.output(chain(state), {"items": [ITEM] * 5, "most": 3})
    assert [len(batch["Items"]) for batch in output] == sizes


def test_batches_share_an_input(machines: Any) -> None:
    """BatchInput, beside the selected items."""
    state = distributed(
        SAME,
        ItemsPath="$.items",
        ItemSelector={"v.$": "$$.Map.Item.Value"},
        ItemBatcher={"MaxItemsPerBatch": 2, "BatchInput": {"day.$": "$.day"}},
    )
    assert machines.output(chain(state), {"items": [1, 2, 3], "day": "mon"}) == [
        {"BatchInput": {"day": "mon"}, "Items": [{"v": 1}, {"v": 2}]},
        {"BatchInput": {"day": "mon"}, "Items": [{"v": 3}]},
    ]


@pytest.mark.parametrize(
    ("tolerated", "error"),
    [
        pytest.param({}, "States.ExceedToleratedFailureThreshold", id="none by default"),
        pytest.param({"ToleratedFailureCount": 2}, None, id="as many"),
        pytest.param(
            {"ToleratedFailureCount": 1}, "States.ExceedToleratedFailureThreshold", id="fewer"
        ),
        pytest.param({"ToleratedFailureCountPath": "$.two"}, None, id="by path"),
        pytest.param({"ToleratedFailurePercentage": 50}, None, id="as large a share"),
        pytest.param(
            {"ToleratedFailurePercentage": 49.9},
            "States.ExceedToleratedFailureThreshold",
            id="a smaller share",
        ),
        pytest.param({"ToleratedFailurePercentagePath": "$.share"}, None, id="a share by path"),
        pytest.param(
            {"ToleratedFailureCount": 4, "ToleratedFailurePercentage": 10},
            "States.ExceedToleratedFailureThreshold",
            id="whichever is passed first",
        ),
    ],
)
def test_some_items_may_fail(machines: Any, tolerated: State, error: str | None) -> None:
    """By number, by share, or both."""
    state = distributed(FAILS_BELOW_ZERO, ItemsPath="$.items", **tolerated)
    given = {"items": [1, -1, 2, -2], "two": 2, "share": 50}
    ended = machines.run(chain(state), given)
    assert ended.get("error") == error
    if error is None:
        assert json.loads(ended["output"]) == [1, 2]


def test_too_many_failures_are_caught(machines: Any) -> None:
    """By the error's name."""
    catch = {"ErrorEquals": ["States.ExceedToleratedFailureThreshold"], "Next": "S1"}
    state = distributed(FAILS_BELOW_ZERO, ItemsPath="$.items", Catch=[catch])
    machine = chain(state, {"Type": "Pass", "Result": "caught"})
    assert machines.output(machine, {"items": [-1]}) == "caught"


@pytest.mark.parametrize("given", [{"items": "abc"}, {"items": 1}])
def test_items_that_are_no_array_fail_the_execution(machines: Any, given: Any) -> None:
    """As inline."""
    assert machines.error(chain(distributed(SAME, ItemsPath="$.items")), given) == "States.Runtime"


def test_no_items_are_no_executions(machines: Any) -> None:
    """And an empty output."""
    assert machines.output(chain(distributed(SAME)), []) == []


def test_jsonata(machines: Any) -> None:
    """Items, batches, thresholds and the output are expressions."""
    state = distributed(
        chain({"Type": "Pass", "Output": "{% $sum($states.input.Items) %}"}),
        Items="{% [1..5] %}",
        ItemBatcher={"MaxItemsPerBatch": "{% 1 + 1 %}"},
        ToleratedFailurePercentage="{% 10 * 5 %}",
        Output="{% {'sums': $states.result} %}",
    )
    assert machines.output(jsonata(state)) == {"sums": [3, 7, 5]}


@gap("ResultWriter")
def test_results_are_written(machines: Any, bucket: str) -> None:
    """To S3, and the output says where."""
    writer = {
        "Resource": "arn:aws:states:::s3:putObject",
        "Parameters": {"Bucket": bucket, "Prefix": "results"},
    }
    output = machines.output(chain(distributed(SAME, ResultWriter=writer)), [1])
    assert output["ResultWriterDetails"]["Bucket"] == bucket


@gap("Redrive of a distributed Map")
def test_a_redrive_goes_on_with_its_map_run(machines: Any, states: Any) -> None:
    """And starts no other one."""
    arn = machines.start(chain(distributed(FAILS_BELOW_ZERO)), [1, -1])
    machines.end(arn)
    states.redrive_execution(executionArn=arn)
    machines.end(arn)
    assert len(states.list_map_runs(executionArn=arn)["mapRuns"]) == 1


def test_more_items_may_fail_than_at_first(machines: Any, states: Any) -> None:
    """A Map Run that runs takes over its new limits."""
    state = distributed(chain({"Type": "Wait", "Seconds": 100}, fail("A")))
    arn = machines.start(chain(state), [1])
    (run,) = until(lambda: states.list_map_runs(executionArn=arn)["mapRuns"])
    states.update_map_run(mapRunArn=run["mapRunArn"], toleratedFailureCount=1)
    assert machines.end(arn)["status"] == "SUCCEEDED"


@gap("UpdateMapRun")
def test_more_items_run_at_a_time_than_at_first(machines: Any, states: Any) -> None:
    """A Map Run that runs takes over its new number of them."""
    state = distributed(chain({"Type": "Wait", "Seconds": 50}), MaxConcurrency=1)
    arn = machines.start(chain(state), [1, 2])
    (run,) = until(lambda: states.list_map_runs(executionArn=arn)["mapRuns"])
    states.update_map_run(mapRunArn=run["mapRunArn"], maxConcurrency=2)
    machines.end(arn)
    second, first = states.list_executions(mapRunArn=run["mapRunArn"])["executions"]
    assert second["startDate"] < first["stopDate"]
