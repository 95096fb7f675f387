"""Edited code beside the deployed one in S3, where jobs that run again find it."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from cdk_sagemaker_processing.local.watching.changes import Edit
from cdk_sagemaker_processing.local.watching.readers import Readers

__all__ = ["EditedCode"]

# Below the deployed bundle, and in none of its channels.
_FOLDER = "edited/"
_KEYS_A_REQUEST = 1000


@dataclass(slots=True)
class EditedCode:
    """The code that was edited since it was deployed.

    The deployed objects stay as they are: their keys say what they hold.

    Args:
        s3: A boto3 client of S3.
        readers: The roles that may read it.
    """

    s3: Any
    readers: Readers
    _edits: dict[str, Edit] = field(default_factory=dict)
    _published: dict[tuple[str, str], dict[str, str]] = field(default_factory=dict)

    def take(self, edit: Edit) -> None:
        """Let jobs that run again run this, or what is deployed if that is what it is again."""
        if edit.is_deployed:
            self._edits.pop(edit.digest, None)
        else:
            self._edits[edit.digest] = edit

    def put_in(self, request: Mapping[str, Any]) -> dict[str, Any]:
        """Return a job's request with edited code in the place of deployed code.

        The code is in S3 afterwards, and the job's role may read it.

        Args:
            request: What CreateProcessingJob is asked.
        """
        role = str(request["RoleArn"])
        return {name: self._put_in(value, role) for name, value in request.items()}

    def remove(self) -> None:
        """Remove from S3 all that was put there, and from roles that they may read it."""
        self.readers.end()
        for (bucket, prefix), objects in self._published.items():
            self._delete(bucket, [f"{prefix}{_FOLDER}{name}" for name in objects])
        self._published.clear()

    def _put_in(self, value: Any, role: str) -> Any:
        if isinstance(value, Mapping):
            return {name: self._put_in(inner, role) for name, inner in value.items()}
        if isinstance(value, list):
            return [self._put_in(inner, role) for inner in value]
        return self._put_in_text(value, role) if isinstance(value, str) else value

    def _put_in_text(self, text: str, role: str) -> str:
        for digest, edit in self._edits.items():
            pattern = rf"^s3://(?P<bucket>[^/]+)/(?P<prefix>(?:.*/)?{digest}\.d/)"
            found = re.match(pattern, text)
            if found:
                self._publish(found["bucket"], found["prefix"], edit)
                place = f"{found['prefix']}{_FOLDER}"
                self.readers.let_read(role, found["bucket"], place)
                return f"{found[0]}{_FOLDER}{text[found.end() :]}"
        return text

    def _publish(self, bucket: str, prefix: str, edit: Edit) -> None:
        """Bring the edited bundle to S3, what of it is not there yet."""
        there = self._published.setdefault((bucket, prefix), {})
        wanted = {file.name: (file.digest(), file) for file in edit.files}
        for name, (digest, file) in wanted.items():
            if there.get(name) != digest:
                self._put(bucket, f"{prefix}{_FOLDER}{name}", file.path, file.content)
                there[name] = digest
        for name in edit.made:
            if name not in there:
                source = {"Bucket": bucket, "Key": f"{prefix}{name}"}
                self.s3.copy(source, bucket, f"{prefix}{_FOLDER}{name}")
                there[name] = ""
        gone = there.keys() - wanted.keys() - set(edit.made)
        self._delete(bucket, [f"{prefix}{_FOLDER}{there_no_more}" for there_no_more in gone])
        for name in gone:
            del there[name]

    def _put(self, bucket: str, key: str, path: Any, content: bytes | None) -> None:
        if content is not None:
            self.s3.put_object(Bucket=bucket, Key=key, Body=content)
        else:
            self.s3.upload_file(str(path), bucket, key)

    def _delete(self, bucket: str, keys: Iterable[str]) -> None:
        for some in _parts(list(keys)):
            objects = {"Objects": [{"Key": key} for key in some], "Quiet": True}
            self.s3.delete_objects(Bucket=bucket, Delete=objects)


def _parts(keys: list[str]) -> Iterator[list[str]]:
    for start in range(0, len(keys), _KEYS_A_REQUEST):
        yield keys[start : start + _KEYS_A_REQUEST]
