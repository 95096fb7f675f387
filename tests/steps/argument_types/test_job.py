"""What a job is told beside its data, of the right kind."""

from collections.abc import Callable
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_stepfunctions as sfn

import cdk_sagemaker_processing as processing
from cdk_sagemaker_processing.steps.argument_types import job
from tests.steps.argument_types.checked import said

PATH = sfn.JsonPath.string_at("$.x")
EXECUTION = "cdk-sagemaker-processing:execution"
RIGHT: dict[str, tuple[Callable[[str, Any], Any], list[Any]]] = {
    "tags": (
        job.wrong_tags,
        [
            (),
            {},
            {"a": PATH},
            [{"Key": "a", "Value": "{% $x %}"}],
            {str(at): "" for at in range(49)},
        ],
    ),
    "experiment": (
        job.wrong_experiment,
        [None, {}, {"ExperimentName": PATH, "TrialName": "t", "RunName": "r"}],
    ),
    "key": (job.wrong_key, [None, "1234", "alias/lake", PATH]),
    "base name": (job.wrong_base_job_name, [None, "clean"]),
}
WRONG: dict[str, tuple[Callable[[str, Any], Any], Any, str]] = {
    "text for tags": (job.wrong_tags, "a=b", "it must be a mapping of keys to values, got 'a=b'"),
    "a number for a value": (job.wrong_tags, {"a": 1}, "it['a'] must be a string, got 1"),
    "one tag": (
        job.wrong_tags,
        {"Key": "a", "Value": "b"},
        "it: one tag is a list of one, or a mapping: write [{'Key': 'a', 'Value': 'b'}]",
    ),
    "the CDK's tag": (job.wrong_tags, [cdk.CfnTag(key="a", value="b")], "it[0] must be a tag"),
    "lower case": (job.wrong_tags, [{"key": "a", "value": "b"}], "it[0] must be a tag, got {'key'"),
    "half a tag": (job.wrong_tags, [{"Key": "a"}], "it[0] must be a tag, got {'Key': 'a'}"),
    "a pair": (job.wrong_tags, [("a", "b")], "it[0] must be a tag, got ('a', 'b')"),
    "too many": (job.wrong_tags, {str(at): "" for at in range(50)}, "at most 49, as the execution"),
    "too many in a list": (
        job.wrong_tags,
        [{"Key": str(at), "Value": ""} for at in range(50)],
        "it must be at most 49, as the execution's ARN is one too and a job has at most 50, got 50",
    ),
    "the step's own": (job.wrong_tags, {EXECUTION: "x"}, f"it: '{EXECUTION}' is the step's own"),
    "no such member": (
        job.wrong_experiment,
        {"Experiment": "a"},
        "it: there is no 'Experiment'; there are ExperimentName, TrialName, TrialComponent",
    ),
    "a name for an experiment": (job.wrong_experiment, "a", "it must be a mapping of names to"),
    "a number for a trial": (job.wrong_experiment, {"TrialName": 5}, "it['TrialName'] must be a"),
    "a number for a key": (job.wrong_key, 5, "it must be a kms.IKey, or a key's id, ARN or alias"),
    "no text for a key": (job.wrong_key, "", "it must be a kms.IKey, or a key's id, ARN or alias"),
    "an ARN for a role": (
        job.wrong_role,
        "arn:aws:iam::1:role/x",
        "write iam.Role.from_role_arn(self, 'Role', 'arn:aws:iam::1:role/x')",
    ),
    "a URI for a storage": (job.wrong_storage, "s3://x", "ProcessingOutput(name, destination="),
    "a late base name": (job.wrong_base_job_name, PATH, "it must be a string known at synth"),
    "a number for a base name": (job.wrong_base_job_name, 5, "it must be a string known at synth"),
}


@pytest.mark.parametrize("kind", RIGHT)
def test_what_fits_is_taken(kind: str) -> None:
    """In all its ways of writing."""
    check, taken = RIGHT[kind]

    assert [said(check, one) for one in taken] == [[] for _ in taken]


def test_constructs_are_taken(stack: cdk.Stack) -> None:
    """Made here or imported."""
    arn = "arn:aws:iam::111122223333:role/x"
    role = iam.Role(stack, "Role", assumed_by=iam.ServicePrincipal("sagemaker.amazonaws.com"))
    roles = [role, iam.Role.from_role_arn(stack, "A", arn), role.without_policy_updates()]
    keys = [
        kms.Key(stack, "Key"),
        kms.Key.from_key_arn(stack, "B", "arn:aws:kms:eu-west-1:111122223333:key/1"),
        kms.Alias.from_alias_name(stack, "C", "alias/lake"),
    ]

    assert [said(job.wrong_role, one) for one in (None, *roles)] == [[]] * 4
    assert [said(job.wrong_key, one) for one in keys] == [[]] * 3
    assert said(job.wrong_storage, processing.ProcessingStorage(stack, "Storage")) == []


@pytest.mark.parametrize("case", WRONG)
def test_what_does_not_fit_is_told_with_what_does(case: str) -> None:
    """Once, with what came."""
    check, value, words = WRONG[case]

    (problem,) = said(check, value)

    assert words in problem
