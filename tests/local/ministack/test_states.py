"""State machines of the local AWS: what MiniStack gets wrong, mended."""

import json
import re
import time
import uuid
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.conformance.asl import chain
from tests.waiting import until

pytestmark = pytest.mark.local_cloud


def filled(parameters: Any, **others: Any) -> dict[str, Any]:
    return chain({"Type": "Pass", "Parameters": parameters, **others})


def test_templates_are_filled_at_every_depth(machines: Any) -> None:
    """Paths, context and functions work in objects within lists within objects."""
    template = {
        "list": [{"a.$": "$.a"}, "$.a", [{"name.$": "$$.Execution.Name"}]],
        "id.$": "$$.Execution.Id",
        "state.$": "$$.State.Name",
        "args.$": "States.Array('--day', $.day, States.Format('x={}', $.a))",
    }
    arn = machines.start(filled(template), {"a": 1, "day": "2013-01-01"})
    output = json.loads(machines.end(arn)["output"])
    assert output == {
        "list": [{"a": 1}, "$.a", [{"name": arn.rpartition(":")[2]}]],
        "id": arn,
        "state": "S0",
        "args": ["--day", "2013-01-01", "x=1"],
    }


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        (r"States.Array('it\'s', 'a\\b', '\{\}')", ["it's", "a\\b", "{}"]),
        (r"States.Format('it\'s \{{}\} \\ {}', $.a, $.s)", "it's {1} \\ x'{}"),
        (r"States.Format('{},{},{},{}', $.t, $.none, $.list, 1.5)", "true,null,[1, 2],1.5"),
        (r"States.Format($.template, 'v')", "<v>"),
        (r"States.Format('a,b){}', $.a)", "a,b)1"),
        (r"States.Format('{}', $['with space'])", "yes"),
    ],
)
def test_intrinsic_functions_read_escapes(machines: Any, expression: str, value: Any) -> None:
    r"""\' \{ \} and \\ stand for the character itself; values are written as JSON writes them."""
    given = {
        "a": 1,
        "s": "x'{}",
        "t": True,
        "none": None,
        "list": [1, 2],
        "template": "<{}>",
        "with space": "yes",
    }
    assert machines.output(filled({"value.$": expression}), given) == {"value": value}


def test_uuids_differ(machines: Any) -> None:
    """States.UUID gives another one at each call, in the form that job names need."""
    output = machines.output(filled({"a.$": "States.UUID()", "b.$": "States.UUID()"}))
    assert output["a"] != output["b"]
    assert all(str(uuid.UUID(value)) == value for value in output.values())


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("$", {"list": [{"n": 1}, {"n": 2}], "o": {"a.b": 3}}),
        ("$.list[0].n", 1),
        ("$.list[-1].n", 2),
        ("$.list[*].n", [1, 2]),
        ("$.list[0:1]", [{"n": 1}]),
        ("$['o']['a.b']", 3),
        ("$.list[?(@.n > 1)]", [{"n": 2}]),
        ("$.list[?(@.n > 2)]", []),
    ],
)
def test_paths_find_values(machines: Any, path: str, value: Any) -> None:
    """Names, quoted names, indices from both ends, wildcards and slices are read."""
    given = {"list": [{"n": 1}, {"n": 2}], "o": {"a.b": 3}}
    assert machines.output(filled({"value.$": path}), given) == {"value": value}


@pytest.mark.parametrize(
    "state",
    [
        {"Type": "Pass", "Parameters": {"a.$": "$.missing"}},
        {"Type": "Pass", "Parameters": {"a": {"b.$": "$.list[2]"}}},
        {"Type": "Pass", "Parameters": {"a.$": "$$.Nothing.Here"}},
        {"Type": "Pass", "Parameters": {"a.$": "$undefined"}},
        {"Type": "Pass", "Parameters": {"a.$": "States.Format('{}', $.missing)"}},
        {"Type": "Pass", "InputPath": "$.missing"},
        {"Type": "Pass", "OutputPath": "$.missing"},
        {"Type": "Pass", "Parameters": {"a.$": "$.none[*]"}},
    ],
)
def test_a_path_that_finds_nothing_fails_the_execution(
    machines: Any, state: dict[str, Any]
) -> None:
    """It is States.Runtime, which no wildcard retries or catches; there is no output."""
    parallel = {
        "Type": "Parallel",
        "Branches": [chain(state)],
        "Retry": [{"ErrorEquals": ["States.ALL"], "IntervalSeconds": 30}],
        "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "S1"}],
    }
    ended = machines.run(chain(parallel, {"Type": "Succeed"}), {"list": [{"n": 1}]})
    assert (ended["status"], ended["error"]) == ("FAILED", "States.Runtime")
    assert "output" not in ended


