"""A step that runs a script on any image, and what script steps bring along."""

import inspect
from collections.abc import Sequence
from importlib import resources
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_ecr as ecr
from aws_cdk import aws_stepfunctions as sfn

import cdk_sagemaker_processing as processing
from tests.support import state_of

IMAGE = "111122223333.dkr.ecr.eu-west-1.amazonaws.com/mine:1"
INPUT = "/opt/ml/processing/input"
RUNPROC = ["/bin/bash", f"{INPUT}/entrypoint/runproc.sh"]


def script_step(
    stack: cdk.Stack,
    name: str = "Clean",
    **arguments: Any,
) -> processing.ScriptStep:
    """A step on an image of the user's own."""
    return processing.ScriptStep(stack, name, **{"image_uri": IMAGE, **arguments})


def entrypoint_of(step: processing.ProcessingStep) -> Any:
    """The command in the step's state."""
    app = state_of(step)["Parameters"]["AppSpecification"]
    return app.get("ContainerEntrypoint", app.get("ContainerEntrypoint.$"))


def inputs_of(step: processing.ProcessingStep) -> dict[str, str]:
    """The URI of each input in the step's state, after the hash of what is uploaded."""
    return {
        one["InputName"]: one["S3Input"]["S3Uri"].partition(".d/")[2] or one["S3Input"]["S3Uri"]
        for one in state_of(step)["Parameters"]["ProcessingInputs"]
    }


def staged(stack: cdk.Stack) -> dict[str, bytes]:
    """All that goes along, by its name."""
    stage = cdk.Stage.of(stack)
    assert stage is not None
    found = Path(stage.outdir).glob("asset.*.d/**/file")
    names = {path: path.relative_to(stage.outdir).as_posix() for path in found if path.is_file()}
    return {
        name.partition("/")[2].removesuffix("/file"): path.read_bytes()
        for path, name in names.items()
    }


def write(folder: Path, files: dict[str, str]) -> Path:
    """A folder with files."""
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    return folder


def problems_of(stack: cdk.Stack, **arguments: Any) -> str:
    """What a step says that cannot be made."""
    with pytest.raises(processing.ValidationError) as refused:
        script_step(stack, **arguments)
    return str(refused.value)


