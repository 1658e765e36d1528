"""Which protocol speaks: every published frame is recognised as its own, and noise as nobody's."""

import random

import pytest

from biobank.devices.recognising import Recogniser
from tests.devices.frames import ONE_OF_EACH, SCAN, TANITA_OLD, seven_even


def heard(data: bytes) -> list[dict[str, object]]:
    recogniser = Recogniser()
    for start in range(0, len(data), 7):
        recogniser.feed(data[start : start + 7])
    return recogniser.guesses()


@pytest.mark.parametrize("name", sorted(set(ONE_OF_EACH) - {"manual"}))
def test_each_device_is_recognised_by_its_grammar(name: str):
    assert [guess["protocol"] for guess in heard(ONE_OF_EACH[name] * 3)][:1] == [name]


@pytest.mark.parametrize("name", sorted(set(ONE_OF_EACH) - {"manual", "barcode"}))
def test_a_line_that_a_device_would_send_is_never_taken_for_a_scan(name: str):
    assert "barcode" not in [guess["protocol"] for guess in heard(ONE_OF_EACH[name] * 3)]


def test_seven_bits_with_parity_are_recognised_behind_eight():
    [guess] = heard(seven_even(TANITA_OLD * 3))
    assert (guess["protocol"], guess["seven"]) == ("tanita-wb", True)


def test_noise_is_nobody_and_says_so():
    recogniser = Recogniser()
    recogniser.feed(random.Random(3).randbytes(20_000))
    assert (recogniser.guesses(), "no known device" in recogniser.hint) == ([], True)


def test_the_text_of_a_scan_stays_at_the_desk():
    assert SCAN.decode().strip() not in str(heard(SCAN * 3))
