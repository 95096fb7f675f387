"""How often a step asks the CDK's process: each question crosses into Node and back.

The same stack written by hand, of `CustomState`s with the same roles and policies, asks 53 times.
"""

from collections.abc import Callable
from pathlib import Path

import aws_cdk as cdk
import pytest
from aws_cdk import aws_stepfunctions as sfn
from jsii._kernel.providers.process import _NodeProcess

import cdk_sagemaker_processing as processing

Make = Callable[[cdk.Stack, str, Path, str], processing.ProcessingStep]


def sklearn(stack: cdk.Stack, name: str, code: Path, source: str) -> processing.ProcessingStep:
    return processing.SKLearnStep(
        stack,
        name,
        framework_version="1.2-1",
        code=code,
        inputs=[processing.ProcessingInput(source, input_name="data")],
        outputs=[processing.ProcessingOutput("table"), processing.ProcessingOutput("report")],
        arguments=["--day", sfn.JsonPath.string_at("$.day")],
    )


def pyspark(stack: cdk.Stack, name: str, code: Path, source: str) -> processing.ProcessingStep:
    return processing.PySparkStep(
        stack,
        name,
        framework_version="3.5",
        submit_app=code,
        inputs=[processing.ProcessingInput(source, input_name="data")],
        outputs=[processing.ProcessingOutput("table")],
        configuration=[{"Classification": "spark-defaults", "Properties": {"spark.x": "1"}}],
        arguments=["--day", sfn.JsonPath.string_at("$.day")],
        instance_count=2,
    )


class Calls:
    """Counts the requests that jsii sends."""

    def __init__(self) -> None:
        self.count = 0

    def watch(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Count from now on."""
        send = _NodeProcess.send

        def counted(process: _NodeProcess, request: object, response_type: object) -> object:
            self.count += 1
            return send(process, request, response_type)  # type: ignore[arg-type] # as they come

        monkeypatch.setattr(_NodeProcess, "send", counted)


def synthesize(folder: Path, make: Make, count: int, *, codes: int) -> None:
    """An app of a chain of steps, each of which reads what the one before it wrote."""
    app = cdk.App(outdir=str(folder / "cdk.out"))
    stack = cdk.Stack(app, "Prod")
    source = "s3://raw/day/"
    steps = []
    for index in range(count):
        code = folder / f"job{index % codes}.py"
        code.write_text(f"print({index % codes})\n")
        steps.append(make(stack, f"Step{index}", code, source))
        source = steps[-1].output("table")
    chain = sfn.Chain.start(steps[0])
    for step in steps[1:]:
        chain = chain.next(step)
    processing.ProcessingWorkflow(stack, "Flow", definition=chain)
    app.synth()


@pytest.mark.parametrize(
    ("make", "own_code", "most"),
    [(sklearn, False, 26), (sklearn, True, 28), (pyspark, False, 26), (pyspark, True, 29)],
)
def test_a_step_asks_the_cdk_no_more_than_it_must(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, make: Make, most: int, *, own_code: bool
) -> None:
    """From its making to the template, whatever the stack was asked already; files ask more."""
    # Some is asked once a process, in the first app alone.
    synthesize(tmp_path, make, 1, codes=1)
    found = []
    for count in (4, 12):
        folder = tmp_path / str(count)
        folder.mkdir()
        with monkeypatch.context() as patch:
            calls = Calls()
            calls.watch(patch)
            synthesize(folder, make, count, codes=count if own_code else 1)
        found.append(calls.count)
    few, many = found
    assert (many - few) / 8 <= most
