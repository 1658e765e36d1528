"""The only source of now: UTC, aware; a test sets it with `at`."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo


def _system() -> datetime:
    return datetime.now(UTC)


_source: Callable[[], datetime] = _system


def now() -> datetime:
    """The present instant, aware, in UTC."""
    return _source()


def today(zone: str) -> date:
    """The calendar date at a site whose IANA zone is given."""
    return now().astimezone(ZoneInfo(zone)).date()


@contextmanager
def at(instant: datetime | Callable[[], datetime]) -> Iterator[None]:
    """Make `now` answer this instant, or what this function answers, for as long as the block runs."""
    global _source  # noqa: PLW0603 - one clock for the process is the point
    before = _source
    _source = instant if callable(instant) else lambda: instant
    try:
        yield
    finally:
        _source = before