def test_the_cause_names_the_path_the_field_and_the_input(machines: Any) -> None:
    """The words are AWS's."""
    ended = machines.run(filled({"JobName.$": "$.JobName"}))
    assert ended["cause"] == (
        "An error occurred while executing the state 'S0' (entered at the event id #2). The "
        "JSONPath '$.JobName' specified for the field 'JobName.$' could not be found in the "
        "input '{}'"
    )


def test_choice_tells_present_from_missing(machines: Any) -> None:
    """IsPresent asks; every other comparison with a missing path fails the execution."""

    def asking(test: dict[str, Any]) -> dict[str, Any]:
        rule = {"Variable": "$.a", "Next": "S1", **test}
        choice = {"Type": "Choice", "Choices": [rule], "Default": "S2"}
        end = {"Type": "Pass", "Result": "present", "End": True}
        return chain(choice, end, {"Type": "Pass", "Result": "missing"})

    assert machines.output(asking({"IsPresent": True}), {"a": None}) == "present"
    assert machines.output(asking({"IsPresent": True}), {}) == "missing"
    assert machines.error(asking({"StringEquals": "x"}), {}) == "States.Runtime"


@pytest.mark.parametrize(
    ("path", "output"),
    [
        ("$.a", {"a": 1, "b": {"c": 2}}),
        ("$['odd-name']['it\\'s']", {"b": {"c": 2}, "odd-name": {"it's": 1}}),
        ('$["b"].d', {"b": {"c": 2, "d": 1}}),
        ("$", 1),
        (None, {"b": {"c": 2}}),
    ],
    ids=["dotted", "in brackets", "into an object", "whole", "none"],
)
def test_a_result_goes_where_its_path_says(machines: Any, path: str | None, output: Any) -> None:
    """By names with dots or in brackets; what was in the input stays."""
    state = {"Type": "Pass", "Result": 1, "ResultPath": path}
    assert machines.output(chain(state), {"b": {"c": 2}}) == output


def test_a_result_that_cannot_be_put_in_the_input_fails(machines: Any) -> None:
    """A number has no members, wherever on the way it stands."""
    state = {"Type": "Pass", "Result": 1, "ResultPath": "$.a.b"}
    ended = machines.run(chain(state), {"a": 2})
    assert ended["error"] == "States.ResultPathMatchFailure"
    assert ended["cause"] == "Unable to apply step 'b' of ResultPath to the input 2"


def test_variables_are_assigned_and_read(machines: Any) -> None:
    """Assign in JSONPath sees the state's result, or the input of a state that has none."""
    first = {
        "Type": "Pass",
        "Result": {"n": 1},
        "ResultPath": "$.result",
        "Assign": {"n.$": "$.n", "name.$": "States.Format('{}-x', $$.State.Name)", "s": "t"},
    }
    wait = {"Type": "Wait", "Seconds": 0, "Assign": {"day.$": "$.day"}}
    rule = {
        "And": [{"Variable": "$n", "NumericEquals": 1}, {"Variable": "$.day", "IsString": True}],
        "Next": "S3",
        "Assign": {"chosen.$": "$.result.n"},
    }
    choice = {"Type": "Choice", "Choices": [rule], "Default": "S3", "Assign": {"chosen": "default"}}
    read = {
        "Type": "Pass",
        "Parameters": {
            "n.$": "$n",
            "all.$": "States.Array($n, $name, $s, $day, $chosen)",
        },
    }
    output = machines.output(chain(first, wait, choice, read), {"day": "monday"})
    assert output == {"n": 1, "all": [1, "S0-x", "t", "monday", 1]}


