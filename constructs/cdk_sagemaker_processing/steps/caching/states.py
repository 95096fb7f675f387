"""The states around a step's own that leave its job out where an earlier success still stands."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from aws_cdk import aws_iam as iam
from aws_cdk import aws_stepfunctions as sfn

from cdk_sagemaker_processing import run_time
from cdk_sagemaker_processing.cdk.pseudo import PARTITION
from cdk_sagemaker_processing.request.rendering import (
    WrongLanguageError,
    to_arguments,
    to_parameters,
)
from cdk_sagemaker_processing.request.values import Language
from cdk_sagemaker_processing.steps.caching.expressions import Expressions
from cdk_sagemaker_processing.steps.caching.watched import Watched

__all__ = ["CachingStates", "Names", "add_states"]

_INPUT = "{% $states.input %}"
# It is no part of what States.ALL stands for.
_TOO_LARGE = "States.DataLimitExceeded"
_NOTHING_YET = {
    "At": 0,
    "After": False,
    "Count": 0,
    "Read": False,
    "Stamp": False,
    "Made": False,
    "Record": False,
    "Fresh": False,
    "Doubt": False,
}
_SUFFIXES = (
    "key",
    "known",
    "look",
    "read",
    "cached",
    "ran",
    "unchanged",
    "look again",
    "keep",
    "done",
)


@dataclass(frozen=True, slots=True)
class Names:
    """What the states and variables of a step's cache are called.

    Attributes:
        state: The name of the step's own state.
        found: The variable of what was found out.
        source: The variable of the name of the execution whose outputs count.
    """

    state: str
    found: str
    source: str

    def of(self, suffix: str) -> str:
        """The name of one of the states."""
        return f"{self.state}: {suffix}"

    def all(self) -> list[str]:
        """The names of all the states around the step's own."""
        return [self.of(suffix) for suffix in _SUFFIXES]


@dataclass(frozen=True, slots=True)
class CachingStates:
    """Where the states of a step with a cache begin and end.

    Attributes:
        start: The first.
        end: The last, whichever way was gone.
    """

    start: sfn.State
    end: sfn.Pass


class _Around(sfn.TaskStateBase):
    """A state around a step's own; what the machine's role may do in it is told with the step."""

    @property
    def _task_policies(self) -> list[iam.PolicyStatement]:
        return []

    @property
    def _task_metrics(self) -> None:
        return None


class _Key(_Around):
    """The state that fills in the request: in the step's own language, which it is written in."""

    def __init__(
        self,
        step: sfn.TaskStateBase,
        names: Names,
        watched: Watched,
        language_of: Callable[[sfn.QueryLanguage | None], Language],
    ) -> None:
        super().__init__(step, names.of("key"))
        self._names = names
        self._watched = watched
        self._language_of = language_of

    def to_state_json(
        self, top_level_query_language: sfn.QueryLanguage | None = None
    ) -> Mapping[str, Any]:
        language = self._language_of(top_level_query_language)
        members = {
            **self._watched.members(),
            **_NOTHING_YET,
            "Name": run_time.EXECUTION_NAME,
            "Until": len(self._watched.inputs),
        }
        assigned = {self._names.found: members, self._names.source: run_time.EXECUTION_NAME}
        fill = to_arguments if language == "JSONata" else to_parameters
        try:
            assign = fill(assigned)
        except WrongLanguageError:
            # The step's own state, which comes after, tells it by the step's path.
            assign = {}
        return {
            **self._render_next_end(),
            "Type": "Pass",
            **({"QueryLanguage": language} if language == "JSONata" else {}),
            "Comment": _comment("what it would do, and where to look", self._names),
            "Assign": assign,
        }


class _Ask(_Around):
    """A state that asks S3, hands its input on, and goes on elsewhere on any error."""

    def __init__(
        self,
        step: sfn.TaskStateBase,
        name: str,
        body: Mapping[str, Any],
        handler: sfn.IChainable,
        assigned_on_error: Mapping[str, Any] | None,
    ) -> None:
        super().__init__(step, name)
        self._body = body
        self._on_error = {
            **({"Assign": assigned_on_error} if assigned_on_error else {}),
            "Output": _INPUT,
        }
        self.add_catch(handler, errors=[_TOO_LARGE])
        self.add_catch(handler)

    def to_state_json(
        self,
        top_level_query_language: sfn.QueryLanguage | None = None,  # noqa: ARG002 # the CDK's
    ) -> Mapping[str, Any]:
        # The CDK leaves a catcher's Output out where the machine is JSONPath.
        catchers = [
            {"ErrorEquals": one["ErrorEquals"], "Next": one["Next"], **self._on_error}
            for one in self._render_retry_catch()["Catch"]
        ]
        return {
            **self._render_next_end(),
            "Type": "Task",
            "QueryLanguage": "JSONata",
            **self._body,
            "Output": _INPUT,
            "Catch": catchers,
        }


