"""Local clouds that go on after the command that started them, over a program in their place."""

import os
import signal
import socket
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from cdk_sagemaker_processing.local.clouds import named as clouds_module
from cdk_sagemaker_processing.local.clouds import starting
from cdk_sagemaker_processing.local.clouds.named import Clouds
from cdk_sagemaker_processing.local.clouds.record import Activity, NamedCloud, read, write
from cdk_sagemaker_processing.local.errors import LocalCloudError
from cdk_sagemaker_processing.local.processes.identity import ProcessIdentity
from cdk_sagemaker_processing.local.processes.ports import choose_port
from tests.waiting import until


@pytest.fixture
def clouds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Clouds]:
    """The clouds of a user who has none yet; they end with the test."""
    monkeypatch.setattr(starting, "_SERVER", "quick_cloud")
    monkeypatch.setattr(clouds_module, "_FIRST_PORT", choose_port(None))
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parents[1]))
    found = Clouds(tmp_path / "clouds")
    yield found
    for cloud in found.all():
        found.down(cloud.name, forget=True)


def crash(cloud: NamedCloud) -> None:
    """Kill a cloud's process."""
    assert cloud.process
    cloud.process.send(signal.SIGKILL)
    until(lambda: not cloud.is_up)


def said(cloud: NamedCloud) -> list[str]:
    """Return the options of a cloud's command line."""
    return (cloud.home / "said").read_text().split()


def test_a_cloud_goes_on_until_it_is_ended(clouds: Clouds, tmp_path: Path) -> None:
    """It is up for whoever asks, tells what it does, and leaves nothing when it ends."""
    cloud = clouds.up()
    (found,) = Clouds(tmp_path / "clouds").all()
    assert found == cloud == clouds.running("default")
    assert found.is_up
    assert found.activity() == Activity(executions=1, jobs=2)
    assert found.log.read_text() == "answering\n"
    assert said(found) == ["--port", str(cloud.port), "--home", str(cloud.home)]
    clouds.down("default")
    assert not cloud.is_up
    assert cloud.activity() is None
    assert list((tmp_path / "clouds").iterdir()) == []


def test_a_cloud_that_is_up_is_left_as_it_is(clouds: Clouds) -> None:
    """A second start finds it; one with other options is refused, and says what to do."""
    cloud = clouds.up(quotas={"ml.m5.xlarge": 2})
    assert clouds.up() == cloud
    assert clouds.up(port=cloud.port, quotas={"ml.m5.xlarge": 2}) == cloud
    with pytest.raises(LocalCloudError, match=r"default is up with other options: end it first"):
        clouds.up(enforce_iam=True)


def test_a_kept_clouds_port_may_have_been_taken(clouds: Clouds) -> None:
    """Its next start says which port that was; it takes another only if it is told."""
    port = clouds.up(keep=True).port
    clouds.down("default")
    with socket.create_server(("127.0.0.1", port)):
        with pytest.raises(LocalCloudError, match=rf"port {port}, .* give another by --port$"):
            clouds.up()
        other = choose_port(None)
        assert clouds.up(port=other).port == other


