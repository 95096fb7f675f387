"""Where secrets stand literally in a request: in the environment, the command or its arguments."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from cdk_sagemaker_processing.checks.expressions import literals
from cdk_sagemaker_processing.checks.jobs import member
from cdk_sagemaker_processing.checks.secrets import Secret, secret_value, secrets_in
from cdk_sagemaker_processing.checks.unknown import UNKNOWN
from cdk_sagemaker_processing.request.model import CreateProcessingJobRequest
from cdk_sagemaker_processing.request.values import TOKEN, Joined, Reference

__all__ = ["LiteralSecret", "literal_secrets", "secrets_of"]


@dataclass(frozen=True, slots=True)
class LiteralSecret:
    """A secret that stands in a request.

    Attributes:
        member: Where, such as ``Environment.DB_PASSWORD``.
        secret: What it looks like.
    """

    member: str
    secret: Secret

    def __str__(self) -> str:
        """What came and what is allowed, without the secret."""
        one = self.secret
        holds = "holds" if one.certain else "seems to hold"
        return (
            f"{self.member} {holds} {one.kind} ({one.shown}): must be no secret, but where the job "
            "finds it, such as the ARN of a secret"
        )


def literal_secrets(request: CreateProcessingJobRequest) -> list[LiteralSecret]:
    """The secrets that stand literally in a step's request.

    Values known only at run time or at deploy are taken for none.
    """
    container = request.AppSpecification
    return list(
        secrets_of(
            {
                "Environment": _plain(request.Environment),
                "AppSpecification": {
                    "ContainerEntrypoint": _plain(container.ContainerEntrypoint),
                    "ContainerArguments": _plain(container.ContainerArguments),
                },
            }
        )
    )


def secrets_of(request: Any) -> Iterator[LiteralSecret]:
    """The secrets in a request as JSON, at most one a place, the certain first.

    Args:
        request: The request, with ``UNKNOWN`` for what is not known.
    """
    for place, found in _looked_at(request):
        if found:
            yield LiteralSecret(place, max(found, key=lambda one: one.certain))


def _looked_at(request: Any) -> Iterator[tuple[str, list[Secret]]]:
    environment = member(request, "Environment")
    if isinstance(environment, Mapping):
        for name, value in environment.items():
            yield f"Environment.{name}", _under(str(name), value)
    elif isinstance(environment, str):
        yield "Environment", list(secrets_in(environment))
    for name in ("ContainerEntrypoint", "ContainerArguments"):
        words = member(request, "AppSpecification", name)
        for at, word in enumerate(words if isinstance(words, list) else [words]):
            before = words[at - 1] if at else ""
            yield f"AppSpecification.{name}[{at}]", _under(_option(before), word)


def _under(name: str, value: Any) -> list[Secret]:
    """The secrets of a value, by itself and by the name before it."""
    if not isinstance(value, str):
        return []
    named = secret_value(name, value)
    return [*([named] if named else []), *secrets_in(value)]


def _option(word: Any) -> str:
    """The option whose value the next word is; empty if it is none."""
    is_option = isinstance(word, str) and word.startswith("-") and "=" not in word
    return word if is_option else ""


def _plain(value: Any) -> Any:
    """A value of a request as JSON, with ``UNKNOWN`` for what is not known."""
    match value:
        case str():
            return TOKEN.sub(UNKNOWN, value)
        case Reference():
            return literals(value.jsonpath or value.jsonata or "")
        case Joined():
            return "".join(map(_plain, value.parts))
        case Mapping():
            return {key: _plain(one) for key, one in value.items()}
        case tuple() | list():
            return list(map(_plain, value))
    return value
