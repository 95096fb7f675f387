import io
import json
import re
import signal
import socket
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console
from typer.testing import CliRunner

from cdk_sagemaker_processing.cli.app import app
from cdk_sagemaker_processing.cli.history import commands
from cdk_sagemaker_processing.cli.history.opening import HistoryOpen
from cdk_sagemaker_processing.cli.terminal.signals import Interrupted
from cdk_sagemaker_processing.history_server.client.errors import HistoryError
from cdk_sagemaker_processing.history_server.client.watch import TaskEndedError
from cdk_sagemaker_processing.local.errors import LocalCloudError
from cdk_sagemaker_processing.runs.clock import Clock
from tests.history_server.client.fakes import (
    DENIED,
    SERVER,
    Api,
    Aws,
    output,
    reachable,
    refusal,
    serving,
)
from tests.history_server.client.plugin import install


@pytest.fixture
def api() -> Iterator[Api]:
    """A server that answers, with one application."""
    with serving(Api()) as served:
        served.add("app-1")
        yield served


@pytest.fixture
def aws(api: Api) -> Aws:
    """A local cloud in which the server's task starts."""
    made = Aws()
    made.ecs.meta.endpoint_url = "http://127.0.0.1:4566"
    made.ecs.first_states = [{}, {}, reachable(api.port)]
    return made


class Person:
    """Who looks at a terminal and at a browser."""

    def __init__(self, aws: Aws) -> None:
        self.console = Console(file=io.StringIO(), width=200, highlight=False)
        self.pages: list[str] = []
        self._aws = aws

    def opens(self, **options: Any) -> int:
        """Open a History Server."""
        options.setdefault("clock", self._aws.time.clock)
        return HistoryOpen(
            console=self.console, client_of=self._aws, show=self._show, **options
        ).run()

    def _show(self, page: str) -> bool:
        self.pages.append(page)
        return True

    @property
    def sees(self) -> list[str]:
        """The terminal's lines, without what took how long."""
        assert isinstance(self.console.file, io.StringIO)
        lines = self.console.file.getvalue().splitlines()
        return [re.sub(r" +\d+(\.\d)? s +", " ", line).strip() for line in lines]


def test_opening_starts_a_task_and_shows_the_list(aws: Aws, api: Api) -> None:
    """Step by step; where nothing need be held, the command is over."""
    person = Person(aws)
    assert person.opens() == 0
    assert person.pages == [f"{api.url}/"]
    assert person.sees == [
        "✓ Find Flights/History (stack Flights)",
        "✓ Task task1 runs",
        f"✓ Server {api.url}",
        "✓ Page /",
        f"{api.url}/",
    ]


def test_without_a_browser_the_address_is_printed(aws: Aws, api: Api) -> None:
    """As it always is."""
    person = Person(aws)
    person.opens(browse=False)
    assert person.pages == []
    assert person.sees[-1] == f"{api.url}/"


def test_the_next_who_opens_it_shares_the_task(aws: Aws) -> None:
    """However many."""
    person = Person(aws)
    person.opens()
    person.opens()
    assert len(aws.ecs.requests) == 1


def test_an_application_s_page(aws: Aws, api: Api) -> None:
    """By its id."""
    person = Person(aws)
    person.opens(app="app-1")
    assert person.pages == [f"{api.url}/history/app-1/jobs/"]


def test_a_job_s_page(aws: Aws, api: Api) -> None:
    """By the beginning of the job's name."""
    aws.sagemaker.add("features-1")
    person = Person(aws)
    person.opens(job="features")
    assert person.pages == [f"{api.url}/history/app-1/jobs/"]
    assert "✓ Job features-1 is Completed" in person.sees


def test_a_job_that_has_no_page_starts_no_task(aws: Aws) -> None:
    """What is found out by asking is asked first."""
    aws.sagemaker.add("split-1", AppSpecification={"ImageUri": "sklearn:1"})
    with pytest.raises(HistoryError, match="job split-1 runs no Spark"):
        Person(aws).opens(job="split-1")
    assert aws.ecs.requests == []


def test_a_job_and_an_application_are_two_pages(aws: Aws) -> None:
    """One of them is meant."""
    with pytest.raises(HistoryError, match="--job and --app both name a page: choose one"):
        Person(aws).opens(job="a", app="b")


def test_what_the_mirror_warns_of_is_seen(aws: Aws, api: Api) -> None:
    """As it comes, without what could steer a terminal."""
    aws.ecs.first_states = []
    arn = aws.ecs.add(**reachable(api.port))
    aws.logs.write("mirror", arn, "INFO up", "ERROR not allowed: \x1b[2Js3:ListBucket")
    person = Person(aws)
    person.opens()
    assert "ERROR not allowed: s3:ListBucket" in person.sees


