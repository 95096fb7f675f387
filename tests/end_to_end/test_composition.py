"""Steps in orders, maps and workflows within workflows, deployed and run for real."""

import json
from dataclasses import dataclass
from itertools import pairwise
from random import Random
from typing import Any

import pytest

from tests.end_to_end.conftest import Cloud, Execution, output_of, write_app

pytestmark = pytest.mark.local_cloud

STEPS = 30
# Whom each waits for: up to three of the eight before it; the seed is any.
_RANDOM = Random(7)  # noqa: S311 # guards nothing
WAITS = [
    sorted(_RANDOM.sample(range(max(0, at - 8), at), min(at, _RANDOM.randint(0, 3))))
    for at in range(STEPS)
]

STACK = f"""
WAITS = {WAITS}

def tell(name, inputs=(), **more):
    return processing.SKLearnStep(
        stack, name, code="tell.py", arguments=[name], inputs=list(inputs), **more)

# 1: an order by data, of steps that are listed the wrong way round
steps = []
for at, waits in enumerate(WAITS):
    steps.append(tell(
        f"S{{at}}", [processing.ProcessingInput(steps[one].output("told"), input_name=f"of-{{one}}")
                   for one in waits],
        outputs=[processing.ProcessingOutput("told")],
        result_name=f"s{{at}}" if at % 5 == 0 else None))
processing.ProcessingWorkflow.from_steps(stack, "Ordered", steps=steps[::-1])

# 2: a job for each item, and one that reads what they all wrote
storage = processing.ProcessingStorage.of(stack)
folder = f"s3://{{storage.outputs.bucket_name}}/each/{{processing.Execution.name()}}/"
index = sfn.JsonPath.string_at("States.Format('{{}}', $.index)")
place = f"{{folder}}{{index}}/"
each = tell("Each", outputs=[processing.ProcessingOutput("told", destination=place)])
gather = tell("Gather", [processing.ProcessingInput(folder, input_name="all")],
              outputs=[processing.ProcessingOutput("told")])
processing.ProcessingWorkflow(stack, "Mapped", definition=sfn.Map(
    stack, "Map", items_path="$.items", max_concurrency=2, result_path=sfn.JsonPath.DISCARD,
    item_selector={{"index": sfn.JsonPath.number_at("$$.Map.Item.Index")}},
).item_processor(each).next(gather))

# 3: a workflow in another one, which reads its output: both executions have one name
from aws_cdk import aws_stepfunctions_tasks as tasks
inner = tell("Inner", outputs=[processing.ProcessingOutput("told")])
child = processing.ProcessingWorkflow(stack, "Child", definition=inner)
outer = tell("Outer", [processing.ProcessingInput(inner.output("told"), input_name="inner")],
             outputs=[processing.ProcessingOutput("told")])
start = tasks.StepFunctionsStartExecution(
    stack, "Start", state_machine=child.state_machine, name=sfn.JsonPath.execution_name,
    integration_pattern=sfn.IntegrationPattern.RUN_JOB, result_path="$.child",
    input=sfn.TaskInput.from_object({{"day": sfn.JsonPath.string_at("$.day")}}))
processing.ProcessingWorkflow.from_steps(
    stack, "Parent", steps=[outer, start], depends_on={{start: [], outer: [start]}})
"""

TELL = """
import json, sys
from pathlib import Path
inputs = Path("/opt/ml/processing/input")
found = {
    folder.name: sorted(file.read_text() for file in folder.rglob("name.txt"))
    for folder in inputs.iterdir() if folder.name != "code"
}
told = Path("/opt/ml/processing/output/told")
(told / "name.txt").write_text(sys.argv[1])
(told / "found.json").write_text(json.dumps(found))
"""


