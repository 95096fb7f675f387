"""The Python of a page, run in a folder with the page's files."""

import os
import runpy
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import aws_cdk as cdk
from aws_cdk import aws_stepfunctions as sfn

import cdk_sagemaker_processing as processing
from tests.docs.blocks import Block, blocks_of
from tests.docs.files import is_file, lay_out


@contextmanager
def inside(folder: Path) -> Iterator[None]:
    """Let paths be taken from a folder."""
    before = Path.cwd()
    os.chdir(folder)
    try:
        yield
    finally:
        os.chdir(before)


def synthesized(block: Block, folder: Path) -> None:
    """Execute a Python block after those that it goes on from, and synthesize its stacks.

    A block finds the names `cdk`, `sfn`, `processing`, an `app` and a `stack` in it, and is in
    a file app.py. What it raises is raised.
    """
    lay_out(block.page, folder)
    app = cdk.App(outdir=str(folder / "cdk.out"))
    names: dict[str, Any] = {
        "__file__": str(folder / "app.py"),
        "__name__": "__main__",
        "app": app,
        "cdk": cdk,
        "processing": processing,
        "sfn": sfn,
        "stack": cdk.Stack(app, "Nightly"),
    }
    with inside(folder):
        for one in _chain(block):
            exec(compile("\n" * one.line + one.text, one.page, "exec"), names)  # noqa: S102 - what is tested
        names["app"].synth()


def _chain(block: Block) -> list[Block]:
    """A block and, before it, those that it goes on from."""
    snippets = [one for one in blocks_of(block.page) if is_snippet(one)]
    chain = [block]
    while "continues" in chain[0].marks:
        chain.insert(0, snippets[snippets.index(chain[0]) - 1])
    return chain


def is_snippet(block: Block) -> bool:
    """Whether a block is Python of no file's."""
    return block.language == "python" and not is_file(block) and "recorded" not in block.marks


def run_app(block: Block, folder: Path) -> None:
    """Execute a block that is an app of its own."""
    lay_out(block.page, folder)
    assert block.title
    with inside(folder):
        runpy.run_path(block.title, run_name="__main__")
