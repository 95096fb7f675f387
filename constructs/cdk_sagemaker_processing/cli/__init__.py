"""The command `sagemaker-processing`."""


def main() -> None:
    """Run the command line; the entry point of `sagemaker-processing`."""
    try:
        from cdk_sagemaker_processing.cli.app import app  # noqa: PLC0415 - needs the `local` extra
    except ModuleNotFoundError as error:
        raise SystemExit(
            f"sagemaker-processing needs {error.name}, which is not installed: "
            "pip install 'cdk-sagemaker-processing[local]'",
        ) from error
    app()