def test_a_choices_default_assigns(machines: Any) -> None:
    """When no rule matches, the state's own Assign counts."""
    rule = {"Variable": "$.a", "NumericEquals": 1, "Next": "S1", "Assign": {"v": "rule"}}
    choice = {"Type": "Choice", "Choices": [rule], "Default": "S1", "Assign": {"v": "default"}}
    machine = chain(choice, {"Type": "Pass", "Parameters": {"v.$": "$v"}})
    assert machines.output(machine, {"a": 1}) == {"v": "rule"}
    assert machines.output(machine, {"a": 2}) == {"v": "default"}


def test_a_succeed_state_gives_its_output_in_jsonata(machines: Any) -> None:
    """Also within a branch."""
    output = {"n": "{% $states.input.a + 1 %}"}
    done = {"Type": "Succeed", "QueryLanguage": "JSONata", "Output": output}
    machine = {"StartAt": "Done", "States": {"Done": done}}

    assert machines.output(machine, {"a": 1}) == {"n": 2}
    both = {"Type": "Parallel", "Branches": [machine], "End": True}
    assert machines.output({"StartAt": "Both", "States": {"Both": both}}, {"a": 1}) == [{"n": 2}]


def test_a_catcher_assigns_from_the_error(machines: Any) -> None:
    """Assign of a catcher sees the error's name and cause."""
    failing = {
        "Type": "Parallel",
        "Branches": [chain({"Type": "Fail", "Error": "Bad", "Cause": "luck"})],
        "Catch": [{"ErrorEquals": ["Bad"], "Next": "S1", "Assign": {"error.$": "$.Error"}}],
        "Next": "S1",
    }
    read = {"Type": "Pass", "Parameters": {"error.$": "$error", "cause.$": "$.Cause"}}
    assert machines.output(chain(failing, read)) == {"error": "Bad", "cause": "luck"}


def test_a_branch_keeps_its_variables_to_itself(machines: Any) -> None:
    """A branch reads the variables around it; what it assigns ends with it."""
    outer = {"Type": "Pass", "Assign": {"v": "outer"}}
    inner = chain(
        {"Type": "Pass", "Parameters": {"seen.$": "$v"}, "Assign": {"v": "inner"}},
    )
    parallel = {"Type": "Parallel", "Branches": [inner], "ResultPath": "$.branches"}
    read = {"Type": "Pass", "Parameters": {"v.$": "$v", "seen.$": "$.branches[0].seen"}}
    assert machines.output(chain(outer, parallel, read)) == {"v": "outer", "seen": "outer"}


@pytest.mark.parametrize(
    "state",
    [
        {"Type": "Parallel", "Branches": [filled({"n": 1})]},
        {"Type": "Map", "ItemsPath": "$.items", "ItemProcessor": chain({"Type": "Pass"})},
    ],
    ids=["Parallel", "Map"],
)
def test_the_context_object_reaches_a_result_selector(machines: Any, state: dict[str, Any]) -> None:
    """`$$` in ResultSelector is the context, `$` the result."""
    selector = {"name.$": "$$.Execution.Name", "role.$": "$$.Execution.RoleArn", "first.$": "$[0]"}
    arn = machines.start(chain({**state, "ResultSelector": selector}), {"items": [{"n": 1}]})
    assert json.loads(machines.end(arn)["output"]) == {
        "name": arn.rpartition(":")[2],
        "role": "arn:aws:iam::000000000000:role/machine",
        "first": {"n": 1},
    }


def test_a_failing_function_is_an_intrinsic_failure(machines: Any) -> None:
    """The error has AWS's name, and the cause the expression."""
    ended = machines.run(filled({"v.$": "States.StringToJson('no json')"}))
    assert ended["error"] == "States.IntrinsicFailure"
    assert ended["cause"].startswith("States.StringToJson('no json') failed: ")


def test_stopping_ends_a_wait(machines: Any, states: Any) -> None:
    """A stopped execution does not sleep on, and its later states never run."""
    arn = machines.start(chain({"Type": "Wait", "Seconds": 1}, {"Type": "Pass"}))
    until(lambda: "WaitStateEntered" in [event["type"] for event in machines.events(arn)])
    states.stop_execution(executionArn=arn)
    time.sleep(1.2)  # sleeps: past the end of the wait, which may not come
    assert machines.end(arn)["status"] == "ABORTED"
    assert [event["type"] for event in machines.events(arn)][-2:] == [
        "WaitStateEntered",
        "ExecutionAborted",
    ]


