"""Make the pictures of README.md and docs/, all of them or those that are named.

    python -m tools.pictures [demo.svg ...]

Each is made by running what it shows. Those made by one run are made together.
"""

import argparse
from pathlib import Path

from tools.pictures.machine import traces
from tools.pictures.scenes import ROOT, SCENES, Made

PICTURES = ROOT / "docs" / "pictures"


def main() -> None:
    """Make what the command line names."""
    names = [name for scene in SCENES for name in scene.makes]
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(names))
    wanted = set(parser.parse_args().names) or set(names)
    if unknown := wanted - set(names):
        parser.error(f"there is no picture {', '.join(sorted(unknown))}: there are {names}")
    for scene in SCENES:
        if wanted & set(scene.makes):
            write(scene.play(), PICTURES)


def write(made: Made, folder: Path) -> None:
    """Write pictures into a folder.

    Raises:
        ValueError: A drawing shows a path of this machine.
    """
    for name, content in made.items():
        if found := name.endswith(".svg") and traces(content.decode()):
            raise ValueError(f"{name} shows paths of this machine: {found}")
        (folder / name).write_bytes(content)
        print(f"wrote {name}")


if __name__ == "__main__":
    main()
