from tools.pictures.machine import traces


def test_a_path_of_a_machine_is_found_in_the_text_of_a_drawing() -> None:
    """Though each of its words has a colour of its own."""
    assert traces("<text x='/usr/x'>at&#160;/usr/ab-1/log.txt</text>") == ["/usr/ab-1/log.txt"]


def test_paths_that_every_machine_has_may_stand_there() -> None:
    """Those of a job, of S3, of a home folder that is not named, of a local cloud."""
    told = "/opt/ml/processing/input s3://bucket/tmp/x ~/nightly/jobs http://127.0.0.1:1/home/"

    assert traces(f"<text>{told} /tmp/sagemaker-processing-ab/log.txt</text>") == []
