"""State machines to draw."""

from typing import Any

from hypothesis import strategies as st

JOB: dict[str, Any] = {
    "Type": "Task",
    "Resource": "arn:aws:states:::sagemaker:createProcessingJob.sync",
    "Parameters": {"AppSpecification": {"ImageUri": "x/sagemaker-spark-processing:3.5-cpu"}},
}

NIGHTLY: dict[str, Any] = {
    "StartAt": "Check",
    "States": {
        "Last": {**JOB, "End": True},
        "Check": {
            "Type": "Choice",
            "Choices": [{"Variable": "$.day", "StringEquals": "Monday", "Next": "Both"}],
            "Default": "Wait",
        },
        "Wait": {"Type": "Wait", "Seconds": 60, "Next": "Check"},
        "Both": {
            "Type": "Parallel",
            "Branches": [
                {"StartAt": "Left", "States": {"Left": {**JOB, "End": True}}},
                {
                    "StartAt": "Each",
                    "States": {
                        "Each": {
                            "Type": "Map",
                            "ItemProcessor": {
                                "StartAt": "Item",
                                "States": {"Item": {**JOB, "End": True}},
                            },
                            "End": True,
                        }
                    },
                },
            ],
            "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "Failed"}],
            "Next": "Last",
        },
        "Failed": {"Type": "Fail"},
    },
}


@st.composite
def machines(draw: st.DrawFn, depth: int = 2, prefix: str = "s") -> dict[str, Any]:
    """Any state machine: choices, loops, catches, states in states, states that none leads to."""
    names = [f"{prefix}{number}" for number in range(draw(st.integers(1, 6)))]
    states = {name: draw(_states(names, depth, name)) for name in names}
    return {"StartAt": names[0], "States": states}


@st.composite
def _states(draw: st.DrawFn, names: list[str], depth: int, own: str) -> dict[str, Any]:
    a_name = st.sampled_from(names)
    kinds = ["Task", "Choice", "Pass", "Fail", *(["Parallel", "Map"] if depth else [])]
    kind = draw(st.sampled_from(kinds))
    if kind == "Fail":
        return {"Type": "Fail"}
    if kind == "Choice":
        rules = [{"Condition": f"{{% {draw(st.text(max_size=60))} %}}", "Next": draw(a_name)}]
        return {
            "Type": "Choice",
            "Choices": rules * draw(st.integers(1, 3)),
            "Default": draw(a_name),
        }
    ways = {"Next": draw(a_name)} if draw(st.booleans()) else {"End": True}
    if kind == "Pass":
        return {"Type": "Pass", **ways}
    catches = [{"ErrorEquals": ["States.ALL"], "Next": draw(a_name)}] * draw(st.integers(0, 2))
    if kind == "Task":
        return {**JOB, **ways, "Catch": catches}
    inner = machines(depth - 1, f"{own}.a")
    other = machines(depth - 1, f"{own}.b")
    if kind == "Map":
        return {"Type": "Map", "ItemProcessor": draw(inner), **ways, "Catch": catches}
    return {"Type": "Parallel", "Branches": [draw(inner), draw(other)], **ways, "Catch": catches}
