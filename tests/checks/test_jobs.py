"""The states of a template that run processing jobs."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cdk_sagemaker_processing.checks.jobs import UnreadableError, jobs_of, member
from cdk_sagemaker_processing.checks.literal_secrets import secrets_of
from cdk_sagemaker_processing.checks.policies import open_pass_roles
from cdk_sagemaker_processing.checks.rules import JOB_RULES
from cdk_sagemaker_processing.checks.unknown import UNKNOWN
from tests.checks.samples import definition, state

SPLIT = {"ProcessingJobName": "split"}


def jobs(properties: dict[str, Any], folder: Path = Path()) -> dict[str, Any]:
    """The requests of a state machine's jobs by their states."""
    return {one.state: one.request for one in jobs_of({"Properties": properties}, {}, folder)}


@pytest.mark.parametrize("jsonata", [False, True])
def test_jobs_are_found_in_text_in_objects_and_in_assets(tmp_path: Path, jsonata: bool) -> None:
    """Wherever the template has the definition."""
    written = definition(Split=state(SPLIT, jsonata=jsonata))
    (tmp_path / "asset.abc.json").write_text(json.dumps(written))
    (tmp_path / "assembly-Prod").mkdir()
    location = {"DefinitionS3Location": {"Bucket": "b", "Key": "abc.json"}}

    assert jobs({"DefinitionString": json.dumps(written)}) == {"Split": SPLIT}
    assert jobs({"Definition": written}) == {"Split": SPLIT}
    assert jobs(location, tmp_path) == {"Split": SPLIT}
    assert jobs(location, tmp_path / "assembly-Prod") == {"Split": SPLIT}


def test_jobs_are_found_in_branches_and_iterations() -> None:
    """At any depth, in the old and the new way to write a Map."""
    inner = definition(Inner=state(SPLIT))
    outer = definition(
        Each={"Type": "Map", "ItemProcessor": inner},
        Old={"Type": "Map", "Iterator": definition(OldInner=state(SPLIT))},
        All={
            "Type": "Parallel",
            "Branches": [
                definition(One=state(SPLIT)),
                definition(Two={"Type": "Map", "ItemProcessor": definition(Deep=state(SPLIT))}),
            ],
        },
    )

    assert set(jobs({"Definition": outer})) == {"Inner", "OldInner", "One", "Deep"}


@pytest.mark.parametrize(
    "resource",
    [
        "arn:aws:states:::sagemaker:createProcessingJob",
        "arn:aws-cn:states:::sagemaker:createProcessingJob.sync",
        "arn:aws:states:::aws-sdk:sagemaker:createProcessingJob",
        {
            "Fn::Join": [
                "",
                ["arn:", {"Ref": "AWS::Partition"}, ":states:::sagemaker:createProcessingJob.sync"],
            ]
        },
    ],
)
def test_every_integration_is_known(resource: Any) -> None:
    """The optimized one, waiting or not, and that of the AWS SDK, in any partition."""
    written = definition(Split=state(SPLIT) | {"Resource": resource})

    assert jobs({"Definition": written}) == {"Split": SPLIT}


def test_other_states_are_left_alone() -> None:
    """Also other jobs of SageMaker's."""
    other = {"Type": "Task", "Resource": "arn:aws:states:::sagemaker:createTrainingJob.sync"}

    assert jobs({"Definition": definition(Train=other, Wait={"Type": "Wait", "Seconds": 1})}) == {}


def test_a_state_without_parameters_takes_its_input() -> None:
    """So nothing is known of its request."""
    written = {"Type": "Task", "Resource": state({})["Resource"]}

    assert jobs({"Definition": definition(Split=written)}) == {"Split": UNKNOWN}
    assert member(UNKNOWN, "NetworkConfig", "EnableNetworkIsolation") == UNKNOWN


def test_substitutions_are_made() -> None:
    """So that what they hold is looked at."""
    written = json.dumps(definition(Split=state({"ProcessingJobName": "${name}"})))

    assert jobs({"DefinitionString": written, "DefinitionSubstitutions": {"name": "split"}}) == {
        "Split": SPLIT
    }


@pytest.mark.parametrize(
    ("properties", "reason"),
    [
        ({"DefinitionString": "StartAt: Split"}, "is no JSON"),
        ({"DefinitionString": {"Ref": "Definition"}}, "is filled in at deploy"),
        ({"DefinitionS3Location": {"Bucket": "b", "Key": "k.json"}}, "lies in S3"),
        ({}, "lies in S3"),
    ],
)
def test_what_cannot_be_looked_at_is_told(
    tmp_path: Path, properties: dict[str, Any], reason: str
) -> None:
    """Rather than taken for right."""
    with pytest.raises(UnreadableError, match=reason):
        jobs(properties, tmp_path)


NAMES = [
    *("States", "Branches", "ItemProcessor", "Resource", "Parameters", "Arguments", "Definition"),
    *("ProcessingResources", "ClusterConfig", "InstancePreferences", "InstanceCount"),
    *("AppSpecification", "ImageUri", "ContainerArguments", "ContainerArguments.$", "Environment"),
    *("NetworkConfig", "StoppingCondition", "PolicyDocument", "Statement", "Effect", "Action"),
    *("Condition", "Ref", "Fn::Join", "Fn::Sub", "Fn::If", "DefinitionSubstitutions"),
]
VALUES = ["Allow", "iam:PassRole", "{% 'a' %}", "States.Array('a'", state({})["Resource"], "${a}"]
nonsense = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text() | st.sampled_from(VALUES),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(NAMES), inner, max_size=4)
    ),
    max_leaves=20,
)


@given(nonsense)
def test_nonsense_in_a_template_breaks_nothing(written: Any) -> None:
    """It is CloudFormation that refuses it; the checks of the rest go on."""
    for check in JOB_RULES.values():
        list(check(written))
    list(secrets_of(written))
    list(open_pass_roles({"Type": "AWS::IAM::Role", "Properties": written}, {}))
    try:
        found = jobs({"Definition": {"States": {"Split": state(written)}}} | _mapping(written))
    except UnreadableError:
        found = {}
    assert set(found) <= {"Split", *NAMES}


def _mapping(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}
