"""``docs/moving/sagemaker-sdk-v3.md``: steps ask for what the SDK v3 asks for, tables are true."""

import contextlib
import re
from functools import cache
from pathlib import Path
from typing import Any

import pytest

import cdk_sagemaker_processing as processing
from tests.sdk import recordings
from tests.sdk.comparison import MISSING, Found, compare, our_side, their_side
from tests.sdk.differences import DIFFERENCES, Difference, undeclared
from tests.sdk.our_calls import documented
from tests.sdk.test_page import identifiers, our_arguments
from tests.support import new_stack
from tools import sdk_page

EXAMPLES = sdk_page.examples(sdk_page.V3)
TABLES = sdk_page.tables(sdk_page.V3)
SIGNATURES = recordings.signatures("signatures_v3.json")
# What the SDK raises in 3.27.0, though its arguments are right.
RAISES = {"v3_feature_store": "AttributeError: 'Unassigned' object has no attribute 's3_uri'"}
COMPARED = [name for name in EXAMPLES if name not in RAISES]
# v3's shapes of the API, which were other classes' arguments in v2.
NEW_SHAPES = {"ProcessingFeatureStoreOutput", "ProcessingS3Input", "ProcessingS3Output"}

_NONE = re.escape(MISSING)
DIFFERENCES_OF_V3 = (
    Difference(
        "ProcessingJobName",
        "preprocess-2026-01-02",
        r"preprocess-[0-9a-f]{8}-\{States\.UUID\(\)\}-\{\$\$\.State\.RetryCount\}",
        "of a ProcessingJob the name is the user's, and can be used once",
    ),
    Difference(
        r"ProcessingInputs\[flights\]\.DatasetDefinition\..+",
        _NONE,
        r"(?!\(missing\)).*",
        "SDK 3.27.0 sends no DatasetDefinition, so that the query is lost",
    ),
    Difference(
        r"ProcessingInputs\[flights\]\.S3Input\.(S3CompressionType|S3DataDistributionType)",
        _NONE,
        "None|FullyReplicated",
        "the service's defaults, which a ProcessingJob leaves out",
    ),
    Difference(
        r"ProcessingInputs\[code\]\.S3Input\.S3Uri",
        r"s3://sagemaker-eu-west-1-111122223333/[\w-]+/source/",
        r"s3://cdk-hnb659fds-assets-111122223333-eu-west-1/[0-9a-f]{32}\.d/code/",
        "files lie beside the script under their own names, where the SDK packs an archive",
    ),
    Difference(
        r"Files\.code\.(install_requirements\.py|runproc\.sh)",
        r"(?!\(missing\)).*",
        _NONE,
        "the SDK's own helpers lie among the user's files",
    ),
    Difference(
        r"Files\.entrypoint\.runproc\.sh",
        r"#!/bin/bash\n.*\n    tar -xzf sourcedir\.tar\.gz\n.*install_requirements\.py .*",
        r"#!/bin/bash\n.*-m pip install .*--requirement .*\nexec -- \"\$@\"\n",
        "the same script for all jobs, which is told what to install and what to run",
    ),
)


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """All that an example's two sides differ in, made once."""

    @cache
    def differences(name: str) -> list[Found]:
        theirs = their_side(recordings.read(name))
        return compare(theirs, our_side(made(name, tmp_path_factory.mktemp(name))))

    return differences


def made(name: str, folder: Path) -> processing.ProcessingStep:
    """An example's step, made beside the files that it names."""
    with contextlib.chdir(recordings.FILES):
        return documented(EXAMPLES[name])(new_stack(folder))


def test_its_examples_are_recorded_as_they_stand() -> None:
    """The SDK's code on the page is the code that was recorded."""
    names = [name for name in recordings.V3_NAMES if name.startswith("v3_")]
    recorded = {name: recordings.read(name)["code"] for name in names}

    assert recorded == {name: one.theirs for name, one in EXAMPLES.items()}


@pytest.mark.parametrize("name", COMPARED)
def test_a_step_asks_for_what_the_sdk_asks_for(name: str, found: Any) -> None:
    """The two requests are equal, but for what is declared to differ."""
    assert undeclared(found(name), DIFFERENCES_OF_V3) == []