def test_an_activity_that_is_not_there_fails_its_task(machines: Any, states: Any) -> None:
    """At once; no worker gets a task of it."""
    gone = "arn:aws:states:us-east-1:000000000000:activity:gone"
    with pytest.raises(states.exceptions.ActivityDoesNotExist):
        states.get_activity_task(activityArn=gone)
    assert machines.error(chain({"Type": "Task", "Resource": gone})) == "ActivityDoesNotExist"


@pytest.mark.parametrize("most", [-1, "2", None])
def test_how_many_iterations_run_at_a_time_is_a_number(machines: Any, most: Any) -> None:
    """From the input too."""
    each = {
        "Type": "Map",
        "ItemsPath": "$.items",
        "MaxConcurrencyPath": "$.most",
        "ItemProcessor": {"StartAt": "I", "States": {"I": {"Type": "Succeed"}}},
    }
    ended = machines.run(chain(each), {"items": [1], "most": most})
    assert (ended["status"], ended["error"]) == ("FAILED", "States.Runtime")
    assert ended["cause"].endswith(
        "The value for the field 'MaxConcurrency' must be a number of at least 0, "
        f"but it is {json.dumps(most)}"
    )


def test_an_action_that_its_service_does_not_have_fails_the_task(machines: Any) -> None:
    """The SDK's names begin with a small letter."""
    task = {"Type": "Task", "Resource": "arn:aws:states:::aws-sdk:s3:makeTea", "Parameters": {}}
    ended = machines.run(chain(task))
    assert (ended["status"], ended["error"]) == ("FAILED", "States.Runtime")
    assert "S3 has no action makeTea" in ended["cause"]


def test_what_is_over_or_was_never_there_is_not_stopped(machines: Any, states: Any) -> None:
    """An execution that succeeded stays so."""
    arn = machines.run(chain({"Type": "Pass"}))["executionArn"]
    with pytest.raises(ClientError, match="Execution is not running"):
        states.stop_execution(executionArn=arn)
    assert states.describe_execution(executionArn=arn)["status"] == "SUCCEEDED"
    with pytest.raises(states.exceptions.ExecutionDoesNotExist):
        states.stop_execution(executionArn=f"{arn}-gone")


def test_a_machines_time_limit_ends_it(machines: Any) -> None:
    """TimeoutSeconds of the machine: TIMED_OUT, at once, whatever a catcher says."""
    parallel = {
        "Type": "Parallel",
        "Branches": [chain({"Type": "Wait", "Seconds": 60})],
        "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "S1"}],
    }
    begun = time.monotonic()
    arn = machines.start(chain(parallel, {"Type": "Succeed"}, TimeoutSeconds=1))
    assert machines.end(arn)["status"] == "TIMED_OUT"
    assert time.monotonic() - begun < 10
    (last,) = [event for event in machines.events(arn) if event["type"] == "ExecutionTimedOut"]
    assert last["executionTimedOutEventDetails"]["error"] == "States.Timeout"


def test_states_in_branches_have_events(machines: Any) -> None:
    """Each branch's events follow one another, from the Parallel state's start."""
    parallel = {
        "Type": "Parallel",
        "Branches": [
            {"StartAt": "A", "States": {"A": {"Type": "Pass", "End": True}}},
            {"StartAt": "B", "States": {"B": {"Type": "Succeed"}}},
        ],
    }
    arn = machines.start(chain(parallel))
    machines.end(arn)
    events = {event["id"]: event for event in machines.events(arn)}
    types = [event["type"] for event in events.values()]
    assert types[:3] == ["ExecutionStarted", "ParallelStateEntered", "ParallelStateStarted"]
    assert types[-3:] == ["ParallelStateSucceeded", "ParallelStateExited", "ExecutionSucceeded"]
    assert list(events) == list(range(1, len(events) + 1))
    exits = {"A": "PassStateExited", "B": "SucceedStateExited"}
    for name, kind in exits.items():
        (left,) = [
            event
            for event in events.values()
            if event["type"] == kind and event["stateExitedEventDetails"]["name"] == name
        ]
        entered = events[left["previousEventId"]]
        assert entered["stateEnteredEventDetails"]["name"] == name
        assert events[entered["previousEventId"]]["type"] == "ParallelStateStarted"