def test_a_taken_port_is_told_before_anything_starts(aws: Aws) -> None:
    """It is the tunnel's."""
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(LocalCloudError, match=f"port {port} on 127.0.0.1 is taken"):
            Person(aws).opens(port=port)
    assert aws.ecs.requests == []


def test_a_port_that_is_not_used_is_told(aws: Aws) -> None:
    """Where no tunnel is needed the server's own port is the address."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    person = Person(aws)
    person.opens(port=port)
    assert person.sees[-1] == "--port is a tunnel's: this server is reached without one."


def test_behind_a_load_balancer_there_is_no_tunnel(aws: Aws) -> None:
    """Its address is the page's, once the service's task runs; who asks must log in there."""
    aws.ecs.meta.endpoint_url = "https://ecs.eu-west-1.amazonaws.com"
    server = replace(SERVER, service="history-service", url="https://spark.example.com")
    aws.cloudformation.stacks = {"Flights": [output(server)]}
    aws.ecs.add()
    person = Person(aws)
    assert person.opens() == 0
    assert person.opens(app="app-1") == 0
    assert person.pages == [
        "https://spark.example.com/",
        "https://spark.example.com/history/app-1/jobs/",
    ]
    with pytest.raises(HistoryError, match=r"https://spark\.example\.com wants a login first"):
        person.opens(job="features-1")


class OnAws(Person):
    """Who opens a tunnel, and after so many seconds something happens."""

    def __init__(self, aws: Aws, port: int, tmp_path: Path, patch: pytest.MonkeyPatch) -> None:
        super().__init__(aws)
        patch.setenv("PATH", str(install(tmp_path / "plugin", port)))
        aws.ecs.meta.endpoint_url = "https://ecs.eu-west-1.amazonaws.com"
        aws.ecs.first_states = [{}, reachable()]
        self.held = 0
        self.happens: dict[int, Any] = {}

    def opens(self, **options: Any) -> int:
        """Open it; while the tunnel is held, no time passes."""

        def sleep(seconds: float) -> None:
            if not any("The tunnel is open" in line for line in self.sees):
                Clock().sleep(seconds / 20)
                return
            self.held += 1
            what = self.happens.get(self.held)
            if callable(what):
                what()
            elif what:
                raise what
            assert self.held < 100, "held for ever"

        return super().opens(clock=Clock(sleep=sleep, every=1), **options)


@pytest.fixture
def on_aws(aws: Aws, api: Api, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> OnAws:
    """Who opens a tunnel."""
    return OnAws(aws, api.port, tmp_path, monkeypatch)


def test_a_tunnel_is_held_until_ctrl_c(on_aws: OnAws, aws: Aws) -> None:
    """That is its ordinary end; what goes on without it is said."""
    on_aws.happens = {20: Interrupted(signal.SIGINT)}
    assert on_aws.opens() == 0
    assert on_aws.held == 20
    assert aws.ssm.terminated == ["session-1"]
    assert on_aws.pages[0].startswith("http://127.0.0.1:")
    first, second, third = on_aws.sees[-3:]
    assert (first, second) == ("The tunnel is open until Ctrl-C.", "")
    assert third == (
        "The History Server goes on: it ends by itself after 30 minutes without a visitor; "
        "`sagemaker-processing history stop` ends it at once."
    )


def test_an_end_of_another_kind_passes_on(on_aws: OnAws, aws: Aws) -> None:
    """Who ends the command by a signal is told of it by the exit code."""
    on_aws.happens = {1: Interrupted(signal.SIGTERM)}
    with pytest.raises(Interrupted):
        on_aws.opens()
    assert aws.ssm.terminated == ["session-1"]
    assert "ends by itself" in on_aws.sees[-1]


def test_a_task_that_ends_as_planned_ends_the_tunnel(on_aws: OnAws, aws: Aws) -> None:
    """Idle, too old, stopped by somebody: no failure."""

    def end() -> None:
        (arn,) = aws.ecs.tasks
        aws.logs.write("mirror", arn, "ENDED idle for 30 minutes")
        aws.ecs.end(arn, "Essential container in task exited")

    on_aws.happens = {3: end}
    assert on_aws.opens() == 0
    assert on_aws.sees[-1] == "The History Server's task ended: idle for 30 minutes."


def test_a_task_that_fails_fails_the_command(on_aws: OnAws, aws: Aws) -> None:
    """With the reason."""
    on_aws.happens = {3: lambda: aws.ecs.end(next(iter(aws.ecs.tasks)), "out of memory", 137)}
    with pytest.raises(TaskEndedError, match="out of memory"):
        on_aws.opens()
    assert aws.ssm.terminated == ["session-1"]


def test_a_tunnel_outlives_the_permission_to_look(on_aws: OnAws, aws: Aws) -> None:
    """Credentials expire while somebody reads; that is told once."""

    def expire() -> None:
        def refuse(**_: object) -> None:
            raise refusal("DescribeTasks", "ExpiredTokenException", "")

        aws.ecs.describe_tasks = refuse  # type: ignore[method-assign, assignment]  # from now on

    on_aws.happens = {3: expire, 60: Interrupted(signal.SIGINT)}
    assert on_aws.opens() == 0
    (told,) = [line for line in on_aws.sees if "cannot be looked at any more" in line]
    assert told == (
        "The task cannot be looked at any more: the AWS credentials have expired: sign in again "
        "(such as by `aws sso login`)"
    )


def test_an_interrupted_start_says_what_goes_on(aws: Aws) -> None:
    """A task may have been started."""

    def interrupt() -> None:
        raise Interrupted(signal.SIGINT)

    aws.time.on_sleep = [interrupt]
    person = Person(aws)
    with pytest.raises(Interrupted):
        person.opens()
    assert (
        "The History Server goes on: it ends by itself after 30 minutes without a visitor"
        in person.sees[-1]
    )
    assert "■ Task interrupted" in person.sees


GOES_ON = (
    "The History Server goes on: it ends by itself after 30 minutes without a visitor; "
    "`sagemaker-processing history stop` ends it at once."
)


def test_a_page_that_is_not_there_says_what_goes_on(aws: Aws) -> None:
    """The task was started for it, until when it goes on, and how to stop it."""
    person = Person(aws)
    with pytest.raises(HistoryError, match="app-7"):
        person.opens(app="app-7")
    assert len(aws.ecs.requests) == 1
    assert person.sees[-1] == GOES_ON


def test_a_task_that_may_not_be_looked_at_goes_on(aws: Aws) -> None:
    """It was started before that came out."""

    def deny() -> None:
        def refuse(**_: object) -> None:
            raise refusal("DescribeTasks", "AccessDeniedException", "no")

        aws.ecs.describe_tasks = refuse  # type: ignore[method-assign, assignment]  # from now on

    aws.time.on_sleep = [deny]
    person = Person(aws)
    with pytest.raises(HistoryError, match="DescribeTasks"):
        person.opens()
    assert person.sees[-1] == GOES_ON


def test_a_task_that_idles_for_ever_is_only_stopped(aws: Aws) -> None:
    """It does not end for want of visitors."""
    aws.cloudformation.stacks = {"Flights": [output(replace(SERVER, idle_minutes=None))]}
    person = Person(aws)
    with pytest.raises(HistoryError, match="app-7"):
        person.opens(app="app-7")
    assert person.sees[-1] == (
        "The History Server goes on: `sagemaker-processing history stop` ends it."
    )


def test_where_no_task_was_started_none_goes_on(aws: Aws) -> None:
    """Nothing is said of one."""

    def refuse(**_: object) -> None:
        raise refusal("RunTask", "AccessDeniedException", "no")

    aws.ecs.run_task = refuse  # type: ignore[method-assign, assignment]  # nobody may
    person = Person(aws)
    with pytest.raises(HistoryError, match="RunTask"):
        person.opens()
    assert not [line for line in person.sees if "goes on" in line]


@pytest.mark.parametrize("option", ["job", "app"])
@pytest.mark.parametrize("name", ["", " "])
def test_an_empty_name_is_refused_before_anything_starts(aws: Aws, option: str, name: str) -> None:
    """As of a shell's variable that is not set: it is not asked of anybody."""
    person = Person(aws)
    with pytest.raises(HistoryError) as error:
        person.opens(**{option: name})
    assert str(error.value) == (
        f"--{option} names nothing, got {name!r} (a variable that is not set?): name a page, or "
        f"leave --{option} out for the list"
    )
    assert person.sees == []
    assert aws.ecs.requests == []


