import socket

import pytest

from watchkeeper.errors import SettingsError, SetupError
from watchkeeper.server.binding import bind, is_loopback


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.0.1", "localhost", "LOCALHOST", "[::1]"])
def test_names_of_this_machine_are_loopback(host: str) -> None:
    assert is_loopback(host)


@pytest.mark.parametrize("host", ["::", "192.168.0.7", "example.org", "", "localhost."])
def test_all_other_names_are_not(host: str) -> None:
    assert not is_loopback(host)


def test_a_taken_port_is_told() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(SetupError, match=f"cannot listen on 127.0.0.1:{port}.*another --port"):
            bind("127.0.0.1", port)


def test_a_port_out_of_range_is_told() -> None:
    with pytest.raises(SettingsError, match="from 0 to 65535, got 70000"):
        bind("127.0.0.1", 70_000)
