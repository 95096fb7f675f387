"""What tests of the checks need: secrets that are none, states, apps, and the CDK's report."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import aws_cdk as cdk
from aws_cdk import aws_stepfunctions as sfn

RUN_JOB = "arn:aws:states:::sagemaker:createProcessingJob.sync"
KEY = "arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"

# Made of pieces: written in one, scanners of repositories would find them too.
_LETTERS = "Zq7Xv2Lk9Rw4Tn6Yb3Hc8Md5Jf1Pg0SaUeOiDoEuAxKzNvBm"
CERTAIN = {
    "an AWS access key": "AKIA" + "Q7XV2LK3RW4TN6YB",
    "a private key": "-----BEGIN RSA " + "PRIVATE KEY-----",
    "a GitHub token": "ghp_" + _LETTERS[:36],
    "a GitLab token": "glpat-" + _LETTERS[:20],
    "a Slack token": "xoxb-" + "123456789012-" + _LETTERS[:24],
    "a Slack webhook": "https://hooks.slack.com/" + "services/T0001/B0002/" + _LETTERS[:24],
    "a Stripe key": "sk_" + "live_" + _LETTERS[:24],
    "an Anthropic key": "sk-ant-" + "api03-" + _LETTERS,
    "an OpenAI key": "sk-" + _LETTERS[:20] + "T3Blbk" + "FJ" + _LETTERS[:20],
    "a Google API key": "AIza" + _LETTERS[:35],
    "a Hugging Face token": "hf_" + _LETTERS[:34],
    "a Databricks token": "dapi" + "0123456789abcdef" * 2,
    "a PyPI token": "pypi-" + "AgE" + _LETTERS + _LETTERS,
    "an npm token": "npm_" + _LETTERS[:36],
    "a SendGrid key": "SG." + _LETTERS[:22] + "." + _LETTERS[:43],
    "an Azure storage key": "AccountKey=" + (_LETTERS * 2)[:86] + "==",
}
PASSWORD = "Tr0ub4dor&3"  # noqa: S105 # everybody's example of one
TOKEN = _LETTERS[:24]

# A request in which no rule finds anything.
SOUND: Mapping[str, Any] = {
    "ProcessingJobName.$": "States.UUID()",
    "AppSpecification": {"ImageUri": "111122223333.dkr.ecr.eu-west-1.amazonaws.com/clean:1.4.2"},
    "ProcessingResources": {
        "ClusterConfig": {
            "InstanceCount": 2,
            "InstanceType": "ml.m5.xlarge",
            "VolumeSizeInGB": 30,
            "VolumeKmsKeyId": KEY,
        }
    },
    "NetworkConfig": {
        "EnableNetworkIsolation": True,
        "EnableInterContainerTrafficEncryption": True,
    },
    "StoppingCondition": {"MaxRuntimeInSeconds": 3600},
    "RoleArn": "arn:aws:iam::111122223333:role/job",
}


def request(**changes: Any) -> dict[str, Any]:
    """A sound request but for some members; None removes one.

    Args:
        changes: The members, by their path with ``__`` for dots.
    """
    made: dict[str, Any] = json.loads(json.dumps(SOUND))
    for path, value in changes.items():
        *above, last = path.split("__")
        at = made
        for name in above:
            at = at.setdefault(name, {})
        if value is None:
            at.pop(last, None)
        else:
            at[last] = value
    return made


def state(of: Mapping[str, Any], *, jsonata: bool = False, end: bool = True) -> dict[str, Any]:
    """A state that runs a job, as somebody would write it by hand."""
    asked = {"QueryLanguage": "JSONata", "Arguments": of} if jsonata else {"Parameters": of}
    return {"Type": "Task", "Resource": RUN_JOB, **asked, **({"End": True} if end else {})}


def definition(**states: Mapping[str, Any]) -> dict[str, Any]:
    """A definition of one state after the other."""
    names = list(states)
    last = {names[-1]: {**states[names[-1]], "End": True}}
    chained = {
        name: {**{k: v for k, v in states[name].items() if k != "End"}, "Next": after}
        for name, after in pairwise(names)
    }
    return {"StartAt": names[0], "States": {**chained, **last}}


def new_app(folder: Path, **context: Any) -> cdk.App:
    """An app in which no checks but those of a test run."""
    return cdk.App(
        outdir=str(folder / "cdk.out"), builtin_cloud_formation_validation=False, context=context
    )


def custom(scope: cdk.Stack, name: str, of: Mapping[str, Any]) -> sfn.CustomState:
    """A state of the CDK's that somebody wrote by hand."""
    return sfn.CustomState(scope, name, state_json=state(of, end=False))


def machine(scope: Any, name: str, chain: sfn.IChainable) -> sfn.StateMachine:
    """A state machine of a chain of states."""
    return sfn.StateMachine(scope, name, definition_body=sfn.DefinitionBody.from_chainable(chain))


@dataclass(frozen=True, slots=True)
class Report:
    """What the CDK reports of an app's synthesis.

    Attributes:
        error: Why the synthesis failed; empty if it did not.
        found: Each finding's rule, construct path and severity.
        acknowledged: The same of those acknowledged, with the reason for the severity.
        text: All that is said of the findings.
    """

    error: str
    found: list[tuple[str, str, str]]
    acknowledged: list[tuple[str, str, str]]
    text: str


def synth(app: cdk.App) -> Report:
    """Synthesize an app, and read what the CDK reports of it."""
    error = ""
    try:
        app.synth()
    except RuntimeError as failed:
        error = str(failed)
    path = Path(app.outdir) / "validation-report.json"
    read = json.loads(path.read_text())["pluginReports"] if path.is_file() else []
    found = [one for plugin in read for one in plugin["violations"]]
    put_by = [one for plugin in read for one in plugin.get("suppressedViolations", ())]
    told = [f"{one['description']}\n{one['suggestedFix']}" for one in found]
    return Report(
        error,
        [(one["ruleName"], _path(one), one["severity"]) for one in found],
        [(one["ruleName"], _path(one), one["reason"]) for one in put_by],
        "\n".join(told),
    )


def _path(violation: Mapping[str, Any]) -> str:
    (one,) = violation["violatingConstructs"]
    return str(one["constructPath"])