def invoke(aws: Aws, monkeypatch: pytest.MonkeyPatch, *arguments: str) -> tuple[int, str]:
    monkeypatch.setattr(commands, "clients", lambda _profile, _region: aws)
    monkeypatch.setenv("COLUMNS", "200")
    result = CliRunner().invoke(app, ["history", *arguments])
    return result.exit_code, result.output


def test_the_status_of_a_task_that_runs(aws: Aws, monkeypatch: pytest.MonkeyPatch) -> None:
    """What it is, since when, how it is, and what it warned of."""
    arn = aws.ecs.add(**reachable(1))
    aws.logs.write("mirror", arn, "INFO up", "WARNING slow")
    code, told = invoke(aws, monkeypatch, "status")
    assert code == 0
    first, second, third = told.splitlines()
    assert first == "Flights/History (stack Flights)"
    assert second.startswith("  task1 (Flights-History:3): running, healthy, since 2026-01-05 ")
    assert third == "    WARNING slow"
    code, told = invoke(aws, monkeypatch, "status", "--json")
    assert json.loads(told) == {
        "historyServer": "Flights/History",
        "tasks": [
            {
                "task": arn,
                "taskDefinition": "Flights-History:3",
                "status": "RUNNING",
                "health": "HEALTHY",
                "created": "2026-01-05T12:00:01+00:00",
                "started": "2026-01-05T12:01:00+00:00",
                "stopped": None,
                "stoppedReason": None,
                "lastTrouble": ["WARNING slow"],
            }
        ],
    }