def test_commands_at_the_same_time_start_one_cloud(clouds: Clouds) -> None:
    """The others wait for it."""
    started: list[NamedCloud] = []
    threads = [threading.Thread(target=lambda: started.append(clouds.up())) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(started) == 3
    assert len({cloud.process for cloud in started}) == 1


def test_two_clouds_stand_side_by_side(clouds: Clouds) -> None:
    """Each with its name, its port and its files; one's end is not the other's."""
    one, two = clouds.up("one"), clouds.up("two")
    assert [cloud.name for cloud in clouds.all()] == ["one", "two"]
    assert one.port != two.port
    assert one.home != two.home
    clouds.down("one")
    assert clouds.all() == [two]
    assert two.is_up


def test_the_port_is_the_wanted_one_or_the_one_before(clouds: Clouds) -> None:
    """So that a shell that was pointed to a cloud stays so; a taken one is refused."""
    port = choose_port(None)
    assert clouds.up(keep=True, port=port).port == port
    clouds.down("default")
    assert clouds.up().port == port
    with pytest.raises(LocalCloudError, match=f"port {port} on 127.0.0.1 is taken"):
        clouds.up("other", port=port)
    assert [cloud.name for cloud in clouds.all()] == ["default"]


def test_without_a_word_the_first_port_is_taken_when_it_is_free(clouds: Clouds) -> None:
    """Else any free one."""
    assert clouds.up("one").port == clouds_module._FIRST_PORT
    clouds.down("one")
    with socket.socket() as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        other.bind(("127.0.0.1", clouds_module._FIRST_PORT))
        other.listen()
        assert clouds.up("one").port != clouds_module._FIRST_PORT


def test_what_is_kept_is_there_again(clouds: Clouds) -> None:
    """With the options of the start before; `forget` deletes it."""
    cloud = clouds.up(keep=True, quotas={"ml.m5.xlarge": 2})
    assert said(cloud)[-2:] == ["--quota=ml.m5.xlarge=2", "--keep"]
    (cloud.home / "data").touch()
    clouds.down("default")
    (kept,) = clouds.all()
    assert (kept.is_up, kept.crashed, kept.process) == (False, False, None)
    again = clouds.up()
    assert said(again)[-2:] == ["--quota=ml.m5.xlarge=2", "--keep"]
    assert (again.home / "data").exists()
    clouds.down("default", forget=True)
    assert clouds.all() == []
    assert not cloud.folder.exists()


def test_what_is_kept_is_not_lost_by_a_word_that_is_left_out(clouds: Clouds) -> None:
    """To start without it is refused until it is deleted."""
    clouds.up(keep=True)
    clouds.down("default")
    with pytest.raises(LocalCloudError, match=r"default is kept: .* local down --forget$"):
        clouds.up(keep=False)


def test_a_crash_is_noticed(clouds: Clouds) -> None:
    """Its log is named; the next start finds nothing of it, if it was not kept."""
    cloud = clouds.up()
    (cloud.home / "data").touch()
    crash(cloud)
    (found,) = clouds.all()
    assert found.crashed
    with pytest.raises(LocalCloudError, match=rf"ended unexpectedly \(its log: {cloud.log}\)"):
        clouds.running("default")
    again = clouds.up()
    assert again.is_up
    assert not (again.home / "data").exists()


@pytest.mark.parametrize("verb", ["up", "down", "reset"])
def test_what_a_crash_left_running_is_ended(clouds: Clouds, verb: str) -> None:
    """By whichever command comes next."""
    cloud = clouds.up(keep=True)
    worker = ProcessIdentity.of(int((cloud.home / "worker").read_text()))
    assert worker
    crash(cloud)
    assert worker.is_running
    getattr(clouds, verb)("default")
    until(lambda: not worker.is_running)


def test_what_was_kept_outlives_a_crash(clouds: Clouds) -> None:
    """The next start finds it."""
    cloud = clouds.up(keep=True)
    (cloud.home / "data").touch()
    crash(cloud)
    assert (clouds.up().home / "data").exists()


def test_a_record_of_another_boot_is_no_running_cloud(clouds: Clouds) -> None:
    """A process that now has its id is not taken for it, nor ended."""
    cloud = clouds.up()
    assert cloud.process
    mine = replace(cloud.process, pid=os.getpid())
    write(replace(cloud, process=mine))
    (stale,) = clouds.all()
    assert stale.crashed
    clouds.down("default")
    assert clouds.all() == []
    crash(cloud)
    cloud.process.end_session()


def test_a_reset_starts_it_empty_on_its_port(clouds: Clouds) -> None:
    """With its options; one that is down stays so."""
    cloud = clouds.up(keep=True)
    (cloud.home / "data").touch()
    again = clouds.reset("default")
    assert again.is_up
    assert (again.port, again.options) == (cloud.port, cloud.options)
    assert again.process != cloud.process
    assert not (again.home / "data").exists()
    (again.home / "data").touch()
    clouds.down("default")
    assert not clouds.reset("default").is_up
    assert not (again.home / "data").exists()


def test_one_that_does_not_end_is_killed(clouds: Clouds, monkeypatch: pytest.MonkeyPatch) -> None:
    """After a grace."""
    monkeypatch.setattr(clouds_module, "_GRACE_SECONDS", 0.2)
    cloud = clouds.up(keep=True)
    (cloud.home / "stubborn").touch()
    clouds.down("default")
    cloud = clouds.up()
    clouds.down("default")
    assert not cloud.is_up


def test_one_that_does_not_start_leaves_no_trace(clouds: Clouds) -> None:
    """But what was kept; the error has its last words."""
    clouds.up(keep=True)
    clouds.down("default")
    (kept,) = clouds.all()
    (kept.home / "stillborn").touch()
    with pytest.raises(LocalCloudError, match=r"did not start \(exit code 1\)[^$]*no, thank you"):
        clouds.up()
    assert clouds.all() == [replace(kept, since=clouds.get("default").since)]
    (kept.home / "stillborn").unlink()
    assert clouds.up().is_up


def test_a_start_that_is_refused_leaves_no_trace(
    clouds: Clouds, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where nothing was before, nothing is afterwards."""
    monkeypatch.setattr(starting, "_SERVER", "no_such_module")
    for keep in (False, True):
        with pytest.raises(LocalCloudError, match="no_such_module"):
            clouds.up("new", keep=keep)
    assert list((tmp_path / "clouds").iterdir()) == []


@pytest.mark.parametrize("name", ["", "Big", "a/b", "..", "-a", "a" * 33])
def test_a_name_that_is_none_is_refused(clouds: Clouds, name: str) -> None:
    """It says what a name has, and what came."""
    with pytest.raises(LocalCloudError, match=r"1 to 32 small letters, digits and hyphens, got '"):
        clouds.up(name)


def test_a_cloud_that_is_not_there_is_named_with_those_that_are(clouds: Clouds) -> None:
    """And how to start it."""
    clouds.up("one")
    with pytest.raises(
        LocalCloudError,
        match=r"no local cloud two \(there are: one\): start it by sagemaker-processing local up "
        r"--name two$",
    ):
        clouds.get("two")


def test_a_jobs_log_is_found_in_any_account_and_region(clouds: Clouds) -> None:
    """By the job's name; a name that leads elsewhere is none."""
    cloud = clouds.up()
    log = cloud.home / "111122223333" / "eu-west-1" / "jobs" / "clean" / "log.txt"
    log.parent.mkdir(parents=True)
    log.touch()
    assert cloud.log_file("clean") == log
    assert cloud.log_file("other") is None
    assert cloud.log_file("../jobs/clean") is None


def test_a_broken_record_is_no_cloud(tmp_path: Path) -> None:
    """Such as what a full disk left."""
    (tmp_path / "cloud.json").write_text('{"port": ')
    assert read(tmp_path) is None
