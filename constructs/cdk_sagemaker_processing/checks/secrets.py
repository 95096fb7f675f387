"""Which text looks like a secret: keys and tokens by their form, passwords by their name.

Two degrees. *Certain* is what an issuer gives a form that nothing else has:
keys of AWS, private keys, tokens with an issuer's prefix. *Likely* is what
only its surroundings tell: a password inside a URL, a random value under a
name such as ``DB_PASSWORD``.

Forms are those that the issuers document; where they don't, those of the
scanners gitleaks and detect-secrets, neither of which can look at a request
instead of a file.
"""

import math
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from cdk_sagemaker_processing.checks.unknown import UNKNOWN, is_known

__all__ = ["Secret", "is_secret_name", "secret_value", "secrets_in"]


@dataclass(frozen=True, slots=True)
class Secret:
    """Something in a text that looks like a secret.

    Attributes:
        kind: What it looks like, such as "an AWS access key".
        certain: Whether nothing else has this form.
        shown: What may be said of it: never more than an issuer's prefix.
    """

    kind: str
    certain: bool
    shown: str


@dataclass(frozen=True, slots=True)
class _Form:
    kind: str
    pattern: re.Pattern[str]
    certain: bool = True


def _form(kind: str, pattern: str, *, certain: bool = True) -> _Form:
    return _Form(kind, re.compile(pattern), certain)


# A group named `shown` is the issuer's prefix, the same for all its secrets.
_FORMS = (
    # https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-unique-ids
    _form(
        "an AWS access key", r"(?<![A-Za-z0-9])(?P<shown>A(?:KIA|SIA))[A-Z2-7]{16}(?![A-Za-z0-9])"
    ),
    # https://www.rfc-editor.org/rfc/rfc7468; PGP: rfc9580; PuTTY: its manual, appendix C
    _form("a private key", r"(?P<shown>-----BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY(?: BLOCK)?-----)"),
    _form("a private key", r"(?P<shown>PuTTY-User-Key-File-\d)"),
    # https://github.blog/engineering/platform-security/behind-githubs-new-authentication-token-formats/
    _form("a GitHub token", r"\b(?P<shown>gh[oprsu]_)[A-Za-z0-9]{36,}\b"),
    _form("a GitHub token", r"\b(?P<shown>github_pat_)[A-Za-z0-9_]{36,}\b"),
    # https://docs.gitlab.com/security/tokens/#token-prefixes
    _form("a GitLab token", r"\b(?P<shown>gl(?:pat|dt|rt|cbt|ptt|ft|soat)-)[A-Za-z0-9_-]{20,}"),
    # https://docs.slack.dev/authentication/tokens
    _form("a Slack token", r"\b(?P<shown>xox[abeprs]-)[A-Za-z0-9-]{20,}"),
    _form("a Slack webhook", r"(?P<shown>hooks\.slack\.com/services/)T\w+/B\w+/\w{16,}"),
    # https://docs.stripe.com/keys
    _form("a Stripe key", r"\b(?P<shown>[rs]k_live_)[A-Za-z0-9]{16,}\b"),
    # Scanners' forms from here on: the issuers document only the prefixes.
    _form("an Anthropic key", r"\b(?P<shown>sk-ant-[a-z]+\d\d-)[\w-]{40,}"),
    _form("an OpenAI key", r"\b(?P<shown>sk-)(?:[a-z]+-)?[\w-]{16,100}T3BlbkFJ[\w-]{16,}"),
    _form("a Google API key", r"\b(?P<shown>AIza)[\w-]{35}(?![\w-])"),
    _form("a Hugging Face token", r"\b(?P<shown>hf_)[A-Za-z0-9]{34}\b"),
    _form("a Databricks token", r"\b(?P<shown>dapi)[0-9a-f]{32}(?:-\d)?\b"),
    _form("a PyPI token", r"\b(?P<shown>pypi-AgE)[\w-]{50,}"),
    _form("an npm token", r"\b(?P<shown>npm_)[A-Za-z0-9]{36}\b"),
    _form("a SendGrid key", r"\b(?P<shown>SG\.)[\w-]{22}\.[\w-]{43}(?![\w-])"),
    # https://learn.microsoft.com/azure/storage/common/storage-configure-connection-string
    _form("an Azure storage key", r"(?P<shown>AccountKey=)[A-Za-z0-9+/]{86}=="),
    # https://www.rfc-editor.org/rfc/rfc7519: two objects of JSON in base64url, and a signature.
    _form(
        "a JSON Web Token", r"\b(?P<shown>eyJ)[\w-]{8,}\.eyJ[\w-]{8,}\.[\w-]{16,}", certain=False
    ),
    # https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/dynamic-references.html:
    # CloudFormation puts the value in its place, where everybody who may read the definition is.
    _form(
        "a secret that CloudFormation writes out",
        r"(?P<shown>\{\{resolve:(?:secretsmanager|ssm-secure):)",
        certain=False,
    ),
)
_URL = re.compile(
    rf"\b[a-z][a-z0-9+.-]{{1,30}}://[^\s/:@'\"]*:(?P<password>[^\s/@'\"{UNKNOWN}]{{3,}})@"
)
# AWS's own example keys, and what stands for a value that somebody shall fill in.
_EXAMPLE = re.compile(r"EXAMPLE")
_PLACEHOLDER = re.compile(
    r"^(?:[<{%].*|\$[({]?[A-Za-z_].*|\*+|x+|pass(?:word|wd)?|secret|token|changeme|null|none)$"
    r"|example|placeholder|your[-_]|dummy|redacted",
    re.IGNORECASE,
)
# "name=value" and "name: value" within a text, as in a connection string or in JSON.
_PAIR = re.compile(
    r"(?<![\w.-])-{0,2}(?P<name>[A-Za-z][\w.-]*)[\"']?\s*[=:]\s*[\"']?(?P<value>[^\s\"',;&]+)"
)

