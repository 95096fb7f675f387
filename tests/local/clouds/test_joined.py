import socket
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from socketserver import TCPServer
from threading import Thread

import pytest

from cdk_sagemaker_processing.local.clouds.api import STATUS_PATH
from cdk_sagemaker_processing.local.clouds.joined import JoinedCloud
from cdk_sagemaker_processing.local.errors import LocalCloudError
from cdk_sagemaker_processing.local.report import silent


class Answers(BaseHTTPRequestHandler):
    """What a local cloud says to who asks whether it is one, and whether it is ready."""

    def do_GET(self) -> None:
        """Answer."""
        self.send_response(200 if self.path in {STATUS_PATH, "/_ministack/ready"} else 404)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def server() -> Iterator[TCPServer]:
    """What answers as a local cloud."""
    with TCPServer(("127.0.0.1", 0), Answers) as found:
        thread = Thread(target=found.serve_forever)
        thread.start()
        yield found
        found.shutdown()
        thread.join()


def join(folder: Path, **variables: str) -> JoinedCloud | None:
    """Join the cloud that these variables point to."""
    return JoinedCloud.of_variables(folder, silent, variables)


def test_where_nothing_points_to_a_cloud_there_is_none(tmp_path: Path) -> None:
    """Then one is started."""
    assert join(tmp_path, AWS_REGION="us-east-1") is None


def test_a_cloud_is_joined_by_its_address(server: TCPServer, tmp_path: Path) -> None:
    """It is not ours to end; where its files are, an address does not tell."""
    url = f"http://127.0.0.1:{server.server_address[1]}"
    cloud = join(tmp_path, AWS_ENDPOINT_URL=url)
    assert cloud
    cloud.check()
    assert (cloud.endpoint_url, cloud.log_file("job")) == (url, None)
    assert cloud.environment["AWS_ENDPOINT_URL"] == url
    server.shutdown()
    server.server_close()
    with pytest.raises(LocalCloudError, match=f"the local cloud at {url} does not answer any more"):
        cloud.check()


@pytest.mark.parametrize(
    "url",
    [
        "https://sagemaker.eu-west-1.amazonaws.com",
        "http://127.0.0.1",
        "http://127.0.0.1:none",
        "https://127.0.0.1:{taken}",
        "http://127.0.0.1:{free}",
    ],
)
def test_what_is_no_local_cloud_is_refused(url: str, server: TCPServer, tmp_path: Path) -> None:
    """AWS itself above all: nothing is deployed there."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        free = probe.getsockname()[1]
        place = url.format(taken=server.server_address[1], free=free)
        with pytest.raises(LocalCloudError) as raised:
            join(tmp_path, AWS_ENDPOINT_URL=place)
    assert str(raised.value).startswith(f"AWS_ENDPOINT_URL is {place}, and no local cloud answers")
