"""What the states of a step's cache compute, in JSONata.

All of them read and set one variable, here ``$C``: what `Watched.members`
gives, and besides

- ``At``, ``Until``: which place is listed, counted over inputs, then outputs,
  and at which listing ends;
- ``After``, ``Count``: the last key listed there, and how many;
- ``Name``: the execution whose outputs are looked at;
- ``Read``, ``Made``: hashes of what was listed of inputs and outputs;
  ``Stamp``: one of the inputs that holds when they were written, too;
- ``Before``: ``Read`` and ``Stamp`` from before the job;
- ``Record``, ``Fresh``: what was kept of an earlier success, and whether it is
  young enough;
- ``Doubt``: why nothing can be said.

What is not there yet is ``false``.

An expression that fails in a Task is caught, one in a Pass or a Choice is not:
those of the latter cannot fail.
"""

from typing import Any

from cdk_sagemaker_processing.request.rendering import expression

__all__ = ["MOST_OBJECTS", "VERSION", "Expressions"]

VERSION = 1
MOST_OBJECTS = 1000
"""How many objects may lie below the URI of an input or an output."""

# A task's result has at most 256 KiB, and each object is told in up to about 1,250 bytes: a key
# has up to 1,024. https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html
_PAGE = 200

_PLACE = """(
    $n := $count($C.Inputs);
    $o := $C.Outputs[$C.At - $n];
    $uri := $o.Before & $C.Name & $o.After;
    $C.At < $n ? $C.Inputs[$C.At] : $substring($uri, -1) = '/' ? $uri : $uri & '/'
)"""

_PREFIX = "($contains($rest, '/') ? $substringAfter($rest, '/') : '')"

_LIST = f"""(
    $rest := $substringAfter({_PLACE}, '://');
    $merge([
        {{'Bucket': $substringBefore($rest, '/'), 'Prefix': {_PREFIX}, 'MaxKeys': {_PAGE}}},
        $C.After = false ? {{}} : {{'StartAfter': $C.After}}
    ])
)"""

_LISTED = f"""(
    $rest := $substringAfter({_PLACE}, '://');
    $cut := $length({_PREFIX});
    $objects := [$states.result.Contents];
    $more := $states.result.IsTruncated;
    $total := $C.Count + $count($objects);
    $page := $string([$C.At, [$map($objects, function($one) {{
        [$substring($one.Key, $cut), $one.ETag, $one.Size]
    }})]]);
    $times := $string([$map($objects, function($one) {{ $one.LastModified }})]);
    $input := $C.At < $count($C.Inputs);
    $merge([$C, {{
        'At': $more ? $C.At : $C.At + 1,
        'After': $more ? $objects[-1].Key : false,
        'Count': $more ? $total : 0,
        'Read': $input ? $hash($C.Read & $page, 'SHA-256') : $C.Read,
        'Stamp': $input ? $hash($C.Stamp & $times, 'SHA-256') : $C.Stamp,
        'Made': $input ? $C.Made : $hash($C.Made & $page, 'SHA-256'),
        'Doubt': $total > {MOST_OBJECTS} ? 'more than {MOST_OBJECTS} objects in a place'
            : $type($more) != 'boolean' or ($more and $count($objects) = 0) ? 'a listing of no end'
            : $C.Doubt
    }}])
)"""

_PLACES = "$count($C.Inputs) + $count($C.Outputs)"

_REMEMBERED = f"""(
    $parsed := $parse($states.result.Body);
    $read := $type($parsed) = 'string' ? $parse($parsed) : $parsed;
    $record := $type($read) = 'object' ? $read : $error('no record');
    $age := ($millis() - $record.Time) / 1000;
    $fresh := $record.Version = {VERSION} and $age >= 0 and $age < $SECONDS
        and $type($record.Name) = 'string' and $type($record.Made) = 'string'
        and $RESULT;
    $merge([$C, {{
        'Record': $record,
        'Fresh': $fresh,
        'Name': $fresh ? $record.Name : $C.Name,
        'At': $count($C.Inputs),
        'Until': $fresh ? {_PLACES} : $count($C.Inputs),
        'After': false,
        'Count': 0
    }}])
)"""

_AFRESH = f"""$merge([$C, {{
    'Before': {{'Read': $C.Read, 'Stamp': $C.Stamp}},
    'Name': $states.context.Execution.Name,
    'At': 0, 'Until': {_PLACES}, 'After': false, 'Count': 0,
    'Read': false, 'Stamp': false, 'Made': false, 'Record': false
}}])"""

