"""Tracking numbers: what couriers print, what people type, one form for both."""

import pytest

from biobank.errors import Invalid
from biobank.specimens import couriers


@pytest.mark.parametrize(
    ("raw", "number", "carrier"),
    [
        ("1Z999AA10123456784", "1Z999AA10123456784", "UPS"),
        (" 1z 999 aa1 01 2345 6784\r", "1Z999AA10123456784", "UPS"),
        ("9612345678901234567890794612345678", "794612345678", "FedEx"),
        ("794612345678", "794612345678", "FedEx"),
        ("420604619400111202555842332669", "9400111202555842332669", "USPS"),
        ("(420)60461(94)00111202555842332669", "9400111202555842332669", "USPS"),
        ("9400111202555842332669", "9400111202555842332669", "USPS"),
        ("]C1JJD000390007851234567", "JJD000390007851234567", "DHL"),
        ("1234567890", "1234567890", "DHL"),
        ("COURIER12345", "COURIER12345", None),
    ],
)
def test_a_number_is_compared_in_one_form(raw: str, number: str, carrier: str | None) -> None:
    found = couriers.read(raw)
    assert (found.number, found.carrier) == (number, carrier)


@pytest.mark.parametrize("raw", ["", "1234", "no number!", "x" * 41])
def test_what_cannot_be_a_number_is_refused(raw: str) -> None:
    with pytest.raises(Invalid, match="not a tracking number"):
        couriers.read(raw)


@pytest.mark.parametrize("place", [2, 3, 4, *range(7, 18)])
def test_a_digit_off_by_one_in_a_ups_number_is_caught(place: int) -> None:
    text = "1Z999AA10123456784"
    wrong = str((int(text[place]) + 1) % 10)
    with pytest.raises(Invalid, match="check digit"):
        couriers.read(text[:place] + wrong + text[place + 1 :])
