"""Every code block of every page is executed, synthesized or held to what it names."""

import configparser
import json
import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from cdk_sagemaker_processing import ValidationError
from tests.docs import commands
from tests.docs.blocks import Block, blocks_of, matches, pages
from tests.docs.files import is_file, lay_out
from tests.docs.workspace import inside, is_snippet, run_app, synthesized

BLOCKS = [block for page in pages() for block in blocks_of(page)]
PYTHON = [block for block in BLOCKS if block.language == "python"]
SHELL = [block for block in BLOCKS if block.language == "sh"]
DATA = [block for block in BLOCKS if block.language in {"ini", "json", "toml", "yaml"}]
# What is no code: `text` is what a command or an error says, or a drawing.
KNOWN = {"dockerfile", "ini", "json", "python", "scala", "sh", "text", "toml", "yaml"}


def test_every_block_says_what_it_is() -> None:
    """A fence has a language, one that a test knows."""
    assert [str(block) for block in BLOCKS if block.language not in KNOWN] == []


@pytest.mark.parametrize("block", [one for one in PYTHON if is_snippet(one)], ids=str)
def test_snippets_synthesize(block: Block, tmp_path: Path) -> None:
    """A block of Python makes what synthesizes, or fails in the words that follow it."""
    if "fails" not in block.marks:
        synthesized(block, tmp_path)
        return
    with pytest.raises((ValidationError, RuntimeError)) as caught:
        synthesized(block, tmp_path)
    all_blocks = blocks_of(block.page)
    said = all_blocks[all_blocks.index(block) + 1]
    assert said.language == "text"
    assert matches(said.text, str(caught.value)), str(caught.value)


@pytest.mark.parametrize("block", [one for one in PYTHON if is_file(one)], ids=str)
def test_files_of_python_are_run_or_compile(block: Block, tmp_path: Path) -> None:
    """An app synthesizes; a job's script is run with the page's app, a test with its pytest."""
    assert block.title
    compile(block.text, block.title, "exec")
    if block.title.endswith("app.py"):
        run_app(block, tmp_path)
    else:
        assert any("run" in one.marks for one in blocks_of(block.page)), "nothing runs it"


@pytest.mark.parametrize("block", SHELL, ids=str)
def test_commands_are_there(block: Block, tmp_path: Path) -> None:
    """Every command in a block exists, with the options that it is given."""
    lay_out(block.page, tmp_path)
    with inside(tmp_path):
        found = [one for line in commands.lines(block.text) for one in commands.problems(line)]
    assert found == []


@pytest.mark.parametrize("block", DATA, ids=str)
def test_data_is_well_formed(block: Block) -> None:
    """JSON, YAML, TOML and INI can be read."""
    readers: dict[str, Callable[[str], object]] = {
        "ini": configparser.ConfigParser().read_string,
        "json": json.loads,
        "toml": tomllib.loads,
        "yaml": yaml.safe_load,
    }
    readers[block.language](block.text)


def test_every_expected_text_has_what_prints_it() -> None:
    """An `output` follows a `run`."""
    for block in BLOCKS:
        before = blocks_of(block.page)[: blocks_of(block.page).index(block)]
        if "output" in block.marks:
            assert any("run" in one.marks for one in before), str(block)
