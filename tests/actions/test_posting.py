"""A POST is bounded whatever the receiver does, and says whether to try again."""

import json
import socket
import time
from datetime import UTC, datetime

import pytest

from actions.receiver import Receiver
from watchkeeper.actions.posting import post
from watchkeeper.errors import BusyError, DeliveryError, TryAgainError, UnreachableError


def test_what_is_taken_is_said(receiver: Receiver) -> None:
    sent = post(receiver.url("ok"), b"hello", {"x-a": "b"})
    assert sent.answer == 'HTTP 202: {"status":"success"}'
    [request] = receiver.taken("ok")
    assert (request["body"], request["headers"]["x-a"]) == ("hello", "b")


@pytest.mark.parametrize("status", [400, 410, 413, 422])
def test_what_is_refused_for_good_is_not_tried_again(receiver: Receiver, status: int) -> None:
    with pytest.raises(DeliveryError, match=f"HTTP {status}: no: {status}"):
        post(receiver.url(str(status)), b"", {})


@pytest.mark.parametrize("status", [401, 404, 408, 429, 500, 502, 503])
def test_what_may_pass_is_tried_again(receiver: Receiver, status: int) -> None:
    with pytest.raises(BusyError, match=f"HTTP {status}") as caught:
        post(receiver.url(str(status)), b"", {})
    assert caught.value.retry_after_seconds is None


def test_retry_after_is_read_as_seconds_and_as_a_date(receiver: Receiver) -> None:
    with pytest.raises(BusyError) as caught:
        post(receiver.url("wait"), b"", {})
    assert caught.value.retry_after_seconds == 7
    with pytest.raises(BusyError) as caught:
        post(receiver.url("later"), b"", {})
    wanted = (datetime(2100, 1, 1, tzinfo=UTC) - datetime.now(UTC)).total_seconds()
    assert caught.value.retry_after_seconds == pytest.approx(wanted, abs=60)


def test_a_redirect_is_not_followed(receiver: Receiver) -> None:
    before = len(receiver.taken("ok"))
    with pytest.raises(DeliveryError, match="Redirects are not followed"):
        post(receiver.url("away"), b"", {})
    assert len(receiver.taken("ok")) == before


@pytest.mark.parametrize("behaviour", ["hang", "drip"])
def test_no_receiver_holds_a_sender_for_long(receiver: Receiver, behaviour: str) -> None:
    begun = time.monotonic()
    with pytest.raises(UnreachableError, match="no answer within 1 seconds"):
        post(receiver.url(behaviour), b"", {}, deadline_seconds=1.0)
    assert time.monotonic() - begun < 4


@pytest.mark.parametrize(
    ("behaviour", "said"), [("garbage", "the answer is no HTTP"), ("reset", "no HTTP")]
)
def test_an_answer_that_is_none_is_tried_again(
    receiver: Receiver, behaviour: str, said: str
) -> None:
    with pytest.raises(UnreachableError, match=said):
        post(receiver.url(behaviour), b"", {})


@pytest.mark.parametrize("behaviour", ["big", "bomb"])
def test_an_answer_is_read_only_as_far_as_it_is_shown(receiver: Receiver, behaviour: str) -> None:
    assert len(post(receiver.url(behaviour), b"", {}).answer) < 300


def test_a_port_where_nobody_listens_and_a_name_that_nobody_has_are_told() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
        with pytest.raises(TryAgainError, match="no connection"):
            post(f"http://127.0.0.1:{port}/", b"", {})
    with pytest.raises(TryAgainError, match="no connection"):
        post("http://nobody.invalid/", b"", {})


@pytest.mark.parametrize("url", ["file:///etc/passwd", "gopher://x/", "not a url", "http://"])
def test_only_web_addresses_are_posted_to(url: str) -> None:
    with pytest.raises((DeliveryError, UnreachableError)):
        post(url, b"", {})


def test_a_log_line_cannot_be_forged_by_an_answer(receiver: Receiver) -> None:
    with pytest.raises(BusyError) as caught:
        post(receiver.url("echo"), b"", {"x-secret": "a\tb\x1b[31m"})
    assert json.dumps(str(caught.value)).count("\\") == 0
