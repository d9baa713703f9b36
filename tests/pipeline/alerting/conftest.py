from collections.abc import Iterator
from pathlib import Path

import pytest

from actions.receiver import Receiver, receiving


@pytest.fixture
def receiver(tmp_path: Path) -> Iterator[Receiver]:
    with receiving(tmp_path / "receiver") as found:
        found.behave("ok")
        yield found
