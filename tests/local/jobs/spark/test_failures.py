from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cdk_sagemaker_processing.local.jobs.spark.failures import SubmitError, input_error


def test_the_message_is_the_containers() -> None:
    """What was done, and the error with its kind; the exit code is 1 unless Spark has its own."""
    error = SubmitError("error running Spark job", KeyError("a"))
    assert str(error) == "Algorithm Error: (caused by KeyError): error running Spark job: 'a'"
    assert error.exit_code == 1
    assert SubmitError("spark failed", OSError("b"), 9).exit_code == 9


def test_a_wrong_input_is_said_so() -> None:
    """As the container's InputError."""
    assert str(input_error("no such thing")) == (
        "Algorithm Error: (caused by ValueError): error preparing for spark submit: no such thing"
    )


@pytest.mark.parametrize("place", ["message", "made/on/the/way/message"])
def test_it_is_left_where_sagemaker_reads_it(tmp_path: Path, place: str) -> None:
    """The folder is made if it is missing; an older message goes."""
    file = tmp_path / place
    input_error("first").write(file)
    input_error("second").write(file)
    assert file.read_text() == str(input_error("second"))


@given(words=st.text(alphabet=st.characters(exclude_categories=["Cs", "Cc"])))
def test_a_message_is_cut_at_the_first_kilobyte(
    tmp_path_factory: pytest.TempPathFactory, words: str
) -> None:
    """Whole characters alone: a message in any language can be read."""
    error = input_error("é" * 1000 + words)
    file = tmp_path_factory.getbasetemp() / "message"
    error.write(file)
    written = file.read_text()
    assert len(file.read_bytes()) <= 1024
    assert str(error).startswith(written)
    assert len(written.encode()) >= 1020
