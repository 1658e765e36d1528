"""Two hundred moments around eighteenth birthdays, in six zones and around every change of clocks.

What is expected is worked out anew, from the days' own numbers and the law of the zones (15 U.S.C. 260a), not from the
programme's calendar or the zone database.
"""

from datetime import UTC, date, datetime, timedelta

import pytest

from biobank import clock
from biobank.participants.eligibility import ADULT_AT, age_on

# Hours behind UTC in winter, and whether clocks change (Arizona and Hawaii keep theirs).
ZONES = {
    "America/New_York": (5, True),
    "America/Chicago": (6, True),
    "America/Denver": (7, True),
    "America/Phoenix": (7, False),
    "America/Los_Angeles": (8, True),
    "Pacific/Honolulu": (10, False),
}
BIRTHS = [date(2008, 2, 28), date(2008, 2, 29), date(2008, 3, 1), date(2008, 3, 8), date(2008, 3, 9),
          date(2008, 10, 31), date(2008, 11, 1), date(2008, 11, 2), date(2008, 12, 31), date(2009, 1, 1),
          date(2007, 7, 4)]  # fmt: skip


def _nth_sunday(year: int, month: int, number: int) -> int:
    """The ordinal of a month's n-th Sunday; ordinals that seven divides are Sundays."""
    first = date(year, month, 1).toordinal()
    return first + (-first) % 7 + 7 * (number - 1)


def _local_ordinal(moment: datetime, zone: str) -> int:
    behind, changes = ZONES[zone]
    hours = (moment - datetime(1, 1, 1, tzinfo=UTC)).total_seconds() / 3600
    begins = (_nth_sunday(moment.year, 3, 2) - 1) * 24 + 2 + behind
    ends = (_nth_sunday(moment.year, 11, 1) - 1) * 24 + 1 + behind
    is_summer = changes and begins <= hours < ends
    return int((hours - behind + is_summer) // 24) + 1


def _is_adult(born_on: date, ordinal: int) -> bool:
    """Whether so many birthdays have come; who was born on February 29 has theirs on March 1 of a common year."""
    year = born_on.year + ADULT_AT
    leaps = (born_on.month, born_on.day) == (2, 29) and (year % 4 != 0 or (year % 100 == 0 and year % 400 != 0))
    birthday = date(year, 3, 1) if leaps else date(year, born_on.month, born_on.day)
    return ordinal >= birthday.toordinal()


def _moments(born_on: date, zone: str) -> list[datetime]:
    """The last and first second of the days about the birthday there, in UTC, winter's clock."""
    eighteen = date.fromordinal(born_on.toordinal() + ADULT_AT * 365 + 4)
    midnight = datetime(eighteen.year, eighteen.month, eighteen.day, tzinfo=UTC) + timedelta(hours=ZONES[zone][0])
    return [midnight + timedelta(days=days, seconds=seconds) for days in (0, 1) for seconds in (-3601, -1, 0)]


TABLE = [(born_on, zone, moment) for born_on in BIRTHS for zone in ZONES for moment in _moments(born_on, zone)]


def test_the_table_has_two_hundred_rows_and_both_answers() -> None:
    answers = {_is_adult(born_on, _local_ordinal(moment, zone)) for born_on, zone, moment in TABLE}
    assert len(TABLE) >= 200
    assert answers == {True, False}


@pytest.mark.parametrize("zone", ZONES)
def test_who_is_eighteen_where_the_site_is_may_take_part(zone: str) -> None:
    wrong = []
    for born_on, where, moment in TABLE:
        if where == zone:
            with clock.at(moment):
                is_adult = age_on(born_on, clock.today(zone)) >= ADULT_AT
            if is_adult != _is_adult(born_on, _local_ordinal(moment, zone)):
                wrong.append((born_on, moment))
    assert wrong == []
