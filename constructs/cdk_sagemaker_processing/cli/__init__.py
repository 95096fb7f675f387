"""The command `sagemaker-processing`."""

import signal


def main() -> None:
    """Run the command line; the entry point of `sagemaker-processing`."""
    # Until a command has begun there is nothing to end, and nobody to show a traceback to.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    try:
        from cdk_sagemaker_processing.cli.app import app  # noqa: PLC0415 - needs the `local` extra
    except ModuleNotFoundError as error:
        raise SystemExit(
            f"sagemaker-processing needs {error.name}, which is not installed: "
            "pip install 'cdk-sagemaker-processing[local]'",
        ) from error
    app()