@pytest.fixture(autouse=True)
def app(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder that the app runs in, with a script and more."""
    monkeypatch.chdir(tmp_path)
    return write(
        tmp_path,
        {
            "jobs/clean.py": "",
            "jobs/requirements.txt": "six\n",
            "jobs/deep/train.py": "",
            "common/text.py": "",
            "common/data/words.txt": "",
            "settings.json": "{}",
            "lists/jobs.txt": "-r base.txt\n-c ../limits.txt\npandas\n",
            "lists/base.txt": "numpy  # everybody's\n",
            "limits.txt": "numpy<3\n",
        },
    )


def test_the_command_runs_the_script_on_the_image(stack: cdk.Stack) -> None:
    """As the SageMaker SDK's ScriptProcessor has it; one file alone goes along."""
    step = script_step(stack, code="jobs/clean.py", arguments=["--day", "1"])

    state = state_of(step)["Parameters"]

    assert state["AppSpecification"] == {
        "ImageUri": IMAGE,
        "ContainerEntrypoint": ["python3", f"{INPUT}/code/clean.py"],
        "ContainerArguments": ["--day", "1"],
    }
    assert inputs_of(script_step(stack, "Same", code="jobs/clean.py")) == {"code": "code/clean.py"}


def test_another_command_may_have_options_and_run_time_values(stack: cdk.Stack) -> None:
    """It stands before the script, item by item."""
    step = script_step(
        stack, code="jobs/clean.py", command=["Rscript", sfn.JsonPath.string_at("$.option")]
    )

    assert entrypoint_of(step) == (f"States.Array('Rscript', $.option, '{INPUT}/code/clean.py')")


def test_the_image_may_be_the_cdks(stack: cdk.Stack) -> None:
    """A repository, with its tag."""
    repository = ecr.Repository.from_repository_name(stack, "Mine", "mine")

    step = script_step(stack, image_uri=None, image=repository, image_tag="7", code="jobs/clean.py")

    assert step.render_request()["AppSpecification"]["ImageUri"]["Fn::Join"][1][-1] == "/mine:7"


def test_it_needs_an_image_and_a_command(stack: cdk.Stack) -> None:
    """Unlike the steps of AWS's images; both are told at once."""
    message = problems_of(stack, image_uri=None, code="jobs/clean.py", command=[])

    assert message.count("Prod/Clean (ScriptStep): ") == 2
    assert "image_uri" in message
    assert "command must be a list of one string or more, such as ['python3']" in message


@pytest.mark.parametrize("kind", ["string", "number", "token", "jsonata"])
def test_a_command_of_another_kind_is_refused(stack: cdk.Stack, kind: str) -> None:
    """Also a list that only the run knows, as the script must follow it."""
    command = {
        "string": "python3 -u",
        "number": ["nice", 5],
        "token": sfn.JsonPath.list_at("$.command"),
        "jsonata": "{% $states.input.command %}",
    }[kind]

    assert "(ScriptStep): command" in problems_of(stack, code="jobs/clean.py", command=command)


def test_scikit_learns_step_takes_all_that_it_takes() -> None:
    """With the same defaults, and AWS's versions beside."""
    mine = inspect.signature(processing.ScriptStep.__init__).parameters
    theirs = inspect.signature(processing.SKLearnStep.__init__).parameters

    assert [name for name in theirs if name not in mine] == ["framework_version"]
    assert {name: theirs[name].default for name in mine} == {
        name: mine[name].default for name in mine
    }


def test_requirements_are_installed_first(stack: cdk.Stack) -> None:
    """By a script of its own input, which is given the list and the whole command."""
    step = script_step(
        stack,
        code="jobs/clean.py",
        command=["python3", "-u"],
        requirements=["pandas==2.2.3", "--pre"],
    )

    assert entrypoint_of(step) == [
        *RUNPROC,
        f"{INPUT}/requirements/requirements.txt",
        *("python3", "-u", f"{INPUT}/code/clean.py"),
    ]
    source = resources.files("cdk_sagemaker_processing.code") / "runproc.sh"
    assert staged(stack) == {
        "code/clean.py": b"",
        "requirements/requirements.txt": b"pandas==2.2.3\n--pre\n",
        "entrypoint/runproc.sh": source.read_bytes(),
    }


def test_a_list_of_the_code_folder_stays_there(stack: cdk.Stack, app: Path) -> None:
    """As the SDK's FrameworkProcessor has it, but under a name of the user's choice."""
    for at, written in enumerate(
        ["requirements.txt", "jobs/requirements.txt", app / "jobs" / "requirements.txt"]
    ):
        step = script_step(
            stack, f"Clean{at}", code="clean.py", source_dir="jobs", requirements=written
        )

        assert entrypoint_of(step)[2] == f"{INPUT}/code/requirements.txt"
        assert list(
            inputs_of(
                script_step(
                    stack, f"Same{at}", code="clean.py", source_dir="jobs", requirements=written
                )
            )
        ) == ["code", "entrypoint"]


def test_a_list_takes_along_those_that_it_includes(stack: cdk.Stack) -> None:
    """Each in its place beside the others."""
    step = script_step(
        stack, code="clean.py", source_dir="jobs", requirements=Path("lists/jobs.txt")
    )

    assert entrypoint_of(step)[2] == f"{INPUT}/requirements/lists/jobs.txt"
    carried = {name for name in staged(stack) if name.startswith("requirements/")}
    assert carried == {
        "requirements/lists/jobs.txt",
        "requirements/lists/base.txt",
        "requirements/limits.txt",
    }


def test_lists_that_include_each_other_are_read_once(stack: cdk.Stack, app: Path) -> None:
    """As pip does not end on them, they are told by it and not by us."""
    write(app, {"a.txt": "-r b.txt\n", "b.txt": "-r a.txt\n"})

    step = script_step(stack, code="jobs/clean.py", requirements="a.txt")

    assert entrypoint_of(step)[2] == f"{INPUT}/requirements/a.txt"


def test_code_and_list_may_lie_on_s3(stack: cdk.Stack) -> None:
    """Both, or one of them; in a folder on S3 nobody can look."""
    both = script_step(
        stack, "Both", code="s3://jobs/clean.py", requirements="s3://lists/it's here.txt"
    )
    one = script_step(stack, "One", code="s3://jobs/clean.py", requirements="limits.txt")
    folder = script_step(
        stack, "Folder", code="clean.py", source_dir="s3://jobs/", requirements="not here.txt"
    )

    assert entrypoint_of(both)[2:] == [
        f"{INPUT}/requirements/it's here.txt",
        "python3",
        f"{INPUT}/code/clean.py",
    ]
    assert both.render_request()["ProcessingInputs"][1]["S3Input"]["S3Uri"] == (
        "s3://lists/it's here.txt"
    )
    assert entrypoint_of(one)[2] == f"{INPUT}/requirements/limits.txt"
    assert entrypoint_of(folder)[2] == f"{INPUT}/code/not here.txt"


def test_code_known_only_at_run_time_keeps_its_requirements(stack: cdk.Stack) -> None:
    """The script that installs is the same whatever it runs."""
    name = sfn.JsonPath.string_at("$.name")

    step = script_step(stack, code=f"s3://jobs/{name}", requirements=["six"])

    assert entrypoint_of(step) == (
        f"States.Array('/bin/bash', '{INPUT}/entrypoint/runproc.sh', "
        f"'{INPUT}/requirements/requirements.txt', 'python3', "
        f"States.Format('{INPUT}/code/{{}}', $.name))"
    )


def test_no_requirements_are_none(stack: cdk.Stack) -> None:
    """An empty list, and a file that the user did not name."""
    step = script_step(stack, code="clean.py", source_dir="jobs", requirements=[])

    assert entrypoint_of(step) == ["python3", f"{INPUT}/code/clean.py"]


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (5, ["must be a requirements file, an S3 URI or a list", "got 5"]),
        (b"six", ["must be a requirements file"]),
        ({"six": "1"}, ["must be a requirements file"]),
        ("", ["must be a path or an S3 URI, got ''"]),
        ("nowhere.txt", ["no such file or folder: 'nowhere.txt', looked for at"]),
        ("jobs", ["requirements: 'jobs' is a folder: give the file in it"]),
        ("s3://lists/", ["does not tell the file's name"]),
        (["six", 5], ["requirements[1] must be one requirement", "got 5"]),
        (["six\nseven"], ["requirements[0] must be one requirement"]),
        ([" "], ["requirements[0] must be one requirement"]),
        (["{% $states.input.x %}"], ["requirements[0] must be known at synth"]),
        (["six=1"], ["requirements[0]: 'six=1' is no requirement", "'pandas==2.2.3'"]),
        (["-r limits.txt"], ["requirements[0]", "give requirements='limits.txt'"]),
        (["./common"], ["'./common' is a path of this machine", f"{INPUT}/code/common"]),
        (["--find-links common"], ["'common' is a path of this machine"]),
    ],
)
def test_requirements_that_cannot_be_are_refused(
    stack: cdk.Stack, given: Any, words: Sequence[str]
) -> None:
    """With what came and the way out."""
    message = problems_of(stack, code="jobs/clean.py", requirements=given)

    assert all(word in message for word in words), message


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (
            "-r nowhere.txt",
            ["list.txt:1: no such file: 'nowhere.txt', looked for at", "nowhere.txt"],
        ),
        ("\n-e ../common", ["list.txt:2: '../common' is a path of this machine", "dependencies"]),
        ("./lib-1.0-py3-none-any.whl", [f"{INPUT}/code/lib-1.0-py3-none-any.whl"]),
        ("[build-system]", ["list.txt:1: '[build-system]' is no requirement"]),
        ("pandas = 2", ["'pandas = 2' is no requirement"]),
    ],
)
@pytest.mark.parametrize("where", ["the code's folder", "elsewhere"])
def test_lines_that_fail_in_the_container_are_refused(
    stack: cdk.Stack, app: Path, where: str, text: str, words: Sequence[str]
) -> None:
    """With the file and the line; pip would find them no sooner than in the job."""
    folder = "jobs" if where == "the code's folder" else "lists"
    write(app, {f"{folder}/list.txt": text})

    message = problems_of(
        stack, code="clean.py", source_dir="jobs", requirements=f"{folder}/list.txt"
    )

    assert message.count("(ScriptStep): ") == 1
    assert all(word in message for word in words), message


