"""Messages by Apprise reach a real receiver; data cannot mention, and no redirect is followed."""

import json
import socketserver
import subprocess
import sys
import threading
from email import message_from_string
from email.policy import default

import pytest

from actions.notices import PNG, notice
from actions.receiver import Receiver
from watchkeeper.actions import AppriseSettings, Channel, Secrets, channel_of
from watchkeeper.errors import DeliveryError, SetupError, UnreachableError


def apprise(url: str, *, picture: bool = True) -> Channel:
    settings = AppriseSettings(url="${URL}", picture=picture)
    return channel_of(settings, Secrets({"URL": url}))


def json_url(receiver: Receiver, path: str) -> str:
    return f"json://127.0.0.1:{receiver.port}/{path}"


def test_title_text_and_picture_arrive(receiver: Receiver) -> None:
    said = apprise(json_url(receiver, "apprise")).send(notice())
    assert "JSON" in said.answer
    [request] = receiver.taken("apprise")
    message = json.loads(request["body"])
    assert message["title"] == "fraud: amount rose by 12 (0.9 sd)"
    assert "https://watch.example.com/incidents/x" in message["message"]
    assert message["type"] == "failure"
    assert message["attachments"][0]["mimetype"] == "image/png"


def test_the_picture_may_be_left_out(receiver: Receiver) -> None:
    apprise(json_url(receiver, "plain"), picture=False).send(notice(event="resolved"))
    [request] = receiver.taken("plain")
    message = json.loads(request["body"])
    assert (message["attachments"], message["type"]) == ([], "success")


def test_values_of_the_data_mention_nobody(receiver: Receiver) -> None:
    text = "<!channel> @everyone <https://evil.example|click>\x1b[31m"
    apprise(json_url(receiver, "mention")).send(notice(text=text, title="@here <b>"))
    [request] = receiver.taken("mention")
    message = json.loads(request["body"])
    for said in (message["message"], message["title"]):
        assert not set("<>\x1b") & set(said)
        assert "@e" not in said
        assert "@h" not in said


@pytest.mark.parametrize("behaviour", ["500", "404", "reset", "away", "hang"])
def test_what_is_not_taken_is_tried_again(receiver: Receiver, behaviour: str) -> None:
    with pytest.raises(UnreachableError, match=r"\w+"):
        apprise(json_url(receiver, behaviour)).send(notice())


def test_a_mail_arrives_with_the_picture_attached() -> None:
    with socketserver.TCPServer(("127.0.0.1", 0), _Mailbox) as server:
        threading.Thread(target=server.handle_request, daemon=True).start()
        port = server.server_address[1]
        to = "to=team@example.com&from=watch@example.com"
        apprise(f"mailto://127.0.0.1:{port}?{to}&mode=insecure").send(notice())
    mail = message_from_string(_Mailbox.received, policy=default)
    assert mail["subject"] == "fraud: amount rose by 12 (0.9 sd)"
    parts = {part.get_content_type(): part for part in mail.walk()}
    assert parts["image/png"].get_filename() == "incident.png"
    assert parts["image/png"].get_content() == PNG
    assert "https://watch.example.com/incidents/x" in mail.as_string().replace("=\n", "")


class _Mailbox(socketserver.StreamRequestHandler):
    """As much of SMTP as takes one mail."""

    received = ""

    def handle(self) -> None:
        self._say("220 here")
        while line := self.rfile.readline().decode().strip():
            word = line[:4].upper()
            if word == "DATA":
                self._say("354 go on")
                lines = iter(lambda: self.rfile.readline().decode().rstrip("\r\n"), ".")
                type(self).received = "\n".join(lines)
            self._say("221 bye" if word == "QUIT" else "250 fine")
            if word == "QUIT":
                return

    def _say(self, text: str) -> None:
        self.wfile.write(f"{text}\r\n".encode())


def test_an_address_that_apprise_cannot_read_is_final() -> None:
    for url in ("nonsense://x", "slack://half", "no url"):
        with pytest.raises(DeliveryError, match="Apprise cannot read the URL"):
            apprise(url).send(notice())


def test_the_address_must_be_in_the_environment() -> None:
    with pytest.raises(SetupError, match="URL is not set"):
        channel_of(AppriseSettings(url="${URL}"), Secrets({}))


def test_apprise_is_loaded_without_a_warning() -> None:
    script = """
from watchkeeper.actions import AppriseSettings, Secrets, channel_of
from watchkeeper.actions.apprise import _library
_library()
"""
    run = [sys.executable, "-W", "error", "-c", script]
    assert subprocess.run(run, capture_output=True, text=True).stderr == ""
