import pytest

from tools.pictures.scenes import EXAMPLES, ROOT, SCENES


def test_the_graphs_are_those_of_the_examples_as_they_are() -> None:
    """An example that changes needs its picture anew: `python -m tools.pictures`."""
    (graphs,) = (scene for scene in SCENES if "graph-flights.svg" in scene.makes)
    made = graphs.play()

    assert tuple(made) == graphs.makes
    for name, drawing in made.items():
        assert (ROOT / "docs" / "pictures" / name).read_bytes() == drawing, name


def test_every_example_has_a_graph() -> None:
    """A new one, too."""
    assert set(EXAMPLES) == {path.parent.name for path in ROOT.glob("stacks/*/stack.py")}


@pytest.mark.parametrize("name", ["error.svg", "demo.svg", "report.png"])
def test_a_picture_is_made_by_one_scene(name: str) -> None:
    """So that it is known which run it shows."""
    assert sum(name in scene.makes for scene in SCENES) == 1