def test_a_list_that_is_no_text_is_refused(stack: cdk.Stack, app: Path) -> None:
    """Such as an archive given by mistake; a mark of byte order is none."""
    (app / "list.txt").write_bytes(b"\xff\xfe")
    assert "is not UTF-8 text" in problems_of(stack, code="jobs/clean.py", requirements="list.txt")

    (app / "list.txt").write_bytes(b"\xef\xbb\xbfsix\n")
    script_step(stack, "Marked", code="jobs/clean.py", requirements="list.txt")


def test_what_is_of_the_container_is_taken(stack: cdk.Stack, app: Path) -> None:
    """Places of its inputs and of its image, and what goes along in the code's folder."""
    write(app, {"jobs/wheels/a.whl": "", "jobs/requirements.txt": "-f wheels\na\n"})

    script_step(
        stack, "Folder", code="clean.py", source_dir="jobs", requirements="requirements.txt"
    )
    script_step(
        stack,
        "Places",
        code="jobs/clean.py",
        requirements=[
            f"{INPUT}/wheels/a.whl",
            "-c /opt/no/such/limits.txt",
            "a @ file:///opt/no/such/a.whl",
            "${HOME}/a.whl",
        ],
    )


def test_a_list_may_not_lead_out_of_the_code_folder(stack: cdk.Stack, app: Path) -> None:
    """What lies beside that folder does not go along with it."""
    write(app, {"jobs/requirements.txt": "-r ../limits.txt\n"})

    message = problems_of(
        stack, code="clean.py", source_dir="jobs", requirements="requirements.txt"
    )

    assert "requirements.txt:1: '../limits.txt' lies outside of source_dir" in message


