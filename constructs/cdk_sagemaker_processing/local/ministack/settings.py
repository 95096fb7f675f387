"""What the local AWS is told: its command line, and the environment it runs MiniStack in."""

import argparse
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

REGION = "us-east-1"
ACCOUNT_ID = "000000000000"
HOST = "127.0.0.1"

_PRIVATE_PREFIXES = ("AWS_", "MINISTACK_", "LOCALSTACK_")


@dataclass(frozen=True, slots=True)
class Settings:
    """The command line of the local AWS.

    Attributes:
        port: The port of 127.0.0.1 that it answers on.
        home: The folder for everything it writes.
        enforce_iam: Whether IAM policies are enforced; it then speaks HTTPS.
        parent: A process whose end ends the local AWS, if any.
        quotas: How many instances of a type processing jobs may have at once, in each account and
            region; a type that is missing has no limit.
        keep: Whether what it holds is kept in `home`, for the next one there.
    """

    port: int
    home: Path
    enforce_iam: bool = False
    parent: int | None = None
    quotas: Mapping[str, int] = field(default_factory=dict)
    keep: bool = False

    @classmethod
    def parse(cls, arguments: Sequence[str]) -> "Settings":
        """Read a command line; a wrong one ends the process with its usage."""
        parser = argparse.ArgumentParser(
            prog="python -m cdk_sagemaker_processing.local.ministack",
            description="Run the local AWS on 127.0.0.1, in the foreground.",
        )
        parser.add_argument("--port", type=int, required=True, help="the port to answer on")
        parser.add_argument("--home", type=Path, required=True, help="the folder for its data")
        parser.add_argument("--enforce-iam", action="store_true", help="enforce IAM, over HTTPS")
        parser.add_argument("--parent", type=int, help="end when the process of this id ends")
        parser.add_argument(
            "--quota",
            type=_quota,
            action="append",
            default=[],
            metavar="TYPE=COUNT",
            help="how many instances of a type processing jobs may have at once; may be repeated",
        )
        parser.add_argument("--keep", action="store_true", help="keep what it holds in its home")
        found = parser.parse_args(arguments)
        return cls(
            port=found.port,
            home=found.home.expanduser().absolute(),
            enforce_iam=found.enforce_iam,
            parent=found.parent,
            quotas=dict(found.quota),
            keep=found.keep,
        )

    @property
    def endpoint_url(self) -> str:
        """Where AWS's clients reach it."""
        return f"{'https' if self.enforce_iam else 'http'}://{HOST}:{self.port}"

    @property
    def scratch(self) -> Path:
        """The folder for temporary files."""
        return self.home / "tmp"

    @property
    def state(self) -> Path:
        """The folder of what is kept beside S3's objects."""
        return self.home / "state"

    def environment(self, inherited: Mapping[str, str]) -> dict[str, str]:
        """Return the environment in which MiniStack is imported.

        The user's own AWS configuration stays out of it: neither MiniStack nor a function it runs
        may meet real credentials. No second port is opened, and no Docker daemon is looked for.
        """
        kept = {
            name: value
            for name, value in inherited.items()
            if not name.startswith(_PRIVATE_PREFIXES)
        }
        return kept | {
            "BIND_HOST": HOST,
            "GATEWAY_PORT": str(self.port),
            "EDGE_PORT": str(self.port),
            "MINISTACK_ACCOUNT_ID": ACCOUNT_ID,
            "MINISTACK_REGION": REGION,
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_DEFAULT_REGION": REGION,
            "AWS_REGION": REGION,
            "AWS_CONFIG_FILE": os.devnull,
            "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
            "AUTH": str(self.enforce_iam).lower(),
            "USE_SSL": str(int(self.enforce_iam)),
            "IOT_MTLS_ENABLED": "0",
            "SFTP_ENABLED": "0",
            "PERSIST_STATE": str(int(self.keep)),
            "S3_PERSIST": str(int(self.keep)),
            "S3_DATA_DIR": str(self.home / "s3"),
            "STATE_DIR": str(self.state),
            "DOCKER_HOST": f"unix://{self.home / 'no-docker'}",
            "LOG_LEVEL": "ERROR",
        }


def _quota(text: str) -> tuple[str, int]:
    kind, _, count = text.rpartition("=")
    if not kind or not count.isdecimal():
        raise argparse.ArgumentTypeError(f"'{text}' is not of the form ml.m5.xlarge=2")
    return kind, int(count)
