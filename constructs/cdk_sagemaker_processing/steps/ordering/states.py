"""Steps in an order, as the states of a state machine."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from itertools import count
from typing import Any

from aws_cdk import aws_stepfunctions as sfn
from constructs import Construct

from cdk_sagemaker_processing.errors import Problem
from cdk_sagemaker_processing.steps.ordering.plan import Beside, Plan, cycle, plan
from cdk_sagemaker_processing.steps.processing import ProcessingStep

__all__ = ["in_order", "wrong_order"]

_Dependencies = Mapping[sfn.IChainable, Sequence[sfn.IChainable]]


def wrong_order(steps: Sequence[sfn.IChainable], depends_on: _Dependencies) -> list[Problem]:
    """What is wrong with steps and what they wait for.

    Args:
        steps: The steps.
        depends_on: What each waits for, beside those whose outputs it reads.
    """
    found = [*_no_states(steps, depends_on)] or [
        *_wrong_steps(steps, depends_on),
        *_wrong_dependencies(steps, depends_on),
    ]
    if found:
        return found
    circle = [steps[at].id for at in cycle(_waits(steps, depends_on))]
    if not circle:
        return []
    # It was found from the waiting to the waited for, and is told as it would run.
    circle = [circle[0], *reversed(circle)]
    return [
        Problem(
            f"the steps go in a circle, {' → '.join(circle)}: take one of these out of depends_on"
        )
    ]


def in_order(
    scope: Construct,
    name: str,
    steps: Sequence[sfn.IChainable],
    depends_on: _Dependencies,
    query_language: sfn.QueryLanguage | None = None,
) -> sfn.IChainable:
    """Steps as one chain, with what may run at the same time in ``Parallel`` states.

    Args:
        scope: The construct that the ``Parallel`` states belong to.
        name: What their ids begin with.
        steps: The steps; nothing is wrong with them (``wrong_order``).
        depends_on: What each waits for, beside those whose outputs it reads.
        query_language: The state machine's.
    """
    jsonata = query_language == sfn.QueryLanguage.JSONATA
    taken = {one.id for one in steps}
    names = (f"Parallel {at}" for at in count(1) if f"Parallel {at}" not in taken)
    return _Maker(scope, name, steps, names, jsonata).make(plan(_waits(steps, depends_on)))


def _no_states(steps: Sequence[object], depends_on: Mapping[Any, object]) -> Iterator[Problem]:
    places = [(f"steps[{at}]", one) for at, one in enumerate(steps)]
    for one, others in depends_on.items():
        places.append(("depends_on", one))
        if isinstance(others, Sequence):
            places += [("depends_on", other) for other in others]
        else:
            yield Problem(f"depends_on must be of lists of steps, got {others!r}")
    for place, one in places:
        if not hasattr(one, "start_state"):
            yield Problem(f"{place} must be a step or another state, got {one!r}")


def _wrong_steps(steps: Sequence[sfn.IChainable], depends_on: _Dependencies) -> Iterator[Problem]:
    if not steps:
        yield Problem("steps must be one or more, got none")
    for at, one in enumerate(steps):
        if one in steps[:at]:
            yield Problem(f"steps[{at}]: {one.id!r} is in steps already: name each step once")
        elif not isinstance(one, ProcessingStep) and one not in depends_on:
            yield Problem(
                f"steps[{at}]: {one.id!r} is no processing step, so whose outputs it reads is not "
                "known: say in depends_on what it waits for, [] if nothing"
            )


def _wrong_dependencies(
    steps: Sequence[sfn.IChainable], depends_on: _Dependencies
) -> Iterator[Problem]:
    for one, others in depends_on.items():
        for other in (one, *others):
            if other not in steps:
                yield Problem(f"depends_on: {other.id!r} is not in steps: add it there too")


def _waits(steps: Sequence[sfn.IChainable], depends_on: _Dependencies) -> list[set[int]]:
    places = {one.node.path: at for at, one in enumerate(steps) if isinstance(one, ProcessingStep)}
    return [
        {
            *(steps.index(other) for other in depends_on.get(one, ())),
            *(places[path] for path in _upstream(one) if path in places),
        }
        for one in steps
    ]


def _upstream(one: sfn.IChainable) -> Iterable[str]:
    return one.upstream if isinstance(one, ProcessingStep) else ()


@dataclass(frozen=True, slots=True)
class _Maker:
    """Makes the states of a plan."""

    scope: Construct
    name: str
    steps: Sequence[sfn.IChainable]
    names: Iterator[str]
    jsonata: bool

    def make(self, one: Plan) -> sfn.IChainable:
        if isinstance(one, int):
            return self.steps[one]
        if isinstance(one, Beside):
            return self._beside(one)
        first, *others = map(self.make, one.parts)
        return reduce(sfn.Chain.next, others, sfn.Chain.start(first))

    def _beside(self, one: Beside) -> sfn.Parallel:
        keeping = [at for at, part in enumerate(one.parts) if self._keeps_results(part)]
        made = self._parallel(next(self.names), keeping)
        return made.branch(*map(self.make, one.parts))

    def _parallel(self, name: str, keeping: Sequence[int]) -> sfn.Parallel:
        """A state whose output is its input, with the results in it that branches keep."""
        id_ = f"{self.name} {name}"
        if self.jsonata:
            kept = ", ".join(f"$states.result[{at}]" for at in keeping)
            output = f"{{% $merge([{kept}]) %}}" if keeping else "{% $states.input %}"
            return sfn.Parallel.jsonata(self.scope, id_, state_name=name, outputs=output)
        if not keeping:
            discard = sfn.JsonPath.DISCARD
            return sfn.Parallel(self.scope, id_, state_name=name, result_path=discard)
        return sfn.Parallel(
            self.scope,
            id_,
            state_name=name,
            result_selector={"output": _merged([f"$[{at}]" for at in keeping])},
            output_path="$.output",
        )

    def _keeps_results(self, part: Plan) -> bool:
        if isinstance(part, int):
            step = self.steps[part]
            return isinstance(step, ProcessingStep) and step.result_name is not None
        return any(map(self._keeps_results, part.parts))


def _merged(paths: Sequence[str]) -> Any:
    """The objects of paths as one, by functions nested no deeper than need be.

    Step Functions takes ten within each other:
    https://docs.aws.amazon.com/step-functions/latest/dg/intrinsic-functions.html
    """
    if len(paths) == 1:
        return sfn.JsonPath.object_at(paths[0])
    half = len(paths) // 2
    return sfn.JsonPath.json_merge(_merged(paths[:half]), _merged(paths[half:]))
