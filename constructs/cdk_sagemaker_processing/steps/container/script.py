"""What ScriptStep and SKLearnStep share: a script, what lies beside it, what pip installs first.

The same that the SageMaker SDK's ``FrameworkProcessor`` adds, with files under their own
names instead of an archive, and a shell script that no step changes.
"""

from collections.abc import Sequence
from dataclasses import replace
from importlib import resources
from pathlib import Path

from cdk_sagemaker_processing.code.bundle import Contents, File
from cdk_sagemaker_processing.errors import Problem
from cdk_sagemaker_processing.images import ImageChoice
from cdk_sagemaker_processing.run_time import LIST_TOKEN
from cdk_sagemaker_processing.steps.argument_types import wrong_list, wrong_paths
from cdk_sagemaker_processing.steps.container import INPUT_ROOT, CodeChannel, Container
from cdk_sagemaker_processing.steps.container.files import (
    Script,
    folder_files,
    is_uri,
    missing,
    plain,
    script,
)
from cdk_sagemaker_processing.steps.container.requirements import requirements_of

__all__ = ["script_container"]

# The SDK's names, for those who look into a container.
_ENTRYPOINT = "entrypoint"
_RUNPROC = "runproc.sh"


def script_container(
    chosen: ImageChoice,
    *,
    code: str | Path,
    command: Sequence[str],
    source_dir: str | Path | None = None,
    requirements: str | Path | Sequence[str] | None = None,
    dependencies: Sequence[str | Path] | None = None,
    network_isolated: bool = False,
) -> Container:
    """The container of a job that runs a script.

    Args:
        chosen: The image, or why there is none.
        code: The script; a path in ``source_dir`` where that is given.
        command: What runs it.
        source_dir: A folder that goes along whole.
        requirements: What pip installs first.
        dependencies: What of this machine lies beside the script.
        network_isolated: Whether the container reaches nothing.
    """
    run = _with_dependencies(script("code", code, source_dir), dependencies)
    folder = source_dir if isinstance(source_dir, str | Path) else None
    needed = requirements_of(requirements, folder, network_isolated=network_isolated)
    wrong_command = _wrong_command(command)
    entrypoint = () if wrong_command else (*command, run.path)
    channels = [run.channel, needed.channel]
    if needed.path is not None:
        entrypoint = (
            "/bin/bash",
            f"{INPUT_ROOT}/{_ENTRYPOINT}/{_RUNPROC}",
            needed.path,
            *entrypoint,
        )
        channels.append(_runproc())
    return Container(
        image=chosen.image,
        entrypoint=entrypoint,
        channels=tuple(channel for channel in channels if channel),
        problems=(
            *run.problems,
            *wrong_command,
            *needed.problems,
            *chosen.problems,
        ),
    )


def _runproc() -> CodeChannel:
    content = resources.files("cdk_sagemaker_processing.code").joinpath(_RUNPROC).read_bytes()
    return CodeChannel(_ENTRYPOINT, (File(f"{_ENTRYPOINT}/{_RUNPROC}", content=content),))


def _wrong_command(command: Sequence[str]) -> list[Problem]:
    found = list(wrong_list("command", command))
    if found or _is_known_list(command):
        return found
    return [
        Problem(
            "command must be a list of one string or more, such as ['python3'], whose items alone "
            f"may be known only at run time, got {command!r}: the script's path follows them"
        )
    ]


def _is_known_list(command: Sequence[str]) -> bool:
    whole = isinstance(command, str) or any(one.startswith(LIST_TOKEN) for one in command)
    return bool(command) and not whole


def _with_dependencies(run: Script, items: Sequence[str | Path] | None) -> Script:
    """The script with files and folders of this machine beside it."""
    wrong = wrong_paths("dependencies", items)
    if wrong or not items:
        return replace(run, problems=(*run.problems, *wrong))
    if run.channel and run.channel.s3_uri:
        return replace(run, problems=(*run.problems, _code_on_s3()))
    files = list(run.channel.files) if run.channel else []
    left_out = list(run.channel.left_out) if run.channel else []
    place = run.path.removeprefix(f"{INPUT_ROOT}/").rpartition("/")[0]
    below = [file.name[len(place) + 1 :] for file in files if file.name.startswith(f"{place}/")]
    taken = {name.partition("/")[0]: "a file or folder of the code" for name in below}
    problems: list[Problem] = []
    for item in items:
        found = _beside(item, place, taken)
        if isinstance(found, Problem):
            problems.append(found)
        else:
            files += found.files
            left_out += found.left_out
    channel = CodeChannel("code", tuple(files), left_out=tuple(left_out)) if run.channel else None
    return Script(channel, run.path, (*run.problems, *problems))


def _beside(item: str | Path, place: str, taken: dict[str, str]) -> Contents | Problem:
    """The files of one dependency, whose name in the script's folder is then taken."""
    if is_uri(item):
        return Problem(
            f"dependencies: {str(item)!r} is not of this machine: take it as an input, "
            f"ProcessingInput({str(item)!r}), and have the script look in that input's folder"
        )
    path = plain(item)
    if not path.exists():
        return missing("dependencies", item)
    if path.name in taken:
        return Problem(
            f"dependencies: {str(item)!r} and {taken[path.name]} would both be {path.name!r} "
            "beside the script: rename one"
        )
    taken[path.name] = repr(str(item))
    if path.is_file():
        return Contents((File(f"{place}/{path.name}", path=path),), ())
    return folder_files("dependencies", Path(item), f"{place}/{path.name}")


def _code_on_s3() -> Problem:
    return Problem(
        "dependencies go beside a script of this machine, but the code is on S3: put them there, "
        "beside the script, and give the folder as source_dir; or give code as a file"
    )
