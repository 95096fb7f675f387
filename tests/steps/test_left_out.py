"""Files that may hold secrets stay here, and the user hears of it."""

import re
import zipfile
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import assertions

import cdk_sagemaker_processing as processing
from tests.code.test_publish import assets_of

ID = "cdk-sagemaker-processing:leftOut"


@pytest.fixture
def jobs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of code with secrets in it, in the folder that the app runs in."""
    folder = tmp_path / "jobs"
    for name in ("main.py", "package/__init__.py", ".env", "package/ca.pem", "package/.git/config"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(name)
    monkeypatch.chdir(tmp_path)
    return folder


def warnings_of(stack: cdk.Stack) -> list[str]:
    """The warnings at the step Clean."""
    found = assertions.Annotations.from_stack(stack).find_warning(
        "/Prod/Clean", assertions.Match.any_value()
    )
    return [str(one.entry.data) for one in found]


def uploaded(stack: cdk.Stack) -> set[str]:
    """The names of the uploaded files in their prefix."""
    return {key.split(".d/")[1] for key in assets_of(stack) if ".d/" in key}


def listing(stack: cdk.Stack, argument: str) -> processing.PySparkStep:
    """A Spark step with the folder in one of its lists."""
    lists: dict[str, Any] = {argument: ["jobs"]}
    return processing.PySparkStep(
        stack, "Clean", framework_version="3.5", submit_app="jobs/main.py", **lists
    )


def step_of(stack: cdk.Stack, place: str) -> processing.ProcessingStep:
    """A step that takes the folder of code along in one of the ways there are."""
    if place == "source_dir":
        return processing.SKLearnStep(stack, "Clean", code="main.py", source_dir="jobs")
    if place == "dependencies":
        return processing.SKLearnStep(
            stack, "Clean", code="jobs/main.py", dependencies=["jobs/package"]
        )
    if place == "inputs":
        return processing.SKLearnStep(
            stack, "Clean", code="jobs/main.py", inputs=[processing.ProcessingInput("jobs")]
        )
    return listing(stack, place)


@pytest.mark.usefixtures("jobs")
@pytest.mark.parametrize(
    ("place", "left_out"),
    [
        ("source_dir", ["jobs/.env", "jobs/package/.git", "jobs/package/ca.pem"]),
        ("dependencies", ["jobs/package/.git", "jobs/package/ca.pem"]),
        ("inputs", ["jobs/.env", "jobs/package/.git", "jobs/package/ca.pem"]),
        ("submit_py_files", ["jobs/.env", "jobs/package/.git", "jobs/package/ca.pem"]),
        ("submit_files", ["jobs/.env"]),
    ],
)
def test_the_step_warns_of_what_is_left_out(
    stack: cdk.Stack, place: str, left_out: list[str]
) -> None:
    """Each by its path, with the way to have it; none of it is uploaded."""
    step_of(stack, place)

    (warning,) = warnings_of(stack)
    assert sorted(re.findall(r"'(jobs/[^']*)'", warning)) == left_out
    assert "dependencies" in warning
    assert f"[ack: {ID}]" in warning
    assert not {name for name in uploaded(stack) if re.search(r"\.env|\.git|\.pem", name)}
    for key, (_, path) in assets_of(stack).items():
        if key.endswith(".zip"):
            held = zipfile.ZipFile(path).namelist()
            assert held == ["package/", "package/__init__.py"]


def test_a_step_without_secrets_warns_of_nothing(stack: cdk.Stack, script: Path) -> None:
    """As most are."""
    processing.SKLearnStep(stack, "Clean", code="clean.py", source_dir=script.parent)

    assert warnings_of(stack) == []


@pytest.mark.usefixtures("jobs")
def test_the_warning_can_be_acknowledged(stack: cdk.Stack) -> None:
    """For a job that needs none of the files."""
    step = step_of(stack, "source_dir")

    cdk.Annotations.of(step).acknowledge_warning(ID, "The job reads no variables.")

    assert warnings_of(stack) == []


def test_many_names_are_told_as_a_number(stack: cdk.Stack, jobs: Path) -> None:
    """A warning is a line to be read."""
    for at in range(12):
        (jobs / f"{at:02}.pem").touch()

    step_of(stack, "source_dir")

    (warning,) = warnings_of(stack)
    assert "'jobs/08.pem' and 5 more. Files" in warning


@pytest.mark.usefixtures("jobs")
def test_a_file_given_by_itself_goes_along(stack: cdk.Stack) -> None:
    """As the script, beside it, as an input, in a list of Spark's: the user named it."""
    processing.SKLearnStep(
        stack,
        "Clean",
        code="jobs/main.py",
        dependencies=["jobs/.env"],
        inputs=[processing.ProcessingInput("jobs/package/ca.pem", input_name="certificate")],
    )
    processing.PySparkStep(
        stack,
        "Features",
        framework_version="3.5",
        submit_app="jobs/main.py",
        submit_files=["jobs/.env"],
    )

    assert uploaded(stack) == {"code/main.py", "code/.env", "certificate/ca.pem", "files/.env"}
    assert warnings_of(stack) == []


@pytest.mark.usefixtures("jobs")
def test_a_file_left_out_of_the_folder_may_be_given_beside_it(stack: cdk.Stack) -> None:
    """It then lies where it would have, and the warning names the others."""
    processing.SKLearnStep(
        stack, "Clean", code="main.py", source_dir="jobs", dependencies=["jobs/.env"]
    )

    assert "code/.env" in uploaded(stack)


def test_a_script_of_such_a_name_is_found_in_its_folder(stack: cdk.Stack, jobs: Path) -> None:
    """It is named by the user, whatever its name."""
    (jobs / "run.key").write_text("print(1)")

    processing.SKLearnStep(stack, "Clean", code="run.key", source_dir="jobs")

    assert "code/run.key" in uploaded(stack)
    (warning,) = warnings_of(stack)
    assert "run.key" not in warning


def test_a_folder_of_nothing_else_is_refused_with_the_reason(stack: cdk.Stack, jobs: Path) -> None:
    """The job would find nothing in it."""
    (jobs / "certs").mkdir()
    (jobs / "certs" / "ca.pem").touch()

    with pytest.raises(
        processing.ValidationError,
        match=r"'jobs/certs' holds no file but 'jobs/certs/ca.pem', left out as such hold secrets",
    ):
        processing.SKLearnStep(
            stack,
            "Clean",
            code="jobs/main.py",
            inputs=[processing.ProcessingInput("jobs/certs")],
        )


@pytest.mark.parametrize("argument", ["submit_files", "submit_jars", "submit_py_files"])
def test_no_link_of_a_list_of_sparks_leads_out(stack: cdk.Stack, jobs: Path, argument: str) -> None:
    """Neither to a file nor, for packages, to a folder."""
    (jobs.parent / "other").mkdir()
    (jobs.parent / "other" / "__init__.py").touch()
    (jobs / "beside").symlink_to("../other")

    with pytest.raises(processing.ValidationError, match=r"beside' leads out of the folder"):
        listing(stack, argument)
