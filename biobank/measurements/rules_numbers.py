"""Reading a typed number: digits with a point, above zero, below the field's limit, no finer than it is kept."""

import re
from decimal import Decimal
from functools import lru_cache

from biobank.measurements.protocol import Protocol
from biobank.measurements.rules_findings import Finding, Place, limits_of

# Longer than any measure of a person; it bounds the work that a hostile entry can ask for.
_LONGEST = 40
_PLAIN = re.compile(r"-?[0-9]+(?:\.[0-9]+)?")


def read_number(protocol: Protocol, place: Place, given: object) -> Decimal | Finding:
    """Read one replicate's value, or say why it is refused.

    Codes: not-a-number, too-precise, not-positive, above-limit. Zeros after the last kept decimal are no finer
    measure, so `118.0` is read as 118.
    """
    text = _as_text(given)
    if text is None:
        return _refused(protocol, place, "not-a-number")
    if len(text) > _LONGEST:
        is_number = _PLAIN.fullmatch(text[:_LONGEST].removesuffix("."))
        return _refused(protocol, place, "too-precise" if is_number and "." in text[:_LONGEST] else "not-a-number")
    code, value = _judged(text, place.field.decimals, place.field.limit)
    return _refused(protocol, place, code, value) if code or value is None else value


def _as_text(given: object) -> str | None:
    if isinstance(given, bool):
        return None
    if isinstance(given, int):
        return str(given) if abs(given) < 10**_LONGEST else None
    if isinstance(given, Decimal):
        return format(given, "f") if given.is_finite() and abs(given.adjusted()) < _LONGEST else None
    return given if isinstance(given, str) else None


# A study measures the same few thousand values over and over.
@lru_cache(maxsize=8192)
def _judged(text: str, decimals: int, limit: Decimal | None) -> tuple[str, Decimal | None]:
    """Why a text is refused, or nothing, and the value where that matters."""
    if not _PLAIN.fullmatch(text):
        return "not-a-number", None
    whole, _, fraction = text.partition(".")
    if len(fraction.rstrip("0")) > decimals:
        return "too-precise", None
    value = Decimal(f"{whole}.{fraction[:decimals].ljust(decimals, '0')}".rstrip("."))
    if value <= 0:
        return "not-positive", None
    if limit is not None and value >= limit:
        return "above-limit", value
    return "", value


def _refused(protocol: Protocol, place: Place, code: str, value: Decimal | None = None) -> Finding:
    key = f"error.{code}.{place.field.decimals}" if code == "too-precise" else f"error.{code}"
    return Finding(place.ref, code, protocol.text(key, limits_of(protocol, place, value)))
