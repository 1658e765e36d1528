from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from biobank.specimens.spinning import SpinState, spin_state, spin_words
from biobank.specimens.timing import TubeTimes
from biobank.specimens.tubes import load

DRAWN = datetime(2026, 11, 20, 13, 42, 30, tzinfo=UTC)
CHICAGO = ZoneInfo("America/Chicago")
SST, PST, EDTA = (load().tube(code) for code in ("1SS08", "PS04A", "1ED10"))


@pytest.mark.parametrize(
    ("seconds", "state"),
    [
        (0, SpinState.CLOTTING), (1_799, SpinState.CLOTTING), (1_800, SpinState.READY), (12_599, SpinState.READY),
        (12_600, SpinState.DUE_SOON), (14_400, SpinState.DUE_SOON), (14_401, SpinState.LATE),
    ],
)  # fmt: skip
def test_serum_clots_then_is_ready_then_due_then_late(seconds: int, state: SpinState) -> None:
    assert spin_state(TubeTimes(SST, DRAWN), now=DRAWN + timedelta(seconds=seconds)) is state


def test_plasma_is_ready_at_once() -> None:
    assert spin_state(TubeTimes(PST, DRAWN), now=DRAWN) is SpinState.READY


@pytest.mark.parametrize(
    ("times", "state"),
    [
        (TubeTimes(EDTA, DRAWN), SpinState.NOT_NEEDED),
        (TubeTimes(SST, None), SpinState.NOT_DRAWN),
        (TubeTimes(SST, DRAWN, DRAWN + timedelta(hours=1)), SpinState.DONE),
    ],
)
def test_a_tube_with_nothing_to_wait_for_has_no_words(times: TubeTimes, state: SpinState) -> None:
    assert spin_state(times, now=DRAWN) is state
    assert spin_words(times, now=DRAWN, zone=CHICAGO) is None


@pytest.mark.parametrize(
    ("seconds", "en", "es"),
    [
        (60, "Let the SST clot until 08:13. Spin it by 11:42.",
         "Tubo SST: deje coagular hasta las 08:13. Centrifugue antes de las 11:42."),
        (3_600, "Spin the SST by 11:42.", "Centrifugue antes de las 11:42: SST."),
        (14_401, "Spin the SST now: it was due by 11:42.", "Centrifugue ya: SST. Era antes de las 11:42."),
    ],
)  # fmt: skip
def test_the_clerk_is_told_the_time_in_the_sites_zone(seconds: int, en: str, es: str) -> None:
    words = spin_words(TubeTimes(SST, DRAWN), now=DRAWN + timedelta(seconds=seconds), zone=CHICAGO)
    assert words is not None
    assert (words.en, words.es) == (en, es)