def test_iterations_of_a_map_have_events(machines: Any) -> None:
    """Each iteration tells its index when it starts, and how it ended."""
    inner = chain({"Type": "Pass", "Parameters": {"i.$": "$$.Map.Item.Index", "v.$": "$"}})
    mapping = {"Type": "Map", "ItemsPath": "$.items", "ItemProcessor": inner}
    arn = machines.start(chain(mapping), {"items": ["a", "b"]})
    assert json.loads(machines.end(arn)["output"]) == [{"i": 0, "v": "a"}, {"i": 1, "v": "b"}]
    events = machines.events(arn)
    for what in ("Started", "Succeeded"):
        details = [
            event[f"mapIteration{what}EventDetails"]
            for event in events
            if event["type"] == f"MapIteration{what}"
        ]
        assert sorted(detail["index"] for detail in details) == [0, 1]
        assert {detail["name"] for detail in details} == {"S0"}
    assert [event["type"] for event in events].count("PassStateEntered") == 2


@pytest.mark.parametrize("mode", ["INLINE", "DISTRIBUTED"])
def test_a_map_selects_its_items(machines: Any, mode: str) -> None:
    """ItemSelector sees the item, its index, and the state's input, in either mode."""
    selector = {
        "id.$": "States.Format('{}-{}', $.prefix, $$.Map.Item.Value)",
        "index.$": "$$.Map.Item.Index",
        "variable.$": "$v",
    }
    processor = {**chain({"Type": "Pass"}), "ProcessorConfig": {"Mode": mode}}
    if mode == "DISTRIBUTED":
        processor["ProcessorConfig"]["ExecutionType"] = "STANDARD"
    mapping = {
        "Type": "Map",
        "ItemsPath": "$.items",
        "ItemSelector": selector,
        "ItemProcessor": processor,
    }
    given = {"items": ["a", "b"], "prefix": "x"}
    output = machines.output(chain({"Type": "Pass", "Assign": {"v": 1}}, mapping), given)
    assert output == [
        {"id": "x-a", "index": 0, "variable": 1},
        {"id": "x-b", "index": 1, "variable": 1},
    ]


def test_a_failed_iteration_ends_the_others(machines: Any) -> None:
    """The Map state fails at once, with the error of the iteration that failed."""
    rule = {"Variable": "$", "NumericEquals": 0, "Next": "S1"}
    inner = chain(
        {"Type": "Choice", "Choices": [rule], "Default": "S2"},
        {"Type": "Fail", "Error": "Bad"},
        {"Type": "Wait", "Seconds": 60},
    )
    mapping = {"Type": "Map", "ItemsPath": "$.items", "ItemProcessor": inner}
    begun = time.monotonic()
    arn = machines.start(chain(mapping), {"items": [1, 0]})
    assert machines.end(arn)["error"] == "Bad"
    assert time.monotonic() - begun < 10
    types = {event["type"] for event in machines.events(arn)}
    assert {"MapIterationFailed", "MapIterationAborted", "MapStateFailed"} <= types


def test_a_jsonata_parallel_uses_its_fields(machines: Any) -> None:
    """Arguments, Output and Assign of a JSONata Parallel state work."""
    branch = chain({"Type": "Pass", "Output": "{% $states.input.n + 1 %}"})
    parallel = {
        "Type": "Parallel",
        "Branches": [branch, branch],
        "Arguments": {"n": "{% $states.input.given %}"},
        "Assign": {"count": "{% $count($states.result) %}"},
        "Output": "{% $states.result %}",
    }
    read = {"Type": "Pass", "Output": "{% [$count, $states.input] %}"}
    machine = chain(parallel, read, QueryLanguage="JSONata")
    assert machines.output(machine, {"given": 1}) == [2, 2, 2]


def test_a_nested_execution_ends_with_its_parent(machines: Any, states: Any) -> None:
    """Stopping an execution stops the one that its .sync task waits for."""
    child = states.create_state_machine(
        name=f"child-{uuid.uuid4()}",
        roleArn="arn:aws:iam::000000000000:role/machine",
        definition=json.dumps(chain({"Type": "Wait", "Seconds": 60})),
    )["stateMachineArn"]
    task = {
        "Type": "Task",
        "Resource": "arn:aws:states:::states:startExecution.sync:2",
        "Parameters": {"StateMachineArn": child},
    }
    arn = machines.start(chain(task))
    (started,) = until(lambda: states.list_executions(stateMachineArn=child)["executions"])
    states.stop_execution(executionArn=arn)
    assert machines.end(started["executionArn"])["status"] == "ABORTED"


