"""Which files of a folder are likely to hold secrets, told by their names.

The list is what signatures of secret scanners agree on that is a secret by its name alone
(https://github.com/michenriksen/gitrob/blob/master/filesignatures.json), the folders in which
command lines keep credentials, and repositories, whose history holds what was ever in them.
Names alone, but for JSON: a key of a Google Cloud service account may have any name.
"""

import json
import os
import re
from fnmatch import translate
from pathlib import Path

__all__ = ["may_hold_secrets"]

_FOLDERS = frozenset({".aws", ".azure", ".git", ".gnupg", ".hg", ".kube", ".ssh", ".svn"})
_IN_FOLDERS = frozenset({(".docker", "config.json"), ("gcloud", "credentials.db")})
_FILES = (
    # Variables of an environment.
    ".env",
    ".env.*",
    ".envrc",
    "*.tfvars",
    # Keys and the stores that hold them.
    "*.jks",
    "*.kdb",
    "*.kdbx",
    "*.key",
    "*.keypair",
    "*.keystore",
    "*.p12",
    "*.p8",
    "*.pem",
    "*.pfx",
    "*.pkcs12",
    "*.ppk",
    "*.psafe3",
    "*_dsa",
    "*_ecdsa",
    "*_ed25519",
    "*_rsa",
    "id_dsa*",
    "id_ecdsa*",
    "id_ed25519*",
    "id_rsa*",
    # What programs log in with.
    ".boto",
    ".dockercfg",
    ".git-credentials",
    ".htpasswd",
    ".netrc",
    ".npmrc",
    ".pgpass",
    ".pypirc",
    ".s3cfg",
    "_netrc",
    "application_default_credentials.json",
    "credentials.json",
)
# Made to be shown: templates of the former and public halves of keys; and Python's own.
_SHOWN = ("*.dist", "*.example", "*.pub", "*.py", "*.sample", "*.template")
_HOLDS_SECRETS = re.compile("|".join(map(translate, _FILES)))
_IS_SHOWN = re.compile("|".join(map(translate, _SHOWN)))
# Such a key has about 2,300 characters.
_LONGEST_ACCOUNT_KEY = 16_384


def may_hold_secrets(path: Path, root: Path) -> bool:
    """Whether a file or folder is one that nobody means to upload, by its own name or its link's.

    Args:
        path: What lies in the folder.
        root: The folder, resolved: its name and those below it count, of what
            a link leads to as well.
    """
    names = [root.name, path.parent.name, path.name]
    if path.is_symlink():
        names += Path(os.path.relpath(os.path.realpath(path), root)).parts
    names = [one.casefold() for one in names]
    return (
        not _FOLDERS.isdisjoint(names)
        or tuple(names[-2:]) in _IN_FOLDERS
        or any(map(_is_secret, (path.name.casefold(), names[-1])))
        or (names[-1].endswith(".json") and _is_account_key(path))
    )


def _is_secret(name: str) -> bool:
    return bool(_HOLDS_SECRETS.match(name)) and not _IS_SHOWN.match(name)


def _is_account_key(path: Path) -> bool:
    """Whether a file is a key of a Google Cloud service account.

    Source: https://cloud.google.com/iam/docs/keys-create-delete
    """
    if not path.is_file() or path.stat().st_size > _LONGEST_ACCOUNT_KEY:
        return False
    try:
        held = json.loads(path.read_bytes())
    except ValueError:
        return False
    is_account = isinstance(held, dict) and held.get("type") == "service_account"
    return is_account and "private_key" in held
