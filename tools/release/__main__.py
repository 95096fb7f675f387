"""Build and try what is committed; with a version, hold the project to it as well.

python -m tools.release          # make release-check
python -m tools.release 0.2.0    # make release VERSION=0.2.0
"""

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path

from tools.release.distributions import Distributions, build, differences
from tools.release.readiness import Project, Version, problems
from tools.release.trial import Trial, TrialError

ROOT = Path(__file__).parents[2]


def main() -> int:
    """Do what the command line says, and return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tools.release", description=__doc__)
    parser.add_argument("version", nargs="?", type=Version.read)
    version: Version | None = parser.parse_args().version
    found = problems(version, Project.read(ROOT)) if version else []
    if found:
        return _refused(found)
    with tempfile.TemporaryDirectory(prefix="release-") as scratch:
        try:
            return _released(Path(scratch), version)
        except TrialError as failure:
            return _refused([str(failure)])
        except subprocess.CalledProcessError as error:
            return _refused([f"{error}\n{(error.stderr or b'').decode()}"])


def _released(scratch: Path, version: Version | None) -> int:
    _say("build the sdist of the last commit, and the wheel from it")
    made = build(ROOT, scratch, ROOT / "dist")
    if found := differences(ROOT, made.wheel):
        return _refused(found)
    trial = Trial(scratch, _say)
    trial.quickstart(made.wheel)
    trial.quickstart(made.sdist)
    trial.steps_alone(made.wheel)
    _tell(made, version)
    return 0


def _tell(made: Distributions, version: Version | None) -> None:
    paths = [path.relative_to(ROOT) for path in (made.wheel, made.sdist)]
    for path in paths:
        _say(f"good: {path}, {(ROOT / path).stat().st_size:,} bytes")
    if version:
        print(
            "Left to do:\n"
            f"  git tag --annotate v{version} --message {version} && git push origin v{version}\n"
            f"  python -m twine upload {paths[0]} {paths[1]}"
        )


def _refused(reasons: list[str]) -> int:
    for reason in reasons:
        print(f"release: {reason}", file=sys.stderr)
    return 1


def _say(text: str) -> None:
    print(f"release: {text}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