def test_a_nested_execution_that_failed_is_the_cause(machines: Any, states: Any) -> None:
    """Its description, with its ARN and its own error."""
    child = states.create_state_machine(
        name=f"child-{uuid.uuid4()}",
        roleArn="arn:aws:iam::000000000000:role/machine",
        definition=json.dumps(chain({"Type": "Fail", "Error": "Own", "Cause": "not today"})),
    )["stateMachineArn"]
    task = {
        "Type": "Task",
        "Resource": "arn:aws:states:::states:startExecution.sync:2",
        "Parameters": {"StateMachineArn": child, "Name": "nested"},
    }
    ended = machines.run(chain(task))
    cause = json.loads(ended["cause"])
    assert ended["error"] == "States.TaskFailed"
    assert cause["ExecutionArn"] == f"{child.replace(':stateMachine:', ':execution:')}:nested"
    assert (cause["Status"], cause["Error"], cause["Cause"]) == ("FAILED", "Own", "not today")


def test_an_execution_that_is_only_started_outlives_its_parent(machines: Any, states: Any) -> None:
    """Without .sync the child goes on when the parent has ended."""
    child = states.create_state_machine(
        name=f"child-{uuid.uuid4()}",
        roleArn="arn:aws:iam::000000000000:role/machine",
        definition=json.dumps(chain({"Type": "Wait", "Seconds": 1})),
    )["stateMachineArn"]
    task = {
        "Type": "Task",
        "Resource": "arn:aws:states:::states:startExecution",
        "Parameters": {"StateMachineArn": child},
    }
    started = machines.output(chain(task))["ExecutionArn"]
    assert machines.end(started)["status"] == "SUCCEEDED"


def test_a_retriers_longest_delay_counts(machines: Any) -> None:
    """MaxDelaySeconds and full jitter shorten the pause before an attempt."""
    failing = chain({"Type": "Fail", "Error": "Bad"})
    retry = {
        "ErrorEquals": ["Bad"],
        "IntervalSeconds": 30,
        "MaxDelaySeconds": 1,
        "JitterStrategy": "FULL",
        "MaxAttempts": 2,
    }
    parallel = {"Type": "Parallel", "Branches": [failing], "Retry": [retry]}
    arn = machines.start(chain(parallel))
    assert machines.end(arn)["error"] == "Bad"
    types = [event["type"] for event in machines.events(arn)]
    assert types.count("FailStateEntered") == 3


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ({"input": "{"}, "InvalidExecutionInput"),
        ({"name": "a b"}, "InvalidName"),
        ({"name": "x" * 81}, "InvalidName"),
    ],
)
def test_start_refuses_what_aws_refuses(states: Any, arguments: dict[str, str], code: str) -> None:
    """An input that is no JSON, and a name that AWS does not allow."""
    machine = states.create_state_machine(
        name=f"machine-{uuid.uuid4()}",
        roleArn="arn:aws:iam::000000000000:role/machine",
        definition=json.dumps(chain({"Type": "Pass"})),
    )["stateMachineArn"]
    with pytest.raises(ClientError) as caught:
        states.start_execution(stateMachineArn=machine, **arguments)
    assert caught.value.response["Error"]["Code"] == code


