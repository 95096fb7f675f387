import json
from collections.abc import Callable
from textwrap import dedent
from typing import Any

import pytest

from cdk_sagemaker_processing.local.jobs import ProcessingService
from cdk_sagemaker_processing.local.jobs.logs import LogStream
from tests.local.jobs.conftest import NewService
from tests.local.jobs.fakes import (
    FakeStore,
    FakeStream,
    application,
    outputs,
    request,
    source,
    target,
)
from tests.waiting import until

INPUT = "/opt/ml/processing/input"
OUTPUT = "/opt/ml/processing/output"
# What each job begins with: `me` is the instance's name.
BEGINNING = """\
import json, os, signal, socket, sys, time
from pathlib import Path
resources = json.loads(Path("/opt/ml/config/resourceconfig.json").read_text())
me, hosts = resources["current_host"], resources["hosts"]
"""

Start = Callable[..., None]
Run = Callable[..., dict[str, Any]]


@pytest.fixture
def start(service: ProcessingService, store: FakeStore) -> Start:
    """Starts a script on several instances."""

    def begin(count: int, code: str, *inputs: Any, **members: Any) -> None:
        store.objects["code", "job.py"] = (BEGINNING + dedent(code)).encode()
        cluster = {"InstanceCount": count, "InstanceType": "ml.m5.xlarge", "VolumeSizeInGB": 30}
        service.create(
            request(
                AppSpecification=application("python3", f"{INPUT}/code/job.py"),
                ProcessingInputs=[source("s3://code/job.py", f"{INPUT}/code"), *inputs],
                **{"ProcessingResources": {"ClusterConfig": cluster}, **members},
            )
        )

    return begin


@pytest.fixture
def run(service: ProcessingService, start: Start) -> Run:
    """Runs a script on several instances to its end."""

    def to_the_end(count: int, code: str, *inputs: Any, **members: Any) -> dict[str, Any]:
        start(count, code, *inputs, **members)
        return service.wait("a-job", 60)

    return to_the_end


def said(service: ProcessingService, host: str) -> list[str]:
    """What one instance wrote, from the file that all share."""
    lines = (service.home / "jobs" / "a-job" / "log.txt").read_text().splitlines()
    own = [line.removeprefix(f"{host} | ") for line in lines if line.startswith(f"{host} | ")]
    return [line for line in own if not line.startswith("[local cloud]")]


def test_every_instance_knows_itself_and_the_others(service: ProcessingService, run: Run) -> None:
    """resourceconfig.json, the machine's name, and an address of its own for every name."""
    code = (
        "print(json.dumps([me, socket.gethostname(), hosts, [*map(socket.gethostbyname, hosts)]]))"
    )
    assert run(3, code)["ProcessingJobStatus"] == "Completed"
    names = ["algo-1", "algo-2", "algo-3"]
    found = {name: json.loads(said(service, name)[0]) for name in names}
    addresses = found["algo-1"][3]
    assert len(set(addresses)) == 3
    assert all(address.startswith("127.") for address in addresses)
    assert found == {name: [name, name, names, addresses] for name in names}


TALK = """\
print([name for _, name in socket.if_nameindex()] == ["lo"])
if me == "algo-1":
    print(socket.create_server((me, 23456)).accept()[0].recv(99).decode())
while me == "algo-2":
    own = socket.create_server((me, 23456))
    try:
        socket.create_connection(("algo-1", 23456)).sendall(b"from algo-2")
        break
    except ConnectionRefusedError:
        own.close()
        time.sleep(0.02)
"""


@pytest.mark.parametrize("isolated", [False, True])
def test_instances_talk_to_one_another_by_name(
    service: ProcessingService, run: Run, isolated: bool
) -> None:
    """On the same port each; EnableNetworkIsolation leaves them one another and nobody else."""
    ended = run(2, TALK, NetworkConfig={"EnableNetworkIsolation": isolated})
    assert ended["ProcessingJobStatus"] == "Completed"
    assert said(service, "algo-1") == [str(isolated), "from algo-2"]
    assert said(service, "algo-2") == [str(isolated)]


