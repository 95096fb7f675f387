"""A job's own layer over its environment, as a container's lies over its image.

What the job installs goes into the layer and ends with it; the environment below, which other
jobs use at the same time, stays as it is. The layer is a virtual environment of the same Python
that has the packages below behind its own.
"""

from dataclasses import replace
from pathlib import Path

from cdk_sagemaker_processing.local.jobs.environments.environment import (
    Environment,
    python_version,
    site_packages,
)
from cdk_sagemaker_processing.local.jobs.environments.index import pip_settings


def layered(environment: Environment, folder: Path) -> Environment:
    """Make a job's layer and return the environment as it is seen through it.

    Args:
        environment: The environment below.
        folder: The layer's place, made here.
    """
    interpreter = environment.python.resolve()
    packages = site_packages(folder)
    packages.mkdir(parents=True)
    below = str(site_packages(environment.python.parent.parent))
    (packages / "image.pth").write_text(f"import site; site.addsitedir({below!r})\n")
    (folder / "pyvenv.cfg").write_text(
        f"home = {interpreter.parent}\ninclude-system-site-packages = false\n"
    )
    python = _link(folder / "bin", interpreter)
    settings = folder / "pip.conf"
    # An index's address may hold a password.
    settings.touch(mode=0o600)
    settings.write_text(pip_settings())
    return _through(environment, folder, python)


def _link(commands: Path, interpreter: Path) -> Path:
    commands.mkdir()
    for name in ("python", "python3", f"python{python_version()}"):
        (commands / name).symlink_to(interpreter)
    return commands / "python3"


def _through(environment: Environment, folder: Path, python: Path) -> Environment:
    below, above = str(environment.python), str(python)
    variables = {
        name: above if value == below else value for name, value in environment.variables.items()
    }
    commands = {
        name: tuple(above if part == below else part for part in command)
        for name, command in environment.commands.items()
    }
    pip = (above, "-m", "pip")
    return replace(
        environment,
        python=python,
        variables=variables | {"PATH": f"{folder}/bin:{variables['PATH']}"},
        roots=(*environment.roots, folder),
        commands={"pip": pip, "pip3": pip, **commands},
    )
