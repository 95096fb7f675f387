"""Which outputs of other steps a step reads or writes: the data edges of a workflow."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import aws_cdk as cdk

from cdk_sagemaker_processing import run_time
from cdk_sagemaker_processing.run_time import Output
from cdk_sagemaker_processing.steps.container import Container
from cdk_sagemaker_processing.steps.options import Options

__all__ = ["Edges", "edges"]


@dataclass(frozen=True, slots=True)
class Edges:
    """Other steps' outputs, as far as a step has to do with them.

    Attributes:
        inputs: Those that are its inputs or its code.
        named: Those that its arguments, its environment or an override name:
            the script will read them by itself.
        written: Those whose place it writes to.
    """

    inputs: tuple[Output, ...]
    named: tuple[Output, ...]
    written: tuple[Output, ...]

    @property
    def read(self) -> tuple[Output, ...]:
        """All that it reads."""
        return (*self.inputs, *self.named)


def edges(options: Options, container: Container, stage: cdk.Stage | None) -> Edges:
    """What a step of a stage has to do with the outputs of others."""
    return Edges(
        inputs=tuple(run_time.outputs_in(_sources(options, container), stage)),
        named=tuple(run_time.outputs_in(_words(options), stage)),
        written=tuple(run_time.outputs_in(_destinations(options), stage)),
    )


def _sources(options: Options, container: Container) -> Iterator[str]:
    yield from (str(one.source) for one in options.inputs if isinstance(one.source, str | Path))
    yield from (one.s3_uri for one in container.channels if one.s3_uri)
    yield from container.also_read


def _words(options: Options) -> Iterator[str]:
    for value in (options.arguments, options.environment, options.request_overrides):
        yield from _strings_in(value)


def _destinations(options: Options) -> Iterator[str]:
    yield from (one.destination for one in options.outputs if one.destination)
    for one in options.inputs:
        uri = getattr(one.source, "output_s3_uri", None)
        if uri:
            yield uri


def _strings_in(value: object) -> Iterator[str]:
    """Every string of JSON."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        yield from _strings_in(list(value.values()))
    elif isinstance(value, list | tuple):
        for one in value:
            yield from _strings_in(one)
