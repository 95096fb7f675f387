from dataclasses import replace

import pytest

from cdk_sagemaker_processing.history_server.client.errors import HistoryError
from cdk_sagemaker_processing.history_server.client.found import choose_server, find_servers
from tests.history_server.client.fakes import SERVER, Aws, output


def test_a_server_is_found_by_its_stack_s_output() -> None:
    """Among all stacks, or in the one that is named; other outputs are no hindrance."""
    aws = Aws()
    other = ["arn:aws:states:x", "{", "[1]", '{"a": 1}', "12"]
    aws.cloudformation.stacks = {"Bare": [], "Flights": [*other, output(SERVER)], "Other": other}
    assert find_servers(aws) == (SERVER,)
    assert find_servers(aws, "Flights") == (SERVER,)
    assert find_servers(aws, "Other") == ()


def test_members_that_an_output_may_lack_are_unknown() -> None:
    """What the output need not tell, the client does without."""
    aws = Aws()
    needed = output(SERVER)
    for name in ("taskDefinitionArn", "sources", "idleMinutes"):
        start = needed.index(f', "{name}"')
        end = needed.find(', "', start + 1)
        needed = needed[:start] + (needed[end:] if end > 0 else "}")
    aws.cloudformation.stacks = {"Flights": [needed]}
    assert find_servers(aws) == (replace(SERVER, newest=None, sources=(), idle_minutes=None),)


def test_an_output_of_another_version_is_not_guessed_at() -> None:
    """Who deployed it knows which version reads it."""
    aws = Aws()
    aws.cloudformation.stacks = {"Flights": [output(SERVER, historyServer=2)]}
    with pytest.raises(HistoryError, match="stack Flights was deployed by another version of cdk-"):
        find_servers(aws)


def test_what_others_deployed_hides_no_server() -> None:
    """Some stacks of an account have another version's server, some JSON that looks alike."""
    aws = Aws()
    alike = ['{"historyServer": "https://history.example.com"}', '{"historyServer": 1}']
    aws.cloudformation.stacks = {
        "Alike": alike,
        "Newer": [output(SERVER, historyServer=2)],
        "Flights": [output(SERVER)],
    }

    assert find_servers(aws) == (SERVER,)
    assert find_servers(aws, "Alike") == ()
    with pytest.raises(HistoryError, match="stack Newer was deployed by another version"):
        find_servers(aws, "Newer")


def test_who_may_not_list_stacks_is_told_of_the_option() -> None:
    """A person's permission is for one stack; that it has a name is the way out."""
    aws = Aws()
    aws.cloudformation.denied = True
    with pytest.raises(HistoryError, match=r"not allowed to list .*DescribeStacks\): .* --stack"):
        find_servers(aws)
    assert find_servers(aws, "Flights") == (SERVER,)


def test_a_stack_that_is_not_there_is_told() -> None:
    """By its name."""
    with pytest.raises(HistoryError, match=r"^no stack Flihgts in this account and region$"):
        find_servers(Aws(), "Flihgts")


def test_the_only_server_is_chosen() -> None:
    """Without a word, and by its path."""
    assert choose_server([SERVER]) is SERVER
    assert choose_server([SERVER], "Flights/History") is SERVER


def test_one_of_several_servers_is_chosen_by_its_path() -> None:
    """Which there are is told where none was named, or one that is not there."""
    other = replace(SERVER, path="Other/History", stack="Other")
    assert choose_server([SERVER, other], "Other/History") is other
    names = r"Flights/History \(stack Flights\), Other/History \(stack Other\)$"
    with pytest.raises(HistoryError, match=f"choose one by --path or --stack: {names}"):
        choose_server([SERVER, other])
    with pytest.raises(HistoryError, match=f"^no History Server X in the stacks .*: {names}"):
        choose_server([SERVER, other], "X")


@pytest.mark.parametrize(
    ("stack", "place"),
    [(None, "the stacks of this account and region"), ("Flights", "stack Flights")],
)
def test_where_there_is_none_the_way_to_get_one_is_told(stack: str | None, place: str) -> None:
    """It takes one line in a stack."""
    with pytest.raises(HistoryError, match=f"^no History Server in {place}: add processing.Spark"):
        choose_server([], None, stack)


@pytest.mark.parametrize(
    ("uri", "reads"),
    [
        ("s3://logs/spark-events/", True),
        ("s3://logs/spark-events", True),
        ("s3://logs/spark-events/deeper/", True),
        ("s3://logs/spark-events-of-others/", False),
        ("s3://logs/", False),
    ],
)
def test_a_server_knows_which_event_logs_it_shows(uri: str, reads: bool) -> None:
    """Those below its sources; where it tells no sources, any might be."""
    assert SERVER.reads(uri) is reads
    assert replace(SERVER, sources=()).reads(uri)
