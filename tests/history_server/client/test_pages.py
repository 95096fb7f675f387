from collections.abc import Iterator
from datetime import timedelta

import pytest

from cdk_sagemaker_processing.history_server.client.errors import HistoryError
from cdk_sagemaker_processing.history_server.client.pages import Pages
from tests.history_server.client.fakes import NOW, Api, command, serving


@pytest.fixture
def api() -> Iterator[Api]:
    """A server that answers."""
    with serving(Api()) as served:
        yield served


def test_a_server_that_is_up_answers(api: Api) -> None:
    """One that is starting, or is not there, does not."""
    assert Pages(api.url).answer()
    api.answers = False
    assert not Pages(api.url).answer()
    assert not Pages("http://127.0.0.1:1").answer()
    assert Pages("http://127.0.0.1:1").applications() == ()


def test_what_is_no_history_server_is_told() -> None:
    """Such as a development server that has the port already."""
    with (
        serving(Api(page="<html>")) as other,
        pytest.raises(HistoryError, match="is no History Server of Spark's"),
    ):
        Pages(other.url).answer()


def test_applications_are_read_by_their_last_attempt(api: Api) -> None:
    """Whether it ended, when, and for how long it ran."""
    api.add("app-1", minutes=5)
    api.add("app-2", minutes=None, attempt="2")
    second, first = Pages(api.url).applications()
    assert (first.identity, first.name, first.completed) == ("app-1", "app-1's name", True)
    assert first.last.started == NOW + timedelta(minutes=1)
    assert first.last.ended == NOW + timedelta(minutes=6)
    assert first.last.duration_in_milliseconds == 300_000
    assert (second.completed, second.last.ended, second.last.identity) == (False, None, "2")


def test_applications_since_a_time(api: Api) -> None:
    """A server of thousands is asked for the few that matter."""
    api.add("app-1", began=NOW - timedelta(hours=1))
    api.add("app-2", began=NOW)
    (found,) = Pages(api.url).applications(NOW)
    assert found.identity == "app-2"
    assert api.asked[-1].endswith("minDate=2026-01-05T12%3A00%3A00.000GMT")


def test_one_application(api: Api) -> None:
    """None before it is listed."""
    api.add("app-1")
    pages = Pages(api.url)
    assert pages.application("app/2") is None
    found = pages.application("app-1")
    assert found
    assert pages.command(found) == command(
        "/opt/ml/processing/input/code/features.py", "--day", "monday"
    )


def test_the_page_of_an_application_is_that_of_its_attempt(api: Api) -> None:
    """Where YARN numbers attempts, the address without one leads nowhere."""
    api.add("app-1")
    api.add("app-2", attempt="1")
    pages = Pages(api.url)
    second, first = pages.applications()
    assert pages.page_of(first) == f"{api.url}/history/app-1/jobs/"
    assert pages.page_of(second) == f"{api.url}/history/app-2/1/jobs/"
    assert pages.command(second)
    assert api.asked[-1] == "/api/v1/applications/app-2/1/environment"


def test_the_list_is_of_running_applications_where_there_are_no_others(api: Api) -> None:
    """Else somebody who looks for the first run of all sees an empty list."""
    pages = Pages(api.url)
    assert pages.page_of_list() == f"{api.url}/"
    api.add("app-1", minutes=None)
    assert pages.page_of_list() == f"{api.url}/?showIncomplete=true"
    api.add("app-2")
    assert pages.page_of_list() == f"{api.url}/"