def test_every_instance_has_its_own_disk(service: ProcessingService, run: Run) -> None:
    """What one writes to /opt/ml and /tmp, another does not see; nothing is left of either."""
    run(
        2,
        """
        for folder in ("/opt/ml", "/tmp"):
            Path(folder, me).touch()
            print(sorted(name for name in os.listdir(folder) if name.startswith("algo")))
        """,
    )
    for host in ("algo-1", "algo-2"):
        assert said(service, host) == [f"['{host}']"] * 2
    assert [path.name for path in (service.home / "jobs" / "a-job").iterdir()] == ["log.txt"]


def test_an_input_is_replicated_or_sharded(
    service: ProcessingService, store: FakeStore, run: Run
) -> None:
    """FullyReplicated: all objects on each instance; ShardedByS3Key: each on one of them."""
    store.objects |= {("data", f"in/{n}"): b"" for n in range(5)}
    run(
        2,
        f"print(*(''.join(sorted(os.listdir('{INPUT}/' + name))) for name in ('all', 'part')))",
        source("s3://data/in/", f"{INPUT}/all"),
        source("s3://data/in/", f"{INPUT}/part", S3DataDistributionType="ShardedByS3Key"),
    )
    assert (said(service, "algo-1"), said(service, "algo-2")) == (["01234 024"], ["01234 13"])


def test_instances_without_a_shard_run_all_the_same(
    service: ProcessingService, store: FakeStore, run: Run
) -> None:
    """Fewer objects than instances: some have nothing to do, and an empty folder."""
    store.objects["data", "in/a"] = b""
    sharded = source("s3://data/in/", f"{INPUT}/in", S3DataDistributionType="ShardedByS3Key")
    assert run(2, f"print(os.listdir('{INPUT}/in'))", sharded)["ProcessingJobStatus"] == "Completed"
    assert (said(service, "algo-1"), said(service, "algo-2")) == (["['a']"], ["[]"])


def test_outputs_of_all_instances_come_together(store: FakeStore, run: Run) -> None:
    """Every instance uploads to the same prefix, at the end of the job and all along."""
    run(
        2,
        f"[Path('{OUTPUT}', name, me).write_text(me) for name in ('end', 'now')]",
        ProcessingOutputConfig=outputs(
            target("s3://data/end", f"{OUTPUT}/end"),
            target("s3://data/now", f"{OUTPUT}/now", "Continuous"),
        ),
    )
    assert {key: store.text("data", key) for key in store.uploads} == {
        f"{name}/{host}": host for name in ("end", "now") for host in ("algo-1", "algo-2")
    }


def test_files_that_replace_one_another_are_named(
    service: ProcessingService, store: FakeStore, run: Run
) -> None:
    """All instances upload to one prefix: of files with the same name one is left, as on AWS."""
    run(
        2,
        f"""
        Path("{OUTPUT}/model").write_text(me)
        Path("{OUTPUT}", me).touch()
        """,
        ProcessingOutputConfig=outputs(target("s3://data/out", OUTPUT)),
    )
    assert sorted(set(store.uploads)) == ["out/algo-1", "out/algo-2", "out/model"]
    log = (service.home / "jobs" / "a-job" / "log.txt").read_text()
    assert "Output output: model and whatever else has the same name on several" in log
    assert "(1 of algo-2)" in log


def test_every_instance_has_its_own_log_stream(new_service: NewService) -> None:
    """`<job>/algo-k-<time>`, with that instance's lines alone; the file has all, marked."""
    streams: dict[str, FakeStream] = {}

    def stream(_credentials: object, name: str) -> LogStream:
        return streams.setdefault(name, FakeStream())

    service = new_service(log_stream=stream)
    cluster = {"InstanceCount": 2, "InstanceType": "ml.m5.xlarge", "VolumeSizeInGB": 30}
    service.create(
        request(
            AppSpecification=application("uname", "-n"),
            ProcessingResources={"ClusterConfig": cluster},
        )
    )
    service.wait("a-job", 60)
    names = sorted(streams)
    assert [name.rpartition("-")[0] for name in names] == ["a-job/algo-1", "a-job/algo-2"]
    for name, host in zip(names, ("algo-1", "algo-2"), strict=True):
        own = [line for line in streams[name].lines if not line.startswith("[local cloud]")]
        assert own == [host]
        assert said(service, host) == own


