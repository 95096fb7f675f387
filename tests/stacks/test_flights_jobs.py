import json
import shutil
from collections.abc import Iterable
from pathlib import Path

import pandas as pd
import pytest

from tests.stacks.flights_figures import check_outputs
from tests.stacks.flights_runner import JOBS, Outputs, Runner

# One group: else each worker of a parallel run would run the jobs for itself.
pytestmark = pytest.mark.local_cloud

FLIGHT = {
    "year": 2013,
    "month": 1,
    "day": 1,
    "hour": 5,
    "distance": 1400,
    "dep_time": 517,
    "dep_delay": 2,
    "arr_delay": 11,
    "carrier": "UA",
    "origin": "EWR",
    "dest": "IAH",
}
ON_TIME, LATE = FLIGHT, {**FLIGHT, "arr_delay": 15}


def folder_of(flights: Iterable[dict[str, object]], folder: Path) -> Path:
    """Write flights as the one CSV file of a folder."""
    pd.DataFrame(flights).to_csv(folder / "flights.csv", index=False)
    return folder


def check(folder: Path) -> None:
    """Check the outputs of a run in one folder."""
    check_outputs(*(folder / name for name in ("train", "test", "features", "delays")))


def test_all_figures_are_those_of_pandas(outputs: Outputs) -> None:
    """The jobs' outputs on the real flights equal what pandas makes of the raw data."""
    check(outputs.folder)


def test_split_tells_what_it_does(outputs: Outputs) -> None:
    """The log has the counts that a person looks for, the known figures of this data."""
    counts = "336,776 read; 8,255 cancelled; 1,175 without; 327,346 kept; 261,876 train; 65,470"
    for figure in [part.split()[0] for part in counts.split(";")]:
        assert f"{figure} " in outputs.printed["split"]


def test_features_name_the_run(outputs: Outputs) -> None:
    """The summary carries the name that the job was given for the run."""
    summary = json.loads((outputs.folder / "features/summary.json").read_text())
    assert summary["run"] == "a-run"


@pytest.mark.parametrize(
    ("file", "change", "said"),
    [
        ("train/flights.csv", ("EWR", "JFK"), "train and test together"),
        ("test/flights.csv", (",0\n", ",1\n"), "train and test together"),
        ("features/summary.json", ("carrier=UA", "carrier=XX"), "features: expected"),
        ("delays/delays.csv", (",1,", ",2,"), "delays"),
    ],
)
def test_the_check_notices_one_changed_value(
    outputs: Outputs, tmp_path: Path, file: str, change: tuple[str, str], said: str
) -> None:
    """A single value that differs from the raw flights fails the check, which names the output."""
    folder = tmp_path / "outputs"
    shutil.copytree(outputs.folder, folder)
    changed = folder / file
    changed.write_text(changed.read_text().replace(*change, 1))
    with pytest.raises(AssertionError, match=said):
        check(folder)


def test_the_check_notices_exchanged_vectors(outputs: Outputs, tmp_path: Path) -> None:
    """Vectors in the wrong place fail the check."""
    folder = tmp_path / "outputs"
    shutil.copytree(outputs.folder, folder)
    shutil.rmtree(folder / "features/test")
    shutil.copytree(folder / "features/train", folder / "features/test")
    with pytest.raises(AssertionError, match="test vectors: expected 65,470, got 261,876"):
        check(folder)


def test_the_jar_is_built_from_its_source(runner: Runner, tmp_path: Path) -> None:
    """The committed jar is what its build makes of the source beside it, to the byte."""
    built = runner.build(tmp_path / "delays.jar")
    assert built.returncode == 0, built.stderr
    assert (tmp_path / "delays.jar").read_bytes() == (JOBS / "delays/delays.jar").read_bytes()


def test_split_of_a_few_flights(runner: Runner, tmp_path: Path) -> None:
    """15 minutes are late and 14 are not; cancelled and diverted flights are left out."""
    flights = [
        *[{**ON_TIME, "arr_delay": 14}] * 4,
        *[LATE] * 4,
        {**LATE, "dep_time": None, "dep_delay": None, "arr_delay": None},
        {**LATE, "arr_delay": None},
        {**LATE, "carrier": None},
    ]
    train, test = tmp_path / "train", tmp_path / "test"
    parts: list[str | Path] = ["--train", train, "--test", test, "--train-test-split-ratio", "0.5"]
    done = runner.split("--flights", folder_of(flights, tmp_path), *parts)
    assert done.returncode == 0, done.stderr
    for part in (train, test):
        written = pd.read_csv(part / "flights.csv")
        assert sorted(zip(written["arr_delay"], written["late"], strict=True)) == [
            *[(14, 0)] * 2,
            *[(15, 1)] * 2,
        ]