WRONG = {
    "no JSON": ("{", "INVALID_JSON_DESCRIPTION"),
    "no object": ("[]", "must be a valid JSON object"),
    "no states": ('{"StartAt": "A"}', "These fields are required: [States] at /"),
    "no start": (chain({"Type": "Pass"}, StartAt="B"), "Missing 'StartAt' target: B at /StartAt"),
    "no type": (chain({"Type": "Pss"}), "'Type' must be one of"),
    "no target": (
        chain({"Type": "Pass", "Next": "Gone"}, {"Type": "Pass"}),
        "Missing 'Next' target: Gone at /States/S0/Next",
    ),
    "no rule's target": (
        chain({"Type": "Choice", "Choices": [{"Next": "Gone"}]}),
        "Missing 'Next' target: Gone at /States/S0/Choices[0]/Next",
    ),
    "no catcher's target": (
        chain(
            {
                "Type": "Parallel",
                "Branches": [chain({"Type": "Pass"})],
                "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "Gone"}],
            }
        ),
        "Missing 'Next' target: Gone at /States/S0/Catch[0]/Next",
    ),
    "in a branch": (
        chain({"Type": "Parallel", "Branches": [chain({"Type": "Task"})]}),
        "These fields are required: [Resource] at /States/S0/Branches[0]/States/S0'",
    ),
    "in a map": (
        chain({"Type": "Map", "ItemProcessor": {"StartAt": "A", "States": {}}}),
        "Value must be a non-empty object at /States/S0/ItemProcessor/States",
    ),
    "unreachable": (
        {"StartAt": "A", "States": {"A": {"Type": "Succeed"}, "B": {"Type": "Succeed"}}},
        'State "B" is not reachable.',
    ),
    "no end": (
        {"StartAt": "A", "States": {"A": {"Type": "Pass"}}},
        "The state needs either 'Next' or 'End' at /States/A",
    ),
    "no path": (
        filled({"list": [{"a.$": ["$.a"]}]}),
        "The value for the field 'a.$' must be a valid JSONPath",
    ),
    "no such language": (
        chain({"Type": "Pass", "QueryLanguage": "SQL"}),
        "'QueryLanguage' must be one of [JSONPath, JSONata] at /States/S0",
    ),
    "no path of an error": (
        chain({"Type": "Fail", "ErrorPath": "error"}),
        "Value must be a valid JSONPath. at /States/S0/ErrorPath",
    ),
    "no path to compare with": (
        chain(
            {
                "Type": "Choice",
                "Choices": [{"Variable": "$.a", "StringEqualsPath": "b", "Next": "S1"}],
            },
            {"Type": "Succeed"},
        ),
        "Value must be a valid JSONPath. at /States/S0/Choices[0]/StringEqualsPath",
    ),
    "JSONPath in a rule of JSONata": (
        chain(
            {
                "Type": "Choice",
                "Choices": [{"Condition": "{% true %}", "IsNull": True, "Next": "S1"}],
            },
            {"Type": "Succeed"},
            QueryLanguage="JSONata",
        ),
        "Field 'IsNull' is not supported at /States/S0/Choices[0]",
    ),
    "JSONata": (
        chain({"Type": "Pass", "Output": "{% ( %}"}, QueryLanguage="JSONata"),
        "INVALID_JSONATA_EXPRESSION",
    ),
}


@pytest.mark.parametrize(("definition", "problem"), WRONG.values(), ids=WRONG)
def test_a_wrong_definition_is_refused(states: Any, definition: Any, problem: str) -> None:
    """CreateStateMachine and UpdateStateMachine refuse it with InvalidDefinition."""
    text = definition if isinstance(definition, str) else json.dumps(definition)
    role = "arn:aws:iam::000000000000:role/machine"
    good = states.create_state_machine(
        name=f"good-{uuid.uuid4()}",
        roleArn=role,
        definition=json.dumps(chain({"Type": "Pass"})),
    )
    expected = rf"\(InvalidDefinition\).*{re.escape(problem)}"
    with pytest.raises(ClientError, match=expected):
        states.create_state_machine(name=f"bad-{uuid.uuid4()}", roleArn=role, definition=text)
    with pytest.raises(ClientError, match=expected):
        states.update_state_machine(stateMachineArn=good["stateMachineArn"], definition=text)


def test_validation_names_place_and_problem(states: Any) -> None:
    """ValidateStateMachineDefinition tells every problem with its place."""
    definition = json.dumps(chain({"Type": "Pass", "Next": "Gone"}))
    found = states.validate_state_machine_definition(definition=definition)
    assert found["result"] == "FAIL"
    assert found["diagnostics"][0] == {
        "severity": "ERROR",
        "code": "MISSING_TRANSITION_TARGET",
        "message": "Missing 'Next' target: Gone",
        "location": "/States/S0/Next",
    }
    good = states.validate_state_machine_definition(definition=json.dumps(chain({"Type": "Pass"})))
    assert (good["result"], good["diagnostics"]) == ("OK", [])