def test_the_status_where_nothing_runs(aws: Aws, monkeypatch: pytest.MonkeyPatch) -> None:
    """Why the last one ended, for as long as ECS tells."""
    code, told = invoke(aws, monkeypatch, "status", "--stack", "Flights")
    assert (code, told.splitlines()[1:]) == (0, ["  no task runs, nor did within the last hour"])
    arn = aws.ecs.add()
    aws.ecs.end(arn, "Essential container in task exited")
    aws.logs.write("mirror", arn, "ENDED idle for 30 minutes")
    _, told = invoke(aws, monkeypatch, "status")
    assert told.splitlines()[1].startswith("  task1 (Flights-History:3): ended, since 2026-01-05")
    assert told.splitlines()[2:] == [
        "    ECS: Essential container in task exited",
        "    ENDED idle for 30 minutes",
    ]


def test_names_longer_than_a_line_stay_whole(aws: Aws, monkeypatch: pytest.MonkeyPatch) -> None:
    """What `status` tells is searched and copied: a nested stack's name has up to 128 letters."""
    server = replace(SERVER, path=f"Flights/{'Nested/' * 20}History")
    aws.cloudformation.stacks = {"s" * 128: [output(server)]}

    _, told = invoke(aws, monkeypatch, "status")

    assert told.splitlines()[0] == f"{server.path} (stack {'s' * 128})"


def test_stopping_ends_the_tasks(aws: Aws, monkeypatch: pytest.MonkeyPatch) -> None:
    """And none is left; once more is no fault."""
    monkeypatch.setattr("time.sleep", lambda _: None)
    arn = aws.ecs.add()
    code, told = invoke(aws, monkeypatch, "stop")
    assert (code, aws.ecs.tasks[arn]["lastStatus"]) == (0, "STOPPED")
    assert told.split("  ")[-1].strip() == "1 task of Flights/History task1"
    code, told = invoke(aws, monkeypatch, "stop")
    assert (code, told.split("  ")[-1].strip()) == (0, "0 tasks of Flights/History")


def test_a_service_starts_another_task(aws: Aws, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who stops an always-on server's task restarts it."""
    monkeypatch.setattr("time.sleep", lambda _: None)
    server = replace(SERVER, service="history-service")
    aws.cloudformation.stacks = {"Flights": [output(server)]}
    aws.ecs.add()
    _, told = invoke(aws, monkeypatch, "stop")
    assert told.splitlines()[-1] == "Service history-service starts another: it is always on."


@pytest.mark.parametrize("command", ["open", "status", "stop"])
def test_a_fault_is_one_line(command: str, aws: Aws, monkeypatch: pytest.MonkeyPatch) -> None:
    """Exit code 1, no traceback."""
    aws.cloudformation.stacks = {}
    code, told = invoke(aws, monkeypatch, command)
    (line,) = [line for line in told.splitlines() if line.startswith("error: ")]
    assert code == 1
    assert line.startswith("error: no History Server in the stacks of this account and region: add")
    aws.cloudformation.stacks = {"Flights": [output(SERVER)]}
    denied = refusal("ListTasks", "AccessDeniedException", DENIED.format("ecs:ListTasks"))

    def refuse(**_: object) -> None:
        raise denied

    aws.ecs.paginate = refuse  # type: ignore[method-assign, assignment]  # a person without a grant
    code, told = invoke(aws, monkeypatch, command)
    assert (code, "perform: ecs:ListTasks: whoever deploys" in told) == (1, True)


def test_credentials_that_are_missing_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """Those of this process's environment count, as everywhere."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_PROFILE", "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_CONFIG_FILE", "/dev/null")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", "/dev/null")
    for options, told in (
        (["--region", "eu-west-1"], "error: no AWS credentials were found: sign in, or name a"),
        (["--profile", "x"], "error: The config profile (x) could not be found: `aws configure"),
    ):
        result = CliRunner().invoke(app, ["history", "status", *options])
        assert (result.exit_code, told in result.output) == (1, True), result.output


def test_an_endpoint_that_is_no_url_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """A port alone, for one."""
    monkeypatch.setenv("AWS_ENDPOINT_URL", "4566")

    result = CliRunner().invoke(app, ["history", "status", "--region", "eu-west-1"])

    assert "Invalid endpoint: 4566: AWS_ENDPOINT_URL, or endpoint_url of" in result.output
    assert result.exit_code == 1
