"""How what is not known at synth stands in a text that is looked at."""

__all__ = ["REPOSITORY", "UNKNOWN", "is_known", "readable"]

# Characters for private use, so in no text that anybody writes.
UNKNOWN = "\ue000"
# The name of an image repository in the same template: unknown, but surely with no tag in it.
REPOSITORY = "\ue001"


def is_known(text: str) -> bool:
    """Whether all of a text is known at synth."""
    return UNKNOWN not in text and REPOSITORY not in text


def readable(text: str) -> str:
    """The text for people: an ellipsis for what is not known."""
    return text.replace(UNKNOWN, "…").replace(REPOSITORY, "…")