@dataclass(frozen=True)
class Ran:
    """The executions of the three machines."""

    cloud: Cloud
    ends: dict[str, Execution]

    def jobs(self, name: str) -> dict[str, dict[str, Any]]:
        """A machine's jobs by the names of their steps."""
        assert self.ends[name].status == "SUCCEEDED", self.ends[name].cause
        return {
            job["AppSpecification"]["ContainerArguments"][0]: job for job in self.ends[name].jobs
        }

    def found(self, job: dict[str, Any]) -> dict[str, list[str]]:
        """What a job found in its inputs: the names of those that wrote them."""
        found: dict[str, list[str]] = json.loads(
            self.cloud.read(f"{output_of(job, 'told')}found.json")
        )
        return found


@pytest.fixture(scope="module")
def ran(cloud: Cloud, tmp_path_factory: pytest.TempPathFactory) -> Ran:
    """One execution of each machine, all deployed at once."""
    app = write_app(tmp_path_factory.mktemp("app") / "composition", STACK, tell=TELL)
    machines = cloud.deploy_all(app)
    ends = {
        name: cloud.run(machines[name], f"run-of-{name}", day="today", items=["a", "b", "c"])
        for name in ("Ordered", "Mapped", "Parent")
    }
    return Ran(cloud, ends)


def test_thirty_steps_run_in_the_order_of_their_data(ran: Ran) -> None:
    """Each job begins when those have ended whose outputs it reads, and finds them."""
    jobs = ran.jobs("Ordered")

    assert len(ran.ends["Ordered"].jobs) == len(jobs) == STEPS
    for at, waits in enumerate(WAITS):
        job = jobs[f"S{at}"]
        for one in waits:
            assert jobs[f"S{one}"]["ProcessingEndTime"] <= job["CreationTime"]
        assert ran.found(job) == {f"of-{one}": [f"S{one}"] for one in waits}


def test_steps_that_need_not_wait_do_not(ran: Ran) -> None:
    """Some ran at the same time."""
    times = sorted(
        (job["CreationTime"], job["ProcessingEndTime"]) for job in ran.jobs("Ordered").values()
    )

    assert any(later[0] < earlier[1] for earlier, later in pairwise(times))


def test_results_come_through_to_the_end(ran: Ran) -> None:
    """The input and what steps keep by result_name, whichever Parallel they ran in."""
    output = json.loads(ran.ends["Ordered"].description["output"])

    assert output.keys() == {"day", "items", *(f"s{at}" for at in range(0, STEPS, 5))}
    for at in range(0, STEPS, 5):
        assert output[f"s{at}"]["Outputs"]["told"] == output_of(
            ran.jobs("Ordered")[f"S{at}"], "told"
        )


def test_a_map_runs_a_job_for_each_item(ran: Ran) -> None:
    """With names and places of their own, and one job after them finds all they wrote."""
    ran.jobs("Mapped")
    *each, gather = ran.ends["Mapped"].jobs

    assert len({job["ProcessingJobName"] for job in each}) == 3
    assert [output_of(job, "told").rpartition("/each/")[2] for job in each] == [
        f"run-of-Mapped/{at}/" for at in range(3)
    ]
    assert ran.found(gather) == {"all": ["Each", "Each", "Each"]}


def test_no_more_jobs_run_at_a_time_than_the_map_allows(ran: Ran) -> None:
    """Two of the three items: the last one's begins when one of the others is over."""
    first, second, third, _ = ran.ends["Mapped"].jobs

    assert third["CreationTime"] >= min(first["ProcessingEndTime"], second["ProcessingEndTime"])


def test_a_workflow_runs_within_another(ran: Ran) -> None:
    """It is waited for, given an input, and its output read under the name that both share."""
    outer = ran.jobs("Parent")["Outer"]
    output = json.loads(ran.ends["Parent"].description["output"])

    assert ran.found(outer) == {"inner": ["Inner"]}
    assert output["child"]["Status"] == "SUCCEEDED"
    assert output["child"]["Output"] == {"day": "today"}
    assert output["child"]["ExecutionArn"].endswith(":run-of-Parent")