def test_two_splits_are_the_same(runner: Runner, tmp_path: Path) -> None:
    """The split is random with a fixed seed: a second run writes the same bytes."""
    flights = [{**flight, "day": day} for day in range(1, 29) for flight in (ON_TIME, LATE)]
    folder_of(flights, tmp_path)
    written = []
    for run in ("first", "second"):
        parts: list[str | Path] = [
            "--train",
            tmp_path / run / "train",
            "--test",
            tmp_path / run / "test",
        ]
        assert runner.split("--flights", tmp_path, *parts).returncode == 0
        written.append((tmp_path / run / "train/flights.csv").read_bytes())
    assert written[0] == written[1]


@pytest.mark.parametrize(
    ("flights", "said"),
    [
        ([], "FileNotFoundError: {folder} must hold *.csv* files, but holds []"),
        ([{"year": 2013}], "{folder}/flights.csv lacks the columns ['arr_delay', 'carrier'"),
        ([{**FLIGHT, "distance": "far"}], "could not convert string to float: 'far', in "),
        ([{**FLIGHT, "dep_time": None}], "all of the 1 flights were dropped: nothing to split"),
        ([LATE] * 9, "needs 2 flights of a kind, got {{'late': 9, 'on time': 0}}"),
    ],
    ids=["no file", "no column", "no number", "no flight left", "one kind"],
)
def test_split_refuses_bad_input(
    runner: Runner, tmp_path: Path, flights: list[dict[str, object]], said: str
) -> None:
    """Input that cannot be split fails the job, its last line says why, nothing is written."""
    if flights:
        folder_of(flights, tmp_path)
    parts: list[str | Path] = ["--train", tmp_path / "train", "--test", tmp_path / "test"]
    done = runner.split("--flights", tmp_path, *parts)
    assert done.returncode == 1
    assert said.format(folder=tmp_path) in done.stderr.splitlines()[-1]
    assert not (tmp_path / "train").exists()


@pytest.mark.parametrize("ratio", ["0", "1", "nan", "a fifth"])
def test_split_refuses_a_ratio_that_is_no_share(runner: Runner, tmp_path: Path, ratio: str) -> None:
    """The ratio must lie between 0 and 1, neither of them included."""
    done = runner.split("--flights", tmp_path, f"--train-test-split-ratio={ratio}")
    assert done.returncode == 2
    assert f"must be a number between 0 and 1, got '{ratio}'" in done.stderr


def test_features_refuse_a_folder_without_flights(runner: Runner, tmp_path: Path) -> None:
    """An empty input fails the job with the folder's name; spark-submit has it on stdout."""
    done = runner.features("--train", tmp_path, "--test", tmp_path, "--features", tmp_path)
    assert done.returncode == 1
    assert f"{tmp_path} holds no .csv file: is it an output of the Split step?" in done.stdout


def test_features_refuse_columns_in_another_order(runner: Runner, tmp_path: Path) -> None:
    """Flights whose header is not Split's fail the job: Spark would else read by position."""
    folder_of([FLIGHT] * 3, tmp_path)
    done = runner.features("--train", tmp_path, "--test", tmp_path, "--features", tmp_path / "out")
    assert done.returncode == 1
    assert "CSV header does not conform to the schema" in done.stdout


def test_delays_refuse_flights_without_a_label(runner: Runner, tmp_path: Path) -> None:
    """Flights that are not cleaned fail the job with the columns they lack."""
    done = runner.delays(tmp_path / "out", folder_of([FLIGHT], tmp_path))
    assert done.returncode == 1
    assert "the flights lack the columns late: are they an output of Split?" in done.stderr
    assert not (tmp_path / "out").exists()


def test_delays_say_how_they_are_called(runner: Runner, tmp_path: Path) -> None:
    """Without an input folder the job fails with its usage."""
    done = runner.delays(tmp_path)
    assert done.returncode == 1
    assert "usage: Delays OUTPUT_FOLDER INPUT_FOLDER..." in done.stderr