# https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_access-keys.html
_AWS_SECRET = re.compile(r"[A-Za-z0-9/+]{40}")
_AWS_SECRET_NAME = re.compile(
    r"secret[._-]?access[._-]?key|aws.*secret|\.s3a?\.secret", re.IGNORECASE
)

_WORD = re.compile(r"[A-Z]+(?![a-z])\d*|[A-Z]?[a-z]+\d*")
_NUMBERED = re.compile(r"(?<=[a-z]{2})\d+$")
_PASSWORD = ("password", "passwd", "passphrase", "pwd")
_SECRET = ("secret", "secrets", "token", "credential", "credentials")
_KEY = ("key", "apikey", "secretkey", "accesskey", "privatekey", "accountkey", "authkey")
# Words that make of a key one that a table, a bucket or a mapping has.
_OTHER_KEYS = frozenset(
    {"cache", "column", "foreign", "group", "hash", "index", "join", "kms", "object", "partition"}
    | {"primary", "public", "range", "row", "s3", "sort", "surrogate", "tag"}
)
# Last words of names that say where a secret is, or what it is like, not what it is.
_ABOUT = frozenset(
    {"age", "alias", "arn", "bucket", "class", "column", "count", "dir", "endpoint", "expiry"}
    | {"field", "file", "format", "header", "host", "id", "length", "limit", "location", "manager"}
    | {"max", "mode", "name", "names", "parameter", "path", "policy", "prefix", "provider"}
    | {"region", "rotation", "size", "store", "suffix", "table", "ttl", "type", "uri", "url"}
    | {"user", "username", "version"}
)
# Where a secret is: an ARN, a path, the name of a parameter, a URI.
_SAFE_START = re.compile(r"arn:|[./~]|[a-z][a-z0-9+.-]*://")
_PLAIN_SEGMENT = re.compile(r"[A-Za-z]*|\d{1,4}|[A-Za-z]{1,4}\d{1,4}")
_SEGMENTS = re.compile(r"[-_./:@+ ]")
_PASSWORD_LENGTH = 8
_TOKEN_LENGTH = 16
# Bits a character: 16 random hex digits have about 3.3, English words in a row less than 3.
_ENTROPY = 3.0
_CLASSES = (str.islower, str.isupper, str.isdigit, lambda one: not one.isalnum())