def test_one_instance_that_fails_ends_the_job(
    service: ProcessingService, store: FakeStore, run: Run
) -> None:
    """The others are ended, nothing is uploaded; reason, message and exit code are its own."""
    ended = run(
        3,
        f"""
        Path("{OUTPUT}/half").write_text(me)
        Path("/opt/ml/output/message").write_text("I am " + me)
        time.sleep(600 if me != "algo-2" else 0)
        raise ValueError("broken " + me)
        """,
        ProcessingOutputConfig=outputs(target("s3://data/out", OUTPUT)),
    )
    assert ended["ProcessingJobStatus"] == "Failed"
    assert ended["ExitMessage"] == "I am algo-2"
    reason = ended["FailureReason"]
    assert reason.startswith(
        "AlgorithmError: See job logs for more information, exit code: 1. Host: algo-2. Log: "
    )
    assert reason.endswith("ValueError: broken algo-2")
    assert store.uploads == []
    kept = service.home / "jobs" / "a-job" / "algo-2" / "opt-ml" / "processing" / "output"
    assert (kept / "half").read_text() == "algo-2"


def test_a_job_waits_for_its_slowest_instance(service: ProcessingService, start: Start) -> None:
    """An instance that is done early ends nothing."""
    start(
        2,
        """
        while me == "algo-2" and not Path("/opt/ml/go").exists():
            time.sleep(0.02)
        print("done")
        """,
    )
    root = service.home / "jobs" / "a-job"
    until(lambda: (root / "log.txt").exists() and said(service, "algo-1") == ["done"])
    assert service.describe("a-job")["ProcessingJobStatus"] == "InProgress"
    (root / "algo-2" / "opt-ml" / "go").touch()
    assert service.wait("a-job", 30)["ProcessingJobStatus"] == "Completed"
    assert said(service, "algo-2") == ["done"]


def test_stopping_reaches_every_instance(service: ProcessingService, start: Start) -> None:
    """All are told by SIGTERM."""
    start(
        2,
        """
        signal.signal(signal.SIGTERM, lambda *_: sys.exit("told"))
        print("up", flush=True)
        time.sleep(600)
        """,
    )
    log = service.home / "jobs" / "a-job" / "log.txt"
    until(lambda: log.exists() and log.read_text().count("| up") == 2)
    service.stop("a-job")
    assert service.wait("a-job", 30)["ProcessingJobStatus"] == "Stopped"
    assert (said(service, "algo-1"), said(service, "algo-2")) == (["up", "told"], ["up", "told"])


def test_what_one_instance_installs_is_its_own(service: ProcessingService, run: Run) -> None:
    """All see the environment under one path, as from one image; each has its own layer there."""
    run(
        2,
        """
        layer = Path(sys.executable).parents[1]
        (layer / me).touch()
        print(layer, sorted(one.name for one in layer.glob("algo-*")))
        """,
    )
    layer = service.home / "jobs" / "a-job" / "algo-1" / "python"
    assert said(service, "algo-1") == [f"{layer} ['algo-1']"]
    assert said(service, "algo-2") == [f"{layer} ['algo-2']"]


def test_preferred_instances_count(service: ProcessingService, run: Run) -> None:
    """The count of the chosen preference is how many there are."""
    preferred = [{"InstanceType": "ml.m5.large", "InstanceCount": 2}]
    cluster = {"InstancePreferences": preferred, "VolumeSizeInGB": 30}
    run(2, "print(hosts)", ProcessingResources={"ClusterConfig": cluster})
    assert said(service, "algo-2") == ["['algo-1', 'algo-2']"]
