import socket
from pathlib import Path

from cdk_sagemaker_processing.history_server.mirror.sockets import count_connections
from tests.waiting import until

_HEAD = (
    "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout "
    "inode\n"
)
_TAIL = (
    "00000000:00000000 00:00000000 00000000   185        0 14725 1 0000000000000000 100 0 0 10 0"
)
# 46A0 is 18080.
_TCP = f"""{_HEAD}\
   0: 0100007F:46A0 00000000:0000 0A {_TAIL}
   1: 0100007F:46A0 0100007F:D1F2 01 {_TAIL}
   2: 0100007F:46A0 0100007F:D1F3 06 {_TAIL}
   3: 0100007F:46A0 0100007F:D1F4 08 {_TAIL}
   4: 0100007F:D1F2 0100007F:46A0 01 {_TAIL}
   5: 0100007F:46A1 0100007F:D1F5 01 {_TAIL}
"""
_TCP6 = f"""{_HEAD}\
   0: 00000000000000000000000000000000:46A0 00000000000000000000000000000000:0000 0A {_TAIL}
   1: 0000000000000000FFFF00000A00000A:46A0 0000000000000000FFFF00000B00000A:C001 01 {_TAIL}
   2: 0000000000000000FFFF00000A00000A:46A0 0000000000000000FFFF00000B00000A:C002 01 {_TAIL}
"""


def test_established_connections_to_the_port_count(tmp_path: Path) -> None:
    """In both tables; listening, closing and a client's own end do not."""
    (tmp_path / "tcp").write_text(_TCP)
    (tmp_path / "tcp6").write_text(_TCP6)
    assert count_connections(18080, [tmp_path / "tcp"]) == 1
    assert count_connections(18080, [tmp_path / "tcp", tmp_path / "tcp6"]) == 3
    assert count_connections(18081, [tmp_path / "tcp", tmp_path / "tcp6"]) == 1


def test_without_ipv6_there_is_one_table(tmp_path: Path) -> None:
    """The kernel may have it off."""
    (tmp_path / "tcp").write_text(_TCP)
    assert count_connections(18080, [tmp_path / "tcp", tmp_path / "tcp6"]) == 1


def test_a_real_connection_counts_while_it_lasts() -> None:
    """From 0 to 1 and back."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        assert count_connections(port) == 0
        with socket.create_connection(("127.0.0.1", port)):
            assert until(lambda: count_connections(port) == 1, 10)
        assert until(lambda: count_connections(port) == 0, 10)
