"""Messages name times by the clock that people live by."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from watchkeeper.watch import moment_text
from watchkeeper.watch.wording import span_text

NEW_YORK = "America/New_York"


def test_a_moment_says_its_zone() -> None:
    assert moment_text(datetime(2013, 4, 1, 4, tzinfo=UTC), NEW_YORK) == "2013-04-01 00:00 EDT"
    assert moment_text(datetime(2013, 12, 1, 4, tzinfo=UTC), NEW_YORK) == "2013-11-30 23:00 EST"
    assert moment_text(datetime(2013, 4, 1, 4, tzinfo=UTC), "UTC") == "2013-04-01 04:00 UTC"


def test_a_span_ends_on_its_last_day_by_the_calendar_of_the_zone() -> None:
    zone = ZoneInfo(NEW_YORK)
    since, until = datetime(2013, 12, 20, tzinfo=zone), datetime(2014, 1, 1, tzinfo=zone)
    assert span_text(since, until, "", timezone=NEW_YORK) == "2013-12-20 to 12-31"
    assert span_text(since, until, "", timezone="UTC") == "2013-12-20 to 2014-01-01"
    assert span_text(since, since + timedelta(days=1), "", timezone=NEW_YORK) == "2013-12-20"
    assert span_text(None, until, "earlier", timezone=NEW_YORK) == "earlier"


@given(
    st.datetimes(datetime(1990, 1, 1), datetime(2040, 1, 1), timezones=st.just(UTC)),
    st.sampled_from(["UTC", NEW_YORK, "Asia/Kathmandu", "Pacific/Apia"]),
)
def test_the_zone_changes_no_moment(moment: datetime, timezone: str) -> None:
    shown = moment_text(moment, timezone)[: len("2013-04-01 00:00")]
    local = datetime.strptime(shown, "%Y-%m-%d %H:%M").replace(tzinfo=ZoneInfo(timezone))
    gap = abs(moment.replace(second=0, microsecond=0).timestamp() - local.timestamp())
    assert gap in (0, 3600)  # an hour that comes twice is named by its zone, not its number