def secrets_in(text: str) -> Iterator[Secret]:
    """The secrets in a text, by their forms and by the names beside them.

    Args:
        text: The text; what is not known at synth stands in it as ``UNKNOWN``.
    """
    forms = list(_by_form(text))
    yield from forms
    # What an issuer's form tells needs no second word.
    if not forms:
        pairs = _PAIR.finditer(text)
        yield from filter(None, (secret_value(one["name"], one["value"]) for one in pairs))


def secret_value(name: str, value: str) -> Secret | None:
    """The secret that a whole value is by its name; None if it is none.

    Args:
        name: The name of a variable or option, such as ``DB_PASSWORD`` or
            ``--api-key``.
        value: What stands under it.
    """
    if not is_known(value) or not is_secret_name(name) or _PLACEHOLDER.search(value):
        return None
    if _AWS_SECRET_NAME.search(name) and _AWS_SECRET.fullmatch(value) and _is_random(value):
        return Secret("an AWS secret access key", certain=True, shown=_length(value))
    if _SAFE_START.match(value):
        return None
    words = _words(name)
    if any(one.endswith(_PASSWORD) for one in words) and _is_password(value):
        return Secret("a password", certain=False, shown=_length(value))
    if _is_random(value):
        return Secret("a secret", certain=False, shown=_length(value))
    return None


def is_secret_name(name: str) -> bool:
    """Whether what stands under a name should be a secret.

    >>> is_secret_name("DB_PASSWORD"), is_secret_name("--apiKey"), is_secret_name("SECRET_ARN")
    (True, True, False)
    """
    words = _words(name)
    if not words or words[-1] in _ABOUT:
        return False
    if any(one.endswith(_PASSWORD) or one in _SECRET or one.endswith("token") for one in words):
        return True
    return any(one in _KEY for one in words) and not _OTHER_KEYS & {*words}


def _by_form(text: str) -> Iterator[Secret]:
    for form in _FORMS:
        for found in form.pattern.finditer(text):
            if not _EXAMPLE.search(found[0]):
                shown = f"{found['shown']}…"
                yield Secret(form.kind, form.certain, shown)
    for found in _URL.finditer(text):
        if not _PLACEHOLDER.search(found["password"]):
            yield Secret("a password in a URL", certain=False, shown=_length(found["password"]))


def _words(name: str) -> list[str]:
    return [_NUMBERED.sub("", one.lower()) for one in _WORD.findall(name)]


def _is_name(value: str) -> bool:
    """Whether the value reads like a name, such as that of a secret: prod-db-password."""
    return all(_PLAIN_SEGMENT.fullmatch(one) for one in _SEGMENTS.split(value))


def _is_password(value: str) -> bool:
    kinds = sum(any(map(one, value)) for one in _CLASSES)
    return len(value) >= _PASSWORD_LENGTH and kinds >= len(_CLASSES) - 1 and not _is_name(value)


def _is_random(value: str) -> bool:
    has_both = any(map(str.isalpha, value)) and any(map(str.isdigit, value))
    is_long = len(value) >= _TOKEN_LENGTH and not any(map(str.isspace, value))
    return is_long and has_both and not _is_name(value) and _entropy(value) >= _ENTROPY


def _entropy(text: str) -> float:
    """Shannon's entropy in bits a character."""
    shares = (count / len(text) for count in Counter(text).values())
    return -sum(share * math.log2(share) for share in shares)


def _length(value: str) -> str:
    return f"{len(value)} characters"
