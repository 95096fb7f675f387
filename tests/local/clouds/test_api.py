"""Where a local cloud answers."""

from pathlib import Path

import pytest

from cdk_sagemaker_processing.local.clouds.api import CloudApi
from cdk_sagemaker_processing.local.processes.ports import choose_port


def test_a_cloud_that_enforces_policies_is_trusted_by_its_certificate(tmp_path: Path) -> None:
    """The AWS CLI, boto3 and Node are each told which."""
    api = CloudApi.of_home(4566, tmp_path, secure=True)
    variables = api.variables(around={})
    certificate = str(tmp_path / "certificate.pem")
    assert variables["AWS_ENDPOINT_URL"] == api.endpoint_url == "https://127.0.0.1:4566"
    assert variables["AWS_CA_BUNDLE"] == variables["NODE_EXTRA_CA_CERTS"] == certificate
    assert "AWS_CA_BUNDLE" not in CloudApi(4566).variables(around={})


def test_the_account_and_the_region_are_the_asked_ones() -> None:
    """A key of twelve digits names the account."""
    variables = CloudApi(4566).variables("111122223333", "eu-west-1", around={})
    assert variables["AWS_ACCESS_KEY_ID"] == "111122223333"
    assert variables["AWS_REGION"] == variables["AWS_DEFAULT_REGION"] == "eu-west-1"


def test_an_exception_from_a_proxy_is_made_once() -> None:
    """A shell that is pointed to it twice does not gather them."""
    once = CloudApi(4566).variables(around={"NO_PROXY": "example.com"})
    assert once["NO_PROXY"] == "example.com,127.0.0.1"
    assert CloudApi(4566).variables(around=once) == once


@pytest.mark.parametrize("secure", [False, True])
def test_where_nobody_listens_it_is_not_ready(tmp_path: Path, *, secure: bool) -> None:
    """Nor before its certificate is there."""
    assert not CloudApi.of_home(choose_port(None), tmp_path, secure=secure).is_ready()
