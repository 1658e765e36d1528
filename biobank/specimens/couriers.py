"""Tracking numbers: one form for what couriers' labels hold, so that a scan and a typed entry compare equal."""

import re
from collections.abc import Callable
from dataclasses import dataclass

from biobank.errors import Invalid


@dataclass(frozen=True, slots=True)
class Tracking:
    """A tracking number in the form that is compared. `is_checked` tells that its own check digit holds."""

    number: str
    carrier: str | None
    is_checked: bool = False


def read(raw: str) -> Tracking:
    """The tracking number in a scan or a typed entry. Raises Invalid for what cannot be one.

    FedEx's 34 digits are cut to the last 12, the destination before a USPS number is dropped, a UPS number's check
    digit is tried; a number of a courier not known here is kept as it is.
    """
    text = _NOISE.sub("", _AIM_ID.sub("", raw.strip(), count=1)).upper()
    if not _PLAUSIBLE.fullmatch(text):
        raise Invalid("This is not a tracking number: it has 8 to 40 letters and digits. Scan the courier's bar code.",
                      code="bad-tracking")  # fmt: skip
    for pattern, found in _KNOWN:
        match = pattern.fullmatch(text)
        if match:
            return found(match)
    return Tracking(text, None)


def _ups(match: re.Match[str]) -> Tracking:
    text = match[0]
    # Letters count as (code - 63) mod 10; every second place counts double (UPS's own 1Z check digit).
    values = [int(sign) if sign.isdigit() else (ord(sign) - 63) % 10 for sign in text[2:-1]]
    expected = -(sum(values[::2]) + 2 * sum(values[1::2])) % 10
    if expected != int(text[-1]):
        raise Invalid("The check digit of this UPS number does not fit. Scan it again.", code="bad-tracking")
    return Tracking(text, "UPS", is_checked=True)


_NOISE = re.compile(r"[\s()\x1d-]")
_AIM_ID = re.compile(r"\A\][A-Za-z][0-9]")
_PLAUSIBLE = re.compile(r"[A-Z0-9]{8,40}")
_KNOWN: tuple[tuple[re.Pattern[str], Callable[[re.Match[str]], Tracking]], ...] = (
    (re.compile(r"1Z[A-Z0-9]{15}[0-9]"), _ups),
    (re.compile(r"96[0-9]{20}([0-9]{12})"), lambda match: Tracking(match[1], "FedEx")),
    (re.compile(r"420(?:[0-9]{5}|[0-9]{9})(9[1-5][0-9]{18,20})"), lambda match: Tracking(match[1], "USPS")),
    (re.compile(r"(9[1-5][0-9]{18,20})"), lambda match: Tracking(match[1], "USPS")),
    (re.compile(r"(JJD[A-Z0-9]{8,30})"), lambda match: Tracking(match[1], "DHL")),
    (re.compile(r"([0-9]{12})"), lambda match: Tracking(match[1], "FedEx")),
    (re.compile(r"([0-9]{10})"), lambda match: Tracking(match[1], "DHL")),
)
