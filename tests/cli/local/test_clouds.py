"""The commands of local clouds that go on, over a program that looks like one from outside."""

import json
import os
import re
import shlex
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from cdk_sagemaker_processing.cli.app import app
from cdk_sagemaker_processing.local.clouds import named as clouds_module
from cdk_sagemaker_processing.local.clouds import starting
from cdk_sagemaker_processing.local.clouds.named import Clouds
from cdk_sagemaker_processing.local.processes.ports import choose_port
from tests.waiting import until

FOLDER = Path(__file__).parents[2] / "local"


@pytest.fixture(autouse=True)
def clouds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Clouds]:
    """The clouds of a user who has none yet; they end with the test."""
    monkeypatch.setattr(starting, "_SERVER", "quick_cloud")
    monkeypatch.setattr(clouds_module, "_FIRST_PORT", choose_port(None))
    monkeypatch.setenv("PYTHONPATH", str(FOLDER))
    monkeypatch.setenv("CDK_SAGEMAKER_PROCESSING_STATE", str(tmp_path / "state"))
    found = Clouds()
    yield found
    for cloud in found.all():
        found.down(cloud.name, forget=True)


def local(*arguments: str) -> Result:
    """Run a command of `local`."""
    return CliRunner().invoke(app, ["local", *arguments])