def add_states(
    step: sfn.TaskStateBase,
    names: Names,
    *,
    watched: Watched,
    expressions: Expressions,
    bucket: str,
    language_of: Callable[[sfn.QueryLanguage | None], Language],
) -> CachingStates:
    """Put the states around a step's own, which goes on with one of them.

    Args:
        step: The step.
        names: What they are called.
        watched: What they compare and look at.
        expressions: What they compute.
        bucket: The bucket of the records.
        language_of: The query language of the step's own state, by that of the
            machine's top level.
    """
    made = _Maker(step, names, expressions, bucket)
    end = made.passing("done", "the end of both ways", {names.found: False})
    after = made.after(end)
    step.next(after)
    before = made.before(end)
    key = _Key(step, names, watched, language_of)
    key.next(before)
    return CachingStates(key, end)


@dataclass(frozen=True, slots=True)
class _Maker:
    """Makes the states of one step's cache."""

    step: sfn.TaskStateBase
    names: Names
    write: Expressions
    bucket: str

    def before(self, end: sfn.Pass) -> sfn.State:
        """The states up to the job, or past it."""
        known = self.choice("known", "whether an earlier success still stands")
        look = self.look("look", self.step)
        read = self.ask(
            "read",
            "getObject",
            "the record of an earlier success",
            {
                "Arguments": {"Bucket": self.bucket, "Key": self.write.key(before=True)},
                "Assign": {self.names.found: self.write.remembered},
            },
            self.step,
        )
        cached = self.passing(
            "cached",
            "an earlier success stands for this one",
            {self.names.source: self.write.source},
            self.write.cached_output,
        )
        _when(known, self.write.in_doubt, self.step)
        _when(known, self.write.more_to_list, look)
        _when(known, self.write.no_record, read)
        _when(known, self.write.same_outputs, cached)
        known.otherwise(self.step)
        look.next(known)
        read.next(known)
        cached.next(end)
        return known

    def after(self, end: sfn.Pass) -> sfn.State:
        """The states from the job's success on."""
        ran = self.passing(
            "ran",
            "look at all once more",
            {self.names.found: self.write.afresh},
            self.write.ran_output,
        )
        unchanged = self.choice("unchanged", "whether the job read what was seen before it")
        look = self.look("look again", end)
        record = {
            "Bucket": self.bucket,
            "Key": self.write.key(before=False),
            "Body": self.write.record,
            "ContentType": "application/json",
        }
        keep = self.ask(
            "keep", "putObject", "the record of this success", {"Arguments": record}, end
        )
        _when(unchanged, self.write.in_doubt, end)
        _when(unchanged, self.write.more_to_list, look)
        _when(unchanged, self.write.same_inputs, keep)
        unchanged.otherwise(end)
        ran.next(unchanged)
        look.next(unchanged)
        keep.next(end)
        return ran

    def look(self, suffix: str, in_doubt: sfn.IChainable) -> _Ask:
        """A state that lists a page of what lies in a place."""
        body = {
            "Arguments": self.write.list_arguments,
            "Assign": {self.names.found: self.write.listed},
        }
        doubted = {self.names.found: self.write.doubted}
        return self.ask(
            suffix, "listObjectsV2", "a page of what lies in a place", body, in_doubt, doubted
        )

    def ask(  # noqa: PLR0917 # as a state reads
        self,
        suffix: str,
        action: str,
        what: str,
        body: Mapping[str, Any],
        handler: sfn.IChainable,
        assigned_on_error: Mapping[str, Any] | None = None,
    ) -> _Ask:
        """A state that asks S3."""
        said = {
            "Comment": _comment(what, self.names),
            "Resource": f"arn:{PARTITION}:states:::aws-sdk:s3:{action}",
            **body,
        }
        return _Ask(self.step, self.names.of(suffix), said, handler, assigned_on_error)

    def passing(
        self, suffix: str, what: str, assign: Mapping[str, Any], outputs: str | None = None
    ) -> sfn.Pass:
        """A state that sets variables."""
        return sfn.Pass.jsonata(
            self.step,
            self.names.of(suffix),
            comment=_comment(what, self.names),
            assign=assign,
            outputs=outputs,
        )

    def choice(self, suffix: str, what: str) -> sfn.Choice:
        """A state that chooses a way."""
        return sfn.Choice.jsonata(
            self.step, self.names.of(suffix), comment=_comment(what, self.names)
        )


def _when(choice: sfn.Choice, condition: str, following: sfn.IChainable) -> None:
    choice.when(sfn.Condition.jsonata(condition), following)


def _comment(what: str, names: Names) -> str:
    return f"Cache of {names.state}: {what}"
