"""``docs/moving/sagemaker-sdk-v2.md`` tells of every argument of the SDK, and of ours only."""

import dataclasses
import inspect
import re

import pytest

import cdk_sagemaker_processing as processing
from tests.sdk import recordings
from tools import sdk_page

TABLES = sdk_page.tables(sdk_page.V2)
# What nothing here takes the place of, as an argument.
NO_ARGUMENT = {
    "code_location",
    "configuration_location",
    "dependency_location",
    "kms_key",
    "logs",
    "sagemaker_session",
}


def sdk_arguments(name: str) -> dict[str, str | None]:
    """The arguments of a class of the SDK and of its ``run``."""
    return {
        argument: default
        for part in recordings.signatures()[name].values()
        for argument, default in part.items()
    }


def our_arguments(name: str) -> dict[str, object]:
    """The arguments of one of our classes, with their defaults."""
    cls = getattr(processing, name)
    found = {
        argument: one.default
        for argument, one in inspect.signature(cls.__init__).parameters.items()
    }
    if dataclasses.is_dataclass(cls):
        return found
    return {**found, **dict.fromkeys(processing.StepOptions.__annotations__)}


def identifiers(cell: str) -> list[str]:
    """The plain names in a cell."""
    return re.findall(r"`(\w+)`", cell)


def test_every_class_of_the_sdk_has_a_table() -> None:
    """The recorded classes and the tables are the same."""
    assert set(TABLES) == set(recordings.signatures())


@pytest.mark.parametrize("name", TABLES)
def test_every_argument_of_the_sdk_has_a_row(name: str) -> None:
    """A class's arguments are its table's, and what it shares with all processors is in theirs."""
    rows = [identifiers(row.theirs)[0] for row in TABLES[name].rows]
    known = sdk_arguments(name)
    shared = set(sdk_arguments("Processor")) if name.endswith("Processor") else set()

    assert sorted(rows) == sorted(set(rows))
    assert set(rows) <= set(known)
    assert set(known) - set(rows) <= (shared if name != "Processor" else set())


@pytest.mark.parametrize("name", TABLES)
def test_no_row_is_empty_and_each_names_an_argument_of_ours(name: str) -> None:
    """A row's second cell names arguments that our class takes, its third one tells something."""
    ours = {argument for cls in TABLES[name].ours for argument in our_arguments(cls)}

    for row in TABLES[name].rows:
        named = identifiers(row.ours)
        assert row.difference, row
        assert [one for one in named if one not in ours] == [], row
        if identifiers(row.theirs)[0] in NO_ARGUMENT:
            assert row.ours.startswith("none: "), row
        else:
            assert named, row


@pytest.mark.parametrize("name", TABLES)
def test_what_is_the_same_has_the_same_name(name: str) -> None:
    """A row says that there is no difference only where the two names are equal."""
    for row in TABLES[name].rows:
        if row.difference.startswith("the same"):
            assert row.theirs == row.ours, row


def test_what_it_says_of_all_processors_holds_for_all_steps() -> None:
    """Every step takes the arguments that the table of ``Processor`` names, but the entrypoint."""
    named = {one for row in TABLES["Processor"].rows for one in identifiers(row.ours)}
    steps = {cls for table in TABLES.values() for cls in table.ours if cls.endswith("Step")}

    for step in steps - {"ProcessingStep"}:
        assert named - {"entrypoint"} <= set(our_arguments(step))


def test_names_in_the_text_are_ours() -> None:
    """Each argument that the differences name beside their own exists."""
    every = {
        argument
        for table in TABLES.values()
        for cls in table.ours
        for argument in our_arguments(cls)
    }
    named = {
        one
        for table in TABLES.values()
        for row in table.rows
        for one in identifiers(row.difference)
        if one.islower()
    }

    assert named
    assert named <= every


def test_its_examples_are_recorded_as_they_stand() -> None:
    """The SDK's code on the page is the code that was recorded."""
    recorded = {name: recordings.read(name).get("code") for name in recordings.NAMES}
    on_page = {name: one.theirs for name, one in sdk_page.examples(sdk_page.V2).items()}

    assert {name: code for name, code in recorded.items() if code} == on_page
    assert len(on_page) == 4
