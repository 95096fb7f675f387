import json

from cdk_sagemaker_processing.runs.definition import State, read_states

SKLEARN = "111122223333.dkr.ecr.eu-west-1.amazonaws.com/sagemaker-scikit-learn:1.2-1-cpu-py3"
SPARK = "111122223333.dkr.ecr.eu-west-1.amazonaws.com/sagemaker-spark-processing:3.5-cpu-py312-v1.3"
PROCESSING = "arn:aws:states:::sagemaker:createProcessingJob.sync"


def job(image_uri: str, **application: object) -> dict[str, object]:
    return {
        "Type": "Task",
        "Resource": PROCESSING,
        "Parameters": {"AppSpecification": {"ImageUri": image_uri, **application}},
    }


def read(start: str, **states: dict[str, object]) -> tuple[State, ...]:
    return read_states(json.dumps({"StartAt": start, "States": states}))


def kinds(states: tuple[State, ...]) -> dict[str, str]:
    return {state.name: state.kind for state in states}


def test_kind_of_a_job_is_what_its_image_runs() -> None:
    """A job's image and entrypoint tell scikit-learn, PySpark and a Spark jar apart."""
    states = read(
        "A",
        A=job(SKLEARN),
        B=job(SPARK, ContainerEntrypoint=["smspark-submit", "/opt/ml/x.py"]),
        C=job(SPARK, ContainerEntrypoint=["smspark-submit", "--class", "Main", "x.jar"]),
        D=job(SPARK, **{"ContainerEntrypoint.$": "States.Array('smspark-submit', '--class', $.c)"}),
        E=job("example.com/own:1"),
    )
    assert kinds(states) == {
        "A": "SKLearn",
        "B": "PySpark",
        "C": "SparkJar",
        "D": "SparkJar",
        "E": "Processing",
    }
    assert all(state.is_job for state in states)


def test_kind_of_a_jsonata_job_is_read_from_its_arguments() -> None:
    """JSONata puts the request in `Arguments`; an image known only at run time is not told."""
    state = {**job(SPARK), "QueryLanguage": "JSONata"}
    state["Arguments"] = state.pop("Parameters")
    runtime = {**state, "Arguments": {"AppSpecification": {"ImageUri": "{% $image %}"}}}
    first, second = read("A", A=state, B=runtime)
    assert (first.kind, first.image_uri) == ("PySpark", SPARK)
    assert (second.kind, second.image_uri) == ("Processing", None)


def test_kind_of_other_states() -> None:
    """Another task is its service and action; what is no task is its type."""
    states = read(
        "A",
        A={"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke.waitForTaskToken"},
        B={"Type": "Task", "Resource": "arn:aws:states:::aws-sdk:s3:copyObject"},
        C={"Type": "Task", "Resource": "arn:aws:lambda:us-east-1:000000000000:function:f"},
        D={"Type": "Choice"},
        E={"Type": "Task", "Resource": "arn:aws:states:us-east-1:000000000000:activity:a"},
    )
    assert kinds(states) == {
        "A": "lambda:invoke",
        "B": "s3:copyObject",
        "C": "lambda:invoke",
        "D": "Choice",
        "E": "Task",
    }


def test_states_come_in_the_order_of_a_run() -> None:
    """Transitions, choices, defaults and catches are followed from the start, loops end."""
    states = read(
        "Start",
        Lost={"Type": "Pass"},
        Mend={"Type": "Pass", "Next": "Start"},
        No={"Type": "Fail"},
        Yes={"Type": "Succeed"},
        Choose={"Type": "Choice", "Choices": [{"Next": "Yes"}], "Default": "No"},
        Start={**job(SKLEARN), "Next": "Choose", "Catch": [{"Next": "Mend"}]},
    )
    assert [state.name for state in states] == ["Start", "Choose", "Mend", "Yes", "No", "Lost"]


def test_inner_states_follow_their_parallel_and_map() -> None:
    """States in branches and iterations come right after the state that holds them."""
    item = {"StartAt": "Job", "States": {"Job": job(SKLEARN)}}
    states = read(
        "Both",
        Both={
            "Type": "Parallel",
            "Branches": [
                {"StartAt": "Left", "States": {"Left": {"Type": "Pass"}}},
                {"StartAt": "Each", "States": {"Each": {"Type": "Map", "ItemProcessor": item}}},
            ],
            "Next": "End",
        },
        End={"Type": "Succeed"},
    )
    assert [(state.name, state.parents) for state in states] == [
        ("Both", ()),
        ("Left", ("Both",)),
        ("Each", ("Both",)),
        ("Job", ("Both", "Each")),
        ("End", ()),
    ]