def test_every_declared_difference_is_needed(found: Any) -> None:
    """Each is found in an example, and none is one of v2's as well."""
    every = [one for name in COMPARED for one in found(name)]

    for known in DIFFERENCES_OF_V3:
        covered = [one for one in every if known.covers(one)]
        assert covered, known
        assert not any(other.covers(one) for one in covered for other in DIFFERENCES), known


@pytest.mark.parametrize("name", RAISES)
def test_what_the_sdk_cannot_send_a_step_can(name: str, tmp_path: Path) -> None:
    """The SDK raises what the page says; the step makes a request."""
    assert recordings.read(name)["error"] == RAISES[name]
    (output,) = made(name, tmp_path).render_request()["ProcessingOutputConfig"]["Outputs"]
    assert output["FeatureStoreOutput"] == {"FeatureGroupName": "flights"}


def test_every_new_argument_has_a_row() -> None:
    """The tables hold what v2's classes of one name have not, or had a default for."""
    v2 = recordings.signatures()
    for name, parts in SIGNATURES.items():
        old = {one: default for part in v2.get(name, {}).values() for one, default in part.items()}
        new = {
            argument
            for part in parts.values()
            for argument, default in part.items()
            if argument not in old or (default is None and old[argument] is not None)
        }
        shown = {identifiers(row.theirs)[0] for row in TABLES[name].rows} if name in TABLES else {}
        assert new - DECLARED.get(name, set()) == set(shown), name


# What other tables tell: the processors' instance_preferences is Processor's, v2's tables have
# image_uri and the queries' members, which v3 no longer lets out.
DECLARED = {
    "ScriptProcessor": {"instance_preferences"},
    "PySparkProcessor": {"instance_preferences"},
    "SparkJarProcessor": {"instance_preferences"},
    "FrameworkProcessor": {"image_uri"},
    "AthenaDatasetDefinition": {
        "catalog",
        "database",
        "output_format",
        "output_s3_uri",
        "query_string",
    },
    "RedshiftDatasetDefinition": {
        "cluster_id",
        "cluster_role_arn",
        "database",
        "db_user",
        "output_format",
        "output_s3_uri",
        "query_string",
    },
}


def test_the_classes_are_v2s_and_the_apis_shapes() -> None:
    """What was recorded of v3 has a table in v2's page or in this one."""
    assert set(SIGNATURES) - set(recordings.signatures()) == NEW_SHAPES
    assert set(TABLES) <= set(SIGNATURES)


@pytest.mark.parametrize("name", TABLES)
def test_rows_name_arguments_of_ours(name: str) -> None:
    """The second cell names arguments that our class takes, the third tells something."""
    ours = {argument for cls in TABLES[name].ours for argument in our_arguments(cls)}

    for row in TABLES[name].rows:
        named = identifiers(row.ours)
        assert row.difference, row
        assert set(named) <= ours, row
        assert named or row.ours.startswith("none: "), row


def test_classes_lie_where_the_page_says() -> None:
    """Each class that the page places can be imported from there."""
    placed = re.findall(r"`(sagemaker\.core[\w.]+)\.([A-Z]\w+)`", sdk_page.V3.read_text())

    assert len(placed) == 9
    for module, name in placed:
        assert module in recordings.modules_of_v3()[name]


def test_what_the_text_says_of_the_sdk_was_recorded() -> None:
    """Each sentence on what v3 does otherwise has its call of the SDK."""
    refused = {
        name: recordings.read(name)["error"]
        for name in ("fact_no_mlops_processing", "fact_no_processing", "fact_package_folder")
    }
    keyed = recordings.read("fact_code_has_the_key_of_outputs")
    packed = recordings.read("fact_folder_of_the_script")["uploads"]
    archive = next(one for uri, one in packed.items() if uri.endswith("/sourcedir.tar.gz"))
    script = next(one for uri, one in packed.items() if uri.endswith("/runproc.sh"))

    assert refused["fact_no_mlops_processing"].startswith("ModuleNotFoundError: No module named")
    assert "Use the `ProcessingJob` resource." in refused["fact_no_processing"]
    assert "flights is not a valid local file" in refused["fact_package_folder"]
    assert [one["kms_key"] for one in keyed["uploads"].values()] == ["alias/data"]
    assert "ProcessingOutputConfig" not in keyed["request"]
    assert set(archive["files"]) == {"helpers.py", "main.py", "requirements.txt"}
    assert "install_requirements.py requirements.txt" in script["text"]