_HASH = "$hash($string([$C.Request, $C.Fallbacks, $C.Outputs]) & $KEYED, 'SHA-256')"

# An argument that only the run knew may be a place that the script reads by itself.
_UNSEEN = (
    "$count($match($string([$C.Request.AppSpecification, $C.Request.Environment]), "
    "/s3a?:\\/\\//)) > $SEEN"
)


class Expressions:
    """The expressions of one step's cache.

    Args:
        variable: The variable's name, without its ``$``.
        seconds: For how long a success is remembered.
        records: The prefix of the keys of records.
        seen: How many S3 URIs there are in the arguments and the environment
            that the cache looks at itself.
        result_name: Under which name of the state's output the result goes.
    """

    def __init__(
        self, variable: str, *, seconds: int, records: str, seen: int, result_name: str | None
    ) -> None:
        self._variable = variable
        # A record may be of before the step had a result_name.
        has_result = "true" if result_name is None else "$type($record.Result) = 'object'"
        self._values = {"$SECONDS": str(seconds), "$SEEN": str(seen), "$RESULT": has_result}
        self._records = records
        self._result_name = result_name

    def _written(self, template: str) -> str:
        for name, value in {**self._values, "$C": f"${self._variable}"}.items():
            template = template.replace(name, value)
        return f"{{% {' '.join(template.split())} %}}"

    @property
    def list_arguments(self) -> str:
        """What a page of the place at hand is asked for by."""
        return self._written(_LIST)

    @property
    def listed(self) -> str:
        """The variable once a page is there."""
        return self._written(_LISTED)

    @property
    def remembered(self) -> str:
        """The variable once a record is there: next come its outputs, if it is young enough."""
        return self._written(_REMEMBERED)

    @property
    def afresh(self) -> str:
        """The variable after the job: everything is looked at once more."""
        return self._written(_AFRESH)

    @property
    def doubted(self) -> str:
        """The variable after an error."""
        return self._written("$merge([$C, {'Doubt': $states.errorOutput.Error}])")

    @property
    def in_doubt(self) -> str:
        """Whether nothing can be said."""
        return self._written(f"$C.Doubt != false or {_UNSEEN}")

    @property
    def more_to_list(self) -> str:
        """Whether there is a page or a place left."""
        return self._written("$C.At < $C.Until")

    @property
    def no_record(self) -> str:
        """Whether no record was read yet."""
        return self._written("$C.Record = false")

    @property
    def same_outputs(self) -> str:
        """Whether the outputs of a young record are as they were."""
        return self._written("$C.Fresh and $C.Made = $C.Record.Made")

    @property
    def same_inputs(self) -> str:
        """Whether the inputs are those from before the job, and none was written meanwhile."""
        return self._written("$C.Read = $C.Before.Read and $C.Stamp = $C.Before.Stamp")

    def key(self, *, before: bool) -> str:
        """The key of the record of this request and these inputs.

        Args:
            before: Whether the inputs are those of before the job.
        """
        digest = "$C.Read" if before else "$C.Before.Read"
        hashed = _HASH.replace("$KEYED", digest)
        prefix = expression(self._records, "JSONata")
        return self._written(f"{prefix} & {hashed} & '.json'")

    @property
    def record(self) -> dict[str, Any]:
        """What is kept of a success."""
        kept = {
            "Version": VERSION,
            "Run": "{% $states.context.Execution.Id %}",
            "Name": "{% $states.context.Execution.Name %}",
            "Time": "{% $millis() %}",
            "Made": self._written("$C.Made"),
        }
        if self._result_name is not None:
            kept["Result"] = f"{{% {self._result} %}}"
        return kept

    @property
    def source(self) -> str:
        """The name of the execution that a record is of."""
        return self._written("$C.Record.Name")

    @property
    def cached_output(self) -> str:
        """The state's output where the job is left out."""
        if self._result_name is None:
            return "{% $states.input %}"
        return self._written(
            f"$merge([$states.input, {{'{self._result_name}': "
            "$merge([$C.Record.Result, {'CachedFrom': $C.Record.Run}])}])"
        )

    @property
    def ran_output(self) -> str:
        """The state's output where the job ran."""
        if self._result_name is None:
            return "{% $states.input %}"
        return (
            f"{{% $merge([$states.input, {{'{self._result_name}': "
            f"$merge([{self._result}, {{'CachedFrom': null}}])}}]) %}}"
        )

    @property
    def _result(self) -> str:
        return f"$lookup($states.input, '{self._result_name}')"