def test_no_index_is_reached_from_an_isolated_network(stack: cdk.Stack, app: Path) -> None:
    """Unless the list says that none is needed."""
    write(app, {"offline.txt": f"--no-index\n--find-links {INPUT}/code/common\nsix\n"})

    message = problems_of(
        stack, code="jobs/clean.py", requirements=["six"], enable_network_isolation=True
    )

    assert "requirements need a package index" in message
    assert f"--no-index --find-links {INPUT}/code/wheels" in message
    assert "[CreateProcessingJob NetworkConfig.EnableNetworkIsolation]" in message
    for at, (isolated, requirements) in enumerate(
        [
            (True, "offline.txt"),
            (True, "s3://lists/unknown.txt"),
            (False, ["six"]),
            ("{% $states.input.isolated %}", ["six"]),
        ]
    ):
        script_step(
            stack,
            f"Good{at}",
            code="jobs/clean.py",
            requirements=requirements,
            dependencies=["common"],
            enable_network_isolation=isolated,
        )


def test_dependencies_lie_beside_the_script(stack: cdk.Stack, app: Path) -> None:
    """A folder keeps its name, a file too, wherever on this machine they are."""
    step = script_step(
        stack,
        code="clean.py",
        source_dir="jobs",
        dependencies=["./lists/../common", app / "settings.json"],
    )

    assert sorted(staged(stack)) == [
        "code/clean.py",
        "code/common/data/words.txt",
        "code/common/text.py",
        "code/deep/train.py",
        "code/requirements.txt",
        "code/settings.json",
    ]
    assert inputs_of(step) == {"code": "code/"}


