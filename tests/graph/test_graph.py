import re
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from itertools import combinations
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from cdk_sagemaker_processing.graph.layout import Picture, lay_out
from cdk_sagemaker_processing.graph.mermaid import to_mermaid
from cdk_sagemaker_processing.graph.model import Edge, Graph, Node, read_graph
from cdk_sagemaker_processing.graph.svg import to_svg
from tests.graph.machines import JOB, NIGHTLY, machines

SVG = "{http://www.w3.org/2000/svg}"


def test_a_machine_is_read_with_its_choices_its_catches_and_what_is_in_its_states() -> None:
    """In the order of a run, whatever the definition's."""
    left = Graph("Left", (Node("Left", "PySpark", True),), (), ("Left",))
    item = Graph("Item", (Node("Item", "PySpark", True),), (), ("Item",))
    each = Graph("Each", (Node("Each", "Map", inner=(item,)),), (), ("Each",))
    assert read_graph(NIGHTLY) == Graph(
        start="Check",
        nodes=(
            Node("Check", "Choice"),
            Node("Both", "Parallel", inner=(left, each)),
            Node("Wait", "Wait"),
            Node("Last", "PySpark", True),
            Node("Failed", "Fail"),
        ),
        edges=(
            Edge("Check", "Both", '$.day = "Monday"'),
            Edge("Check", "Wait", "otherwise"),
            Edge("Both", "Last"),
            Edge("Both", "Failed", "States.ALL", is_catch=True),
            Edge("Wait", "Check"),
        ),
        ends=("Last", "Failed"),
    )


def test_it_is_written_in_mermaid() -> None:
    """Parallel and Map as subgraphs, catches dashed, jobs in shapes of their own."""
    assert to_mermaid(read_graph(NIGHTLY)) == (
        """\
flowchart TD
    start((start))
    s1{"Check<br>Choice"}
    subgraph s2["Both (Parallel)"]
        direction TB
        s3["Left<br>PySpark"]
        subgraph s4["Each (Map)"]
            direction TB
            s5["Item<br>PySpark"]
        end
    end
    s6("Wait<br>Wait")
    s7["Last<br>PySpark"]
    s8(["Failed<br>Fail"])
    s1 -->|"#36;.day #61; #34;Monday#34;"| s2
    s1 -->|"otherwise"| s6
    s2 --> s7
    s2 -.->|"States.ALL"| s8
    s6 --> s1
    finish((end))
    start --> s1
    s7 --> finish
    s8 --> finish
    classDef job stroke-width:2px
    class s3,s5,s7 job
"""
    )


def test_it_is_drawn_in_svg() -> None:
    """A box a state, those in a state within its box; ways with their labels, catches dashed."""
    drawn = ET.fromstring(to_svg(read_graph(NIGHTLY), "Flights/Nightly"))  # noqa: S314 - made here
    assert drawn.findtext(f"{SVG}title") == "Flights/Nightly"
    boxes = {
        group.findtext(f"{SVG}title"): group
        for group in drawn.iter(f"{SVG}g")
        if group.get("role") == "listitem"
    }
    assert list(boxes) == [
        *("Check (Choice)", "Both (Parallel)", "Left (PySpark)", "Each (Map)", "Item (PySpark)"),
        *("Wait (Wait)", "Last (PySpark)", "Failed (Fail)"),
    ]
    within = {group.findtext(f"{SVG}title") for group in boxes["Both (Parallel)"].iter(f"{SVG}g")}
    assert {"Left (PySpark)", "Item (PySpark)"} < within
    ways = {
        way.findtext(f"{SVG}title"): way.get("class")
        for way in drawn.iter(f"{SVG}path")
        if way.find(f"{SVG}title") is not None
    }
    assert ways == {
        'Check to Both: $.day = "Monday"': "way",
        "Check to Wait: otherwise": "way",
        "Both to Last": "way",
        "Both to Failed: States.ALL": "way catch",
        "Wait to Check": "way",
    }
    labels = [one.text for one in drawn.iter(f"{SVG}text") if "label" in str(one.get("class"))]
    assert sorted(map(str, labels)) == ['$.day = "Monday"', "States.ALL", "otherwise"]


def pictures(picture: Picture) -> Iterator[Picture]:
    yield picture
    for box in picture.boxes:
        for inner in box.inner:
            yield from pictures(inner)


@given(machines())
@settings(deadline=None)
def test_no_two_states_ever_overlap_and_none_leaves_the_picture(machine: dict[str, Any]) -> None:
    """Whatever leads where."""
    for picture in pictures(lay_out(read_graph(machine))):
        for box in picture.boxes:
            assert box.x >= -0.1
            assert box.x + box.width <= picture.width + 0.1
            assert box.y + box.height <= picture.height + 0.1
            for inner in box.inner:
                assert inner.x + inner.width <= box.width + 0.1
                assert inner.y + inner.height <= box.height
        for one, other in combinations(picture.boxes, 2):
            is_beside = one.x + one.width < other.x or other.x + other.width < one.x
            is_above = one.y + one.height < other.y or other.y + other.height < one.y
            assert is_beside or is_above


@given(machines())
@settings(deadline=None)
def test_every_way_is_drawn_and_goes_down_but_for_loops(machine: dict[str, Any]) -> None:
    """From each state to each that it leads to."""
    for picture in pictures(lay_out(read_graph(machine))):
        assert {arrow.edge for arrow in picture.arrows} == set(picture.graph.edges)
        assert len(picture.arrows) == len(picture.graph.edges)


@given(machines())
@settings(deadline=None)
def test_no_way_turns_within_a_state(machine: dict[str, Any]) -> None:
    """Ways end at states' edges and go round the others."""
    for picture in pictures(lay_out(read_graph(machine))):
        for arrow in picture.arrows:
            for x, y in re.findall(r"(-?[\d.]+) (-?[\d.]+)", arrow.path):
                for box in picture.boxes:
                    is_across = box.x + 1 < float(x) < box.x + box.width - 1
                    is_down = box.y + 1 < float(y) < box.y + box.height - 1
                    assert not (is_across and is_down)


names = st.text(min_size=1, max_size=30)


@given(names, names)
@settings(deadline=None)
def test_whatever_states_are_called_the_pictures_hold(name: str, error: str) -> None:
    """No name breaks the text of Mermaid or the SVG, which is read as XML."""
    catch = {"ErrorEquals": [error], "Next": f"{name}2"}
    state = {**JOB, "Next": f"{name}2", "Catch": [catch]}
    graph = read_graph({"StartAt": name, "States": {name: state, f"{name}2": {"Type": "Succeed"}}})

    plain = read_graph(
        {
            "StartAt": "a",
            "States": {
                "a": {**state, "Next": "b", "Catch": [{"ErrorEquals": ["c"], "Next": "b"}]},
                "b": {"Type": "Succeed"},
            },
        }
    )
    lines = to_mermaid(graph).splitlines()
    assert [re.sub('"[^"]*"', '""', line) for line in lines] == [
        re.sub('"[^"]*"', '""', line) for line in to_mermaid(plain).splitlines()
    ]
    drawn = ET.fromstring(to_svg(graph, name))  # noqa: S314 - made here
    expected = ET.fromstring(to_svg(plain, "a"))  # noqa: S314 - made here
    assert [one.tag for one in drawn.iter()] == [one.tag for one in expected.iter()]


def test_a_machine_without_jobs_marks_none() -> None:
    """No class of nodes is defined that none has."""
    only = {"StartAt": "Wait", "States": {"Wait": {"Type": "Wait", "Seconds": 1, "End": True}}}
    assert "class" not in to_mermaid(read_graph(only))
