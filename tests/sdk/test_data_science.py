"""``docs/moving/data-science-sdk.md``: steps make the states that the Data Science SDK makes."""

import contextlib
import json
import re
from functools import cache
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_stepfunctions as sfn

import cdk_sagemaker_processing as processing
from tests.sdk import recordings
from tests.sdk.comparison import MISSING, Found, compare, our_side, their_side
from tests.sdk.differences import DIFFERENCES, Difference, undeclared
from tests.sdk.our_calls import documented
from tests.sdk.test_page import identifiers, our_arguments
from tests.support import definition, new_stack
from tools import sdk_page

EXAMPLES = sdk_page.examples(sdk_page.DATA_SCIENCE)
(TABLE,) = sdk_page.tables(sdk_page.DATA_SCIENCE).values()
RAISES = {"ds_list": "TypeError: Object of type ExecutionInput is not JSON serializable"}
COMPARED = [name for name in EXAMPLES if name not in RAISES]

_NONE = re.escape(MISSING)
_BY_HAND = "code is uploaded and its place written by hand; a step's is an asset of the CDK"
DIFFERENCES_HERE = (
    Difference(
        "ProcessingJobName",
        r"\{\$\$\.Execution\.Input\['JobName'\]\}",
        r"preprocess-[0-9a-f]{8}-\{States\.UUID\(\)\}-\{\$\$\.State\.RetryCount\}",
        "each attempt of each execution has a name of its own, without being given one",
    ),
    Difference(
        r"ProcessingInputs\[code\]\.S3Input\.S3Uri",
        r"s3://your-bucket/code/(?P<file>[\w.]+)",
        r"s3://cdk-hnb659fds-assets-111122223333-eu-west-1/[0-9a-f]{32}\.d/code/(?P<file>[\w.]+)",
        _BY_HAND,
    ),
    Difference(
        r"Files\.code\.(preprocess|preprocessing)\.py", _NONE, r"(?!\(missing\)).*", _BY_HAND
    ),
    Difference(
        r"ProcessingOutputConfig\.Outputs",
        r"\[\]",
        _NONE,
        "what there is none of is left out",
    ),
)


def their_request(name: str) -> dict[str, Any]:
    """The recorded state's request, a value of the execution written as ours is told."""
    return dict(_told(their_state(name)["Parameters"]))


def their_state(name: str) -> dict[str, Any]:
    """The recorded state."""
    (state,) = recordings.read(name)["definition"]["States"].values()
    return dict(state)


def _told(value: Any) -> Any:
    if isinstance(value, dict):
        return {
            key.removesuffix(".$"): f"{{{one}}}" if key.endswith(".$") else _told(one)
            for key, one in value.items()
        }
    return [_told(one) for one in value] if isinstance(value, list) else value


def made(name: str, folder: Path) -> processing.ProcessingStep:
    """An example's step, made beside the files that it names."""
    with contextlib.chdir(recordings.FILES):
        return documented(EXAMPLES[name])(new_stack(folder))


def our_state(name: str, folder: Path) -> dict[str, Any]:
    """The step's state in the workflow that the example makes."""
    stack = cdk.Stack.of(made(name, folder))
    (machine,) = (one for one in stack.node.find_all() if isinstance(one, sfn.StateMachine))
    (state,) = definition(machine)["States"].values()
    return dict(state)


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """All that an example's two sides differ in, made once."""

    @cache
    def differences(name: str) -> list[Found]:
        theirs = their_side({"request": their_request(name), "uploads": {}})
        return compare(theirs, our_side(made(name, tmp_path_factory.mktemp(name))))

    return differences


def test_its_examples_are_recorded_as_they_stand() -> None:
    """The SDK's code on the page is the code that was recorded."""
    recorded = {name: recordings.read(name)["code"] for name in recordings.DATA_SCIENCE_NAMES}

    assert recorded == {name: one.theirs for name, one in EXAMPLES.items()}


@pytest.mark.parametrize("name", COMPARED)
def test_a_step_asks_for_what_the_sdk_asks_for(name: str, found: Any) -> None:
    """The two requests are equal, but for what is declared to differ."""
    assert undeclared(found(name), DIFFERENCES_HERE) == []


def test_every_declared_difference_is_needed(found: Any) -> None:
    """Each is found in an example, and none is one of the SageMaker SDK's as well."""
    every = [one for name in COMPARED for one in found(name)]

    for known in DIFFERENCES_HERE:
        covered = [one for one in every if known.covers(one)]
        assert covered, known
        assert not any(other.covers(one) for one in covered for other in DIFFERENCES), known


def test_the_state_waits_and_retries_likewise(tmp_path: Path) -> None:
    """Both wait for the job's end, and the retry that is asked for is the same."""
    theirs = their_state("ds_script")
    ours = our_state("ds_script", tmp_path)

    assert theirs["Resource"] == "arn:aws:states:::sagemaker:createProcessingJob.sync"
    assert ours["Resource"] == theirs["Resource"].replace("arn:aws:", "arn:<AWS::Partition>:")
    assert ours["Retry"][-1] == theirs["Retry"][-1]


@pytest.mark.parametrize("name", RAISES)
def test_what_the_sdk_cannot_render_a_step_can(name: str, tmp_path: Path) -> None:
    """The SDK raises what the page says; the step's list holds the value of the execution."""
    assert recordings.read(name)["error"] == RAISES[name]
    assert RAISES[name] in sdk_page.DATA_SCIENCE.read_text()
    request = our_state(name, tmp_path)["Parameters"]
    assert request["AppSpecification"]["ContainerArguments.$"] == "States.Array('--day', $.Day)"


def test_every_argument_of_the_sdk_has_a_row() -> None:
    """The table is the step's recorded arguments, each with what there is here."""
    recorded = json.loads((recordings.FILES.parent / "arguments_data_science.json").read_text())
    ours = {argument for cls in TABLE.ours for argument in our_arguments(cls)}

    assert [identifiers(row.theirs)[0] for row in TABLE.rows] == recorded["ProcessingStep"]
    for row in TABLE.rows:
        assert row.difference, row
        assert row.ours.startswith("none: ") or set(identifiers(row.ours)) <= ours, row
