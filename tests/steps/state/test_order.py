"""Steps that run before, or beside, those whose outputs they read."""

from collections.abc import Callable
from pathlib import Path

import aws_cdk as cdk
import pytest
from aws_cdk import aws_stepfunctions as sfn

import cdk_sagemaker_processing as processing
from tests.support import machine_of, warnings_of

Order = Callable[[cdk.Stack, sfn.State, sfn.State], sfn.IChainable]

TOO_EARLY = (
    "the step 'Prod/Reader' reads the output of the step 'Prod/Writer', which does not run before "
    "it in this state machine: put it behind that by .next(), or have the order found by "
    "ProcessingWorkflow.from_steps(...)"
)


def reader_first(_: cdk.Stack, writer: sfn.State, reader: sfn.State) -> sfn.IChainable:
    """The order turned round."""
    return sfn.Chain.start(reader).next(writer)


def side_by_side(stack: cdk.Stack, writer: sfn.State, reader: sfn.State) -> sfn.IChainable:
    """Each in a branch of its own."""
    return sfn.Parallel(stack, "Both").branch(writer).branch(reader)


def other_choice(stack: cdk.Stack, writer: sfn.State, reader: sfn.State) -> sfn.IChainable:
    """Only one of the two in an execution."""
    is_new = sfn.Condition.is_present("$.new")
    return sfn.Choice(stack, "IsNew").when(is_new, writer).otherwise(reader)


def writer_first(_: cdk.Stack, writer: sfn.State, reader: sfn.State) -> sfn.IChainable:
    """As the data goes."""
    return sfn.Chain.start(writer).next(reader)


def behind_a_branch(stack: cdk.Stack, writer: sfn.State, reader: sfn.State) -> sfn.IChainable:
    """The writer in a Parallel, the reader behind it."""
    return sfn.Parallel(stack, "Both").branch(writer).next(reader)


def within_a_map(stack: cdk.Stack, writer: sfn.State, reader: sfn.State) -> sfn.IChainable:
    """The reader in a Map behind the writer."""
    each = sfn.Map(stack, "Each", items_path="$.items").item_processor(reader)
    return sfn.Chain.start(writer).next(each)


def in_a_loop(stack: cdk.Stack, writer: sfn.State, reader: sfn.State) -> sfn.IChainable:
    """The reader again once the writer has run."""
    is_there = sfn.Condition.is_present("$.there")
    choice = sfn.Choice(stack, "IsThere").when(is_there, reader)
    return choice.otherwise(sfn.Chain.start(writer).next(choice))


def after_a_failure(stack: cdk.Stack, writer: sfn.State, reader: sfn.State) -> sfn.IChainable:
    """The reader as what is done when a Parallel with the writer fails."""
    return sfn.Parallel(stack, "Both").branch(writer).add_catch(reader)


def warned(stack: cdk.Stack, script: Path, order: Order) -> list[str]:
    """What is warned of a machine with a writer, and a reader of its output."""
    writer = processing.SKLearnStep(
        stack, "Writer", code=script, outputs=[processing.ProcessingOutput("out")]
    )
    reader = processing.SKLearnStep(
        stack, "Reader", code=script, inputs=[processing.ProcessingInput(writer.output("out"))]
    )
    machine_of(order(stack, writer, reader))
    return [one.partition(" [")[0] for one in warnings_of(stack)]


@pytest.mark.parametrize("order", [reader_first, side_by_side, other_choice])
def test_a_reader_that_the_writer_does_not_come_before_is_told(
    stack: cdk.Stack, script: Path, order: Order
) -> None:
    """Nothing lies there yet when its job asks for it."""
    assert warned(stack, script, order) == [TOO_EARLY]


@pytest.mark.parametrize(
    "order", [writer_first, behind_a_branch, within_a_map, in_a_loop, after_a_failure]
)
def test_a_reader_that_some_way_leads_to_from_the_writer_is_no_warning(
    stack: cdk.Stack, script: Path, order: Order
) -> None:
    """Which way an execution takes is known only when it runs."""
    assert warned(stack, script, order) == []
