"""What the local cloud raises when it cannot go on."""


class LocalCloudError(Exception):
    """The local cloud cannot start, deploy or run.

    The message's first line says what came and the way out; further lines, if any, are the last
    lines that the failed program wrote.
    """