def test_dependencies_lie_beside_a_script_deep_in_its_folder(stack: cdk.Stack, app: Path) -> None:
    """Where Python looks for what it imports; what lies elsewhere is in nobody's way."""
    write(app, {"code/x.py": "", "jobs/common/y.py": ""})

    script_step(stack, code="deep/train.py", source_dir="jobs", dependencies=["common", "code"])

    assert {"code/deep/common/text.py", "code/deep/code/x.py", "code/common/y.py"} <= set(
        staged(stack)
    )


def test_a_link_to_a_dependency_gives_it_its_name(stack: cdk.Stack, app: Path) -> None:
    """As it would be imported on this machine."""
    (app / "alias").symlink_to(app / "common")

    script_step(stack, code="jobs/clean.py", dependencies=["alias"])

    assert sorted(staged(stack)) == [
        "code/alias/data/words.txt",
        "code/alias/text.py",
        "code/clean.py",
    ]


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ("common", ["dependencies must be a list of paths", "write ['common']"]),
        ([5], ["dependencies[0] must be a path"]),
        (["nowhere"], ["dependencies: no such file or folder: 'nowhere'"]),
        (["s3://lib/common"], ["ProcessingInput('s3://lib/common')"]),
        (["empty"], ["dependencies: the folder 'empty' holds no file"]),
        (
            ["lists/../jobs/deep"],
            ["'lists/../jobs/deep' and a file or folder of the code", "'deep'"],
        ),
        (["common", "other/common"], ["'other/common' and 'common' would both be 'common' beside"]),
    ],
)
def test_dependencies_that_cannot_be_are_refused(
    stack: cdk.Stack, app: Path, given: Any, words: Sequence[str]
) -> None:
    """With what came and the way out; none lies over another unnoticed."""
    write(app, {"other/common/x.py": ""})
    (app / "empty").mkdir()

    message = problems_of(stack, code="clean.py", source_dir="jobs", dependencies=given)

    assert message.count("(ScriptStep): ") == 1
    assert all(word in message for word in words), message


@pytest.mark.parametrize("source_dir", [None, "s3://jobs/"])
def test_nothing_lies_beside_a_script_on_s3(stack: cdk.Stack, source_dir: str | None) -> None:
    """Where it could be put is told."""
    code = "clean.py" if source_dir else "s3://jobs/clean.py"

    message = problems_of(stack, code=code, source_dir=source_dir, dependencies=["common"])

    assert "the code is on S3: put them there, beside the script" in message


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (
            {"code": "clean.py", "source_dir": "s3://jobs/sourcedir.tar.gz"},
            "source_dir: 's3://jobs/sourcedir.tar.gz' is an archive, which nothing unpacks",
        ),
        (
            {"code": "clean.py", "source_dir": "settings.json"},
            "source_dir must be a folder, got the file 'settings.json'",
        ),
        (
            {"code": "s3://jobs/clean.py", "source_dir": "s3://jobs/"},
            "code: 's3://jobs/clean.py' is an S3 URI, but with source_dir it is a path",
        ),
        (
            {"code": "clean.py", "source_dir": 5, "requirements": "limits.txt"},
            "source_dir must be a path",
        ),
    ],
)
def test_a_folder_of_another_kind_is_refused(
    stack: cdk.Stack, arguments: dict[str, Any], words: str
) -> None:
    """The SageMaker SDK's archive among them, which its own script unpacks."""
    assert words in problems_of(stack, **arguments)


def test_all_problems_are_told_at_once(stack: cdk.Stack) -> None:
    """Of the code, of what lies beside it and of what it requires."""
    message = problems_of(
        stack,
        code="nowhere.py",
        command=[],
        requirements=["six=1"],
        dependencies=["nowhere"],
        instance_count=0,
    )

    assert message.count("Prod/Clean (ScriptStep): ") == 5
