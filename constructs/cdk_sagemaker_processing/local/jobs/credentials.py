"""Temporary credentials of a role."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Credentials:
    """What STS gives to whoever assumes a role.

    Attributes:
        access_key_id: The access key's name.
        secret_access_key: Its secret.
        session_token: The session's token; None for a user's own key.
    """

    access_key_id: str
    secret_access_key: str = field(repr=False)
    session_token: str | None = field(default=None, repr=False)
