"""What goes wrong between a person and what is deployed, in one line with the way out."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import ClassVar

from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectionError,  # noqa: A004 - botocore's, which is none of Python's
    CredentialRetrievalError,
    HTTPClientError,
    NoCredentialsError,
    NoRegionError,
    PartialCredentialsError,
    ProfileNotFound,
    SSOError,
    TokenRetrievalError,
)

__all__ = ["DeployedError", "explain", "explained", "is_denied"]

_EXPIRED = ("ExpiredToken", "ExpiredTokenException", "RequestExpired")
_UNKNOWN = (
    "AuthFailure",
    "InvalidClientTokenId",
    "InvalidSignatureException",
    "SignatureDoesNotMatch",
    "UnrecognizedClientException",
)
_DENIED = ("AccessDenied", "AccessDeniedException", "UnauthorizedOperation")
_ACTION = re.compile(r"\b[a-z][a-z0-9-]*:[A-Z]\w+")
_SIGN_IN = "sign in again (such as by `aws sso login`)"


class DeployedError(Exception):
    """What is deployed cannot be found, asked or changed.

    The message's first line says what came and the way out; further lines, if any, are the last
    lines of a log.
    """

    allowed_by: ClassVar[str] = "whoever administers the account can allow it"
    """Who can allow what AWS denied, and how."""


@contextmanager
def explained(kind: type[DeployedError] = DeployedError) -> Iterator[None]:
    """Raise what AWS refuses in the block as an error for a person to read.

    Args:
        kind: The error to raise.

    Raises:
        DeployedError: If a call of AWS fails.
    """
    try:
        yield
    except (BotoCoreError, ClientError) as error:
        raise kind(explain(error, kind.allowed_by)) from error


def is_denied(error: ClientError) -> bool:
    """Whether AWS refused a call for want of a permission."""
    return error.response["Error"]["Code"] in _DENIED


def explain(error: BotoCoreError | ClientError, allowed_by: str = DeployedError.allowed_by) -> str:
    """Return what is wrong and the way out, as one line.

    Args:
        error: What boto3 raised.
        allowed_by: Who can allow what AWS denied, and how.
    """
    if isinstance(error, ClientError):
        said = _client_error(error, allowed_by)
    else:
        said = _botocore_error(error)
    return " ".join(said.split())


def _client_error(error: ClientError, allowed_by: str) -> str:
    code = error.response["Error"]["Code"]
    message = error.response["Error"].get("Message", "")
    if code in _EXPIRED:
        return f"the AWS credentials have expired: {_SIGN_IN}"
    if code in _UNKNOWN:
        return f"AWS does not take these credentials ({code}): look at the profile and the region"
    if is_denied(error):
        # A denial of PassRole comes as one of RunTask, and only its message names it.
        named = "" if _ACTION.search(message) else f"{error.operation_name}: "
        return f"not allowed: {named}{message.rstrip('.')}: {allowed_by}"
    return f"{error.operation_name}: {message or code}"


def _botocore_error(error: BotoCoreError) -> str:
    if isinstance(error, NoCredentialsError | PartialCredentialsError):
        return "no AWS credentials were found: sign in, or name a profile by --profile"
    if isinstance(error, NoRegionError):
        return "no region is set: name one by --region"
    if isinstance(error, ProfileNotFound):
        return f"{error}: `aws configure list-profiles` tells those there are"
    if isinstance(error, SSOError | TokenRetrievalError | CredentialRetrievalError):
        return f"the AWS credentials cannot be renewed ({error}): {_SIGN_IN}"
    if isinstance(error, ConnectionError | HTTPClientError):
        return f"AWS cannot be reached: {error}"
    return str(error)
