import pytest

from cdk_sagemaker_processing.local.jobs.spark.arguments import Arguments, parse
from cdk_sagemaker_processing.local.jobs.spark.failures import SubmitError


def test_options_stand_before_the_application() -> None:
    """Everything after the application is the application's, options too."""
    words = ["--class", "a.Main", "--jars=x.jar", "-v", "--local-spark-event-logs-dir", "/e/"]
    assert parse([*words, "app.jar", "--jars", "y", "-v"]) == Arguments(
        app="app.jar",
        app_arguments=("--jars", "y", "-v"),
        main_class="a.Main",
        jars="x.jar",
        event_logs_dir="/e/",
        verbose=True,
    )


def test_the_rest_of_the_options_are_known() -> None:
    """The container's whole list of options."""
    words = ["--py-files", "p", "--files", "f", "--spark-event-logs-s3-uri", "s3://b", "--verbose"]
    found = parse([*words, "--", "app.py"])
    assert (found.py_files, found.files, found.event_logs_s3_uri) == ("p", "f", "s3://b")
    assert found.verbose
    assert found.app == "app.py"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--conf", "a=b", "app.py"], "no such option: --conf"),
        (["--master", "local", "app.py"], "no such option: --master"),
        (["--jars"], "option --jars requires an argument"),
        (["-v"], "missing parameter: app"),
        ([], "missing parameter: app"),
    ],
)
def test_what_the_container_refuses_is_refused(words: list[str], said: str) -> None:
    """--conf and every other option of spark-submit is no option of smspark-submit."""
    with pytest.raises(SubmitError, match=said) as refused:
        parse(words)
    assert refused.value.exit_code == 1
    assert "Couldn't parse input." in str(refused.value)