@contextmanager
def in_the_foreground() -> Iterator["subprocess.Popen[str]"]:
    """Have a command that stays with its cloud, which is up."""
    program = (
        "from cdk_sagemaker_processing.local.clouds import starting\n"
        "starting._SERVER = 'quick_cloud'\n"
        "from cdk_sagemaker_processing.cli import main; main()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program, "local", "up", "--foreground"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as command:
        assert command.stderr
        until(lambda: "Ctrl-C ends it." in next(iter(command.stderr or ())))
        yield command


def in_shell(lines: str, variables: Mapping[str, str]) -> dict[str, str]:
    """Return the variables of a shell that evaluated some lines."""
    script = f'eval {shlex.quote(lines)}\nexec {shlex.quote(sys.executable)} -c "$0"'
    show = "import json, os; print(json.dumps(dict(os.environ)))"
    done = subprocess.run(
        ["/bin/sh", "-c", script, show],
        env={"PATH": os.environ["PATH"], **variables},
        capture_output=True,
        text=True,
        check=True,
    )
    found: dict[str, str] = json.loads(done.stdout)
    return found


def test_up_prints_what_a_shell_evaluates(clouds: Clouds) -> None:
    """On its standard output nothing else; what was done is told beside it."""
    result = local("up")
    assert result.exit_code == 0
    cloud = clouds.running("default")
    users = {"AWS_PROFILE": "mine", "AWS_SESSION_TOKEN": "token", "HOME": "/home/me"}
    found = in_shell(result.stdout, users)
    assert found["AWS_ENDPOINT_URL"] == cloud.api.endpoint_url
    assert found["AWS_ACCESS_KEY_ID"] == "000000000000"
    assert found["AWS_REGION"] == found["AWS_DEFAULT_REGION"] == "us-east-1"
    assert found["HOME"] == "/home/me"
    assert "AWS_PROFILE" not in found
    assert f"default at {cloud.api.endpoint_url}" in result.stderr
    assert 'eval "$(sagemaker-processing local env)"' in result.stderr
    assert local("up").stdout == local("env").stdout == result.stdout


def test_what_a_shell_had_of_another_account_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """A token or an endpoint of one service would lead elsewhere; so would a proxy."""
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", "https://elsewhere.example")
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy.example")
    monkeypatch.setenv("NO_PROXY", "example.com")
    users = {"AWS_ENDPOINT_URL_S3": "https://elsewhere.example", "NO_PROXY": "example.com"}
    found = in_shell(local("up").stdout, users)
    assert "AWS_ENDPOINT_URL_S3" not in found
    assert found["NO_PROXY"] == "example.com,127.0.0.1"


def test_what_env_sets_it_takes_away_again() -> None:
    """Also when the cloud is down; what is the shell's own stays."""
    lines = local("up", "--keep").stdout
    local("down")
    unset = local("env", "--unset")
    assert unset.exit_code == 0
    found = in_shell(f"{lines}\n{unset.stdout}", {"HOME": "/home/me"})
    assert not [name for name in found if name.startswith(("AWS_", "CDK_"))]
    assert found["HOME"] == "/home/me"


def test_env_of_a_cloud_that_is_down_says_how_to_start_it() -> None:
    """One red line, and nothing for a shell to evaluate."""
    result = local("env", "--name", "two")
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr == (
        "error: there is no local cloud two: start it by sagemaker-processing local up --name two\n"
    )


def test_the_options_reach_the_cloud(clouds: Clouds) -> None:
    """Its port, its quotas, whether it is kept."""
    port = choose_port(None)
    result = local("up", "--port", str(port), "--keep", "--quota", "ml.p3.2xlarge=0")
    assert result.exit_code == 0
    cloud = clouds.running("default")
    assert (cloud.port, cloud.options.keep) == (port, True)
    assert cloud.options.quotas == {"ml.p3.2xlarge": 0}


@pytest.mark.parametrize("given", ["ml.m5.xlarge", "=2", "ml.m5.xlarge=two"])
@pytest.mark.parametrize("verb", ["up", "run"])
def test_a_quota_that_is_none_is_refused(verb: str, given: str) -> None:
    """It says which form it has, and what came."""
    result = local(verb, "--quota", given)
    assert result.exit_code == 2
    told = re.sub(r"\s+", " ", result.stderr.replace("│", ""))
    assert f"must be TYPE=COUNT, such as ml.m5.xlarge=2, got '{given}'" in told


def test_status_tells_of_every_cloud(clouds: Clouds) -> None:
    """Where it is, what it does and what it takes; whether it is kept or has crashed."""
    local("up", "--name", "one", "--quota", "ml.m5.xlarge=1")
    local("up", "--name", "two", "--keep")
    local("up", "--name", "three")
    local("down", "--name", "two")
    crashed = clouds.running("three")
    assert crashed.process
    crashed.process.send(signal.SIGKILL)
    until(lambda: crashed.crashed)
    one, three, two = local("status").stdout.splitlines()
    assert re.fullmatch(
        r"✓ one    http://127\.0\.0\.1:\d+  since [-\d]+ [:\d]+  "
        r"1 execution and 2 jobs running  \d+(\.\d)? MB",
        one,
    )
    assert three == f"✗ three  ended unexpectedly, its log: {crashed.log}"
    assert two == f"· two    down, kept in {clouds.get('two').home}"
    found = {each["name"]: each for each in json.loads(local("status", "--json").stdout)}
    assert {name: each["status"] for name, each in found.items()} == {
        "one": "up",
        "three": "crashed",
        "two": "down",
    }
    assert found["one"]["running"] == {"executions": 1, "jobs": 2}
    assert found["one"]["quotas"] == {"ml.m5.xlarge": 1}
    assert found["one"]["memoryBytes"] > 1_000_000
    assert [local("status", "--name", name).exit_code for name in found] == [0, 1, 1]


def test_status_without_a_cloud_says_how_to_start_one() -> None:
    """It is no failure."""
    result = local("status")
    assert result.exit_code == 0
    assert result.stdout == "No local cloud is up: sagemaker-processing local up\n"


def test_down_tells_what_is_left(clouds: Clouds) -> None:
    """Nothing, or what was kept; one of no name is an error."""
    local("up", "--name", "one")
    local("up", "--name", "two", "--keep")
    home = clouds.get("two").home
    assert local("down", "--all").stdout.splitlines() == [
        "The local cloud one is down; nothing is left of it.",
        f"The local cloud two is down; what it held is kept in {home}.",
    ]
    forgotten = local("down", "--name", "two", "--forget").stdout
    assert forgotten == "The local cloud two is down; nothing is left of it.\n"
    assert local("down", "--all").stdout == ""
    assert local("down").exit_code == 1


def test_down_tells_a_shell_that_points_to_the_cloud_how_to_leave_it(
    clouds: Clouds, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By a line that does so; the record of what the cloud had set is gone with it."""
    local("up")
    monkeypatch.setenv("AWS_ENDPOINT_URL", clouds.get("default").api.endpoint_url)

    said = local("down").stdout.splitlines()

    assert said[0] == "The local cloud default is down; nothing is left of it."
    _, line = said[1].split("This shell still points to it: ")
    assert "AWS_ENDPOINT_URL" not in in_shell(line, dict(os.environ))


def test_reset_tells_where_it_is_empty(clouds: Clouds) -> None:
    """On the port where it was."""
    local("up")
    before = clouds.running("default")
    told = local("reset").stdout
    assert told == f"The local cloud default at {before.api.endpoint_url} is empty.\n"
    assert clouds.running("default").process != before.process


def test_logs_of_the_cloud_and_of_a_job(clouds: Clouds) -> None:
    """Also when the cloud is down; a job that has none is named."""
    local("up", "--keep")
    assert local("logs").stdout == "answering\n"
    log = clouds.get("default").home / "000000000000" / "us-east-1" / "jobs" / "clean" / "log.txt"
    log.parent.mkdir(parents=True)
    log.write_text("one\n\x1b[31mtwo\nno newline at the end")
    local("down")
    assert local("logs", "clean").stdout == "one\ntwo\nno newline at the end\n"
    result = local("logs", "other")
    assert result.exit_code == 1
    assert result.stderr == "error: the local cloud default has no log of a job other\n"


def test_logs_that_are_followed_end_with_the_cloud(clouds: Clouds) -> None:
    """Nothing of what was written last is missing."""
    local("up", "--keep")
    cloud = clouds.running("default")
    command = [sys.executable, "-c", "from cdk_sagemaker_processing.cli import main; main()"]
    with subprocess.Popen(
        [*command, "local", "logs", "--follow"], stdout=subprocess.PIPE, text=True
    ) as following:
        assert following.stdout
        assert following.stdout.readline() == "answering\n"
        with cloud.log.open("a") as log:
            log.write("last words\n")
        clouds.down("default")
        assert following.stdout.read() == "last words\n"
        assert following.wait(20) == 0


@pytest.mark.parametrize(
    ("number", "code", "told"),
    [(signal.SIGINT, 0, "Ending."), (signal.SIGTERM, 128 + signal.SIGTERM, "Interrupted.")],
)
def test_a_cloud_in_the_foreground_ends_with_its_command(
    clouds: Clouds, tmp_path: Path, number: signal.Signals, code: int, told: str
) -> None:
    """Ctrl-C is the ordinary way; nothing is left."""
    with in_the_foreground() as command:
        assert command.stderr
        cloud = clouds.running("default")
        command.send_signal(number)
        assert command.wait(20) == code
        assert told in command.stderr.read()
    assert not cloud.is_up
    assert list((tmp_path / "state" / "clouds").iterdir()) == []


def test_a_cloud_in_the_foreground_that_ends_is_an_error(clouds: Clouds, tmp_path: Path) -> None:
    """With its last lines, as nothing of it is left."""
    with in_the_foreground() as command:
        crashed = clouds.running("default")
        assert crashed.process
        crashed.process.send(signal.SIGKILL)
        assert command.wait(20) == 1
        assert command.stderr
        assert command.stderr.read() == (
            "error: the local cloud default ended; its last lines:\nanswering\n"
        )
    assert list((tmp_path / "state" / "clouds").iterdir()) == []
