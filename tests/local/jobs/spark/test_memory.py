import pytest

from cdk_sagemaker_processing.local.jobs.spark.failures import SubmitError
from cdk_sagemaker_processing.local.jobs.spark.memory import (
    driver_memory,
    executor_memory,
    machine,
    megabytes,
    workers,
)


def test_the_drivers_memory_is_within_the_machines() -> None:
    """What is asked for is given while the machine has it; more is cut, and said."""
    noted: list[str] = []
    assert driver_memory("1536m", noted.append) == 1536
    assert driver_memory("2g", noted.append) == 2048
    assert 1024 <= driver_memory(None, noted.append) <= 4096
    assert noted == []
    assert driver_memory("900t", noted.append) < 900 * 1024 * 1024
    assert "more than this machine can give" in noted[0]
    with pytest.raises(SubmitError, match=r"spark\.driver\.memory is much, which is no size"):
        driver_memory("much", noted.append)


def test_the_drivers_memory_leaves_room_on_a_small_instance() -> None:
    """Half of the instance by default, whose other half is for Python."""
    assert driver_memory(None, print, 4096) <= 2048


def test_executors_share_the_machine() -> None:
    """Each gets what was asked for or what the container computes, and all together fit."""
    noted: list[str] = []
    assert executor_memory("600m", noted.append, 14_000, 1) == 600
    assert executor_memory(None, noted.append, 700, 1) == 700
    assert executor_memory(None, noted.append, 900_000, 1) <= 4096
    assert noted == []
    each = executor_memory("900t", noted.append, 14_000, 2)
    assert 2 * each <= max(machine(), 1024)
    assert noted == [
        f"spark.executor.memory is 900t, more than this machine can give: {each}m is used"
    ]


def test_hosts_without_memory_run_no_executors() -> None:
    """Two always do; of a hundred as many as the machine can bear."""
    assert (workers(1), workers(2)) == (1, 2)
    assert 2 <= workers(100) <= max(2, machine() // 1024)


@pytest.mark.parametrize(
    ("size", "expected"), [("512", 512), ("2g", 2048), ("1T", 1_048_576), ("2048k", 2), ("1kb", 1)]
)
def test_sizes_are_read_as_spark_reads_them(size: str, expected: int) -> None:
    """A number alone is MiB; letters of either case, with or without a b."""
    assert megabytes("spark.x", size) == expected
