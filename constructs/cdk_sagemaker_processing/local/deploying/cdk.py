"""The CDK CLI, driven: bootstrap, synthesize, deploy."""

import json
import re
import shlex
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from cdk_sagemaker_processing.errors import ValidationError
from cdk_sagemaker_processing.local.deploying import toolchain
from cdk_sagemaker_processing.local.errors import LocalCloudError
from cdk_sagemaker_processing.local.processes import children
from cdk_sagemaker_processing.local.report import Report

_EVENT = re.compile(r"^(?P<stack>\S+) \| +(?P<done>\d+)/(?P<all>\d+) \|")
_QUIET = ("--no-notices", "--no-color")
_FRAME = re.compile(r'^ +File "(?P<file>[^"]+)", line (?P<line>\d+)', re.MULTILINE)
_OURS = f"{ValidationError.__module__}.{ValidationError.__qualname__}: "
_CLI_END = re.compile(r"\n.*Subprocess exited with error \d+\s*$")

Outputs = dict[str, dict[str, str]]


class CdkCli:
    """The pinned CDK CLI under given variables.

    Args:
        variables: The whole environment under which it and the CDK app run.
        report: Is told, in short sentences, what is being done.
        goes_on: Whether what it acts on is there still: it would try for a minute to reach it.
    """

    def __init__(
        self,
        *,
        variables: Mapping[str, str],
        report: Report,
        goes_on: Callable[[], bool] = lambda: True,
    ) -> None:
        self._variables = toolchain.node_environment(variables)
        self._report = report
        self._goes_on = goes_on

    def bootstrap(self, account: str, region: str, folder: Path) -> None:
        """Make the stack that deployments to an account and region need.

        Args:
            account: The account's id.
            region: The region's name.
            folder: A folder with no CDK app in it.

        Raises:
            LocalCloudError: If it fails.
        """
        target = f"aws://{account}/{region}"
        self._run(f"cdk bootstrap {target}", ["bootstrap", target], folder)

    def synthesize(self, app_folder: Path, assembly: Path, context: Mapping[str, str]) -> None:
        """Run a CDK app.

        Args:
            app_folder: The folder of its `cdk.json`, or of its `app.py`.
            assembly: The folder to synthesize into.
            context: What the app is told beside its `cdk.json`.

        Raises:
            LocalCloudError: If there is no app, or it fails.
        """
        arguments = ["synth", "--quiet", "--path-metadata", "--output", str(assembly)]
        arguments += [f"--context={key}={value}" for key, value in context.items()]
        self._run("cdk synth", [*arguments, *app_options(app_folder)], app_folder)

    def deploy(self, assembly: Path, stacks: Sequence[str], folder: Path) -> Outputs:
        """Deploy the stacks of a cloud assembly.

        Args:
            assembly: The folder that an app was synthesized into.
            stacks: Which stacks, as the CDK CLI selects them; none for all.
            folder: A folder to write in.

        Returns:
            Each stack's outputs by their keys.

        Raises:
            LocalCloudError: If it fails.
        """
        outputs = folder / "outputs.json"
        outputs.unlink(missing_ok=True)
        selected = list(stacks) or ["**"]
        files = ["--app", str(assembly), "--outputs-file", str(outputs)]
        unattended = ["--require-approval", "never", "--progress", "events"]
        self._run("cdk deploy", ["deploy", *selected, *files, *unattended], folder)
        return _read_outputs(outputs)

    def _run(self, name: str, arguments: list[str], folder: Path) -> None:
        command = [*toolchain.cdk_command(self._report), *arguments, *_QUIET]
        self._report(name)
        code, last = children.run(
            children.tied(command),
            variables=self._variables,
            folder=folder,
            on_line=self._report_progress,
            goes_on=self._goes_on,
        )
        if code:
            raise LocalCloudError(_failure(name, code, last, folder))

    def _report_progress(self, line: str) -> None:
        event = _EVENT.match(line)
        if event:
            self._report(f"{event['stack']}: {event['done']} of {event['all']} resources")


def _failure(name: str, code: int, last: str, folder: Path) -> str:
    """What to tell of a command that failed: of problems of ours, these and the app's own line."""
    trace, is_ours, problems = last.rpartition(_OURS)
    if not is_ours:
        return f"{name} failed (exit code {code}); its last lines:\n{last}"
    written = [found for found in _FRAME.finditer(trace) if _is_written_in(folder, found["file"])]
    at = f" at {Path(written[-1]['file']).name}, line {written[-1]['line']}" if written else ""
    return f"{name} failed{at}:\n{_CLI_END.sub('', problems)}"


def _is_written_in(folder: Path, file: str) -> bool:
    return Path(file).is_relative_to(folder) and "site-packages" not in Path(file).parts


def app_options(folder: Path) -> list[str]:
    """Return the CDK CLI's options that say how to run an app: none if its `cdk.json` says it.

    Args:
        folder: The folder of its `cdk.json`, or of its `app.py`.

    Raises:
        LocalCloudError: If there is neither.
    """
    if "app" in _cdk_settings(folder / "cdk.json"):
        return []
    if not (folder / "app.py").is_file():
        raise LocalCloudError(
            f"no CDK app in {folder}: name the folder that holds its cdk.json or app.py",
        )
    return ["--app", f"{shlex.quote(sys.executable)} app.py"]


def _cdk_settings(file: Path) -> Mapping[str, object]:
    try:
        settings = json.loads(file.read_text())
    except FileNotFoundError:
        return {}
    except ValueError as error:
        raise LocalCloudError(f"{file} is not JSON: {error}") from error
    if not isinstance(settings, Mapping):
        raise LocalCloudError(f"{file} must hold a JSON object, it holds {type(settings).__name__}")
    return settings


def _read_outputs(file: Path) -> Outputs:
    if not file.is_file():
        return {}
    outputs: Outputs = json.loads(file.read_text())
    return outputs
