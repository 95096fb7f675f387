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

    def variables(self) -> dict[str, str]:
        """The environment variables in which AWS's tools look for credentials."""
        found = {
            "AWS_ACCESS_KEY_ID": self.access_key_id,
            "AWS_SECRET_ACCESS_KEY": self.secret_access_key,
        }
        return found | ({"AWS_SESSION_TOKEN": self.session_token} if self.session_token else {})
