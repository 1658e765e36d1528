"""Loggers' files: many forms are read, none is guessed at."""

import contextlib
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from biobank.errors import Invalid
from biobank.specimens.temperature_csv import read, seconds_outside

CHICAGO = "America/Chicago"
FIVE_PAST_SIX = datetime(2026, 11, 20, 18, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "celsius"),
    [
        ("Timestamp,Temperature (°C)\n2026-11-20T12:05:00-06:00,4.5\n", "4.5"),
        ("Date,Time,Temp\n2026-11-20,12:05:00,4.5\n", "4.5"),
        ("Date/Time,Celsius\n11/20/2026 12:05,+4.50\n", "4.50"),
        ("Date/Time,Celsius\n11/20/2026 12:05:00 PM,4.5\n", "4.5"),
        ("Datum;Date Time;Temperature\nx;20.11.2026 12:05;4,5\n", "4.5"),
        ("No\tDate Time (UTC)\tTemperature\n1\t2026-11-20 18:05:00\t4.5 °C\n", "4.5"),
        ("Date Time,Temperature (°F)\n2026-11-20 12:05:00,40.1\n", "4.50"),
        ("Report\nSerial: TT-90817\n\n\"Date\",\"Time\",\"Temperature\"\n20-Nov-2026,12:05:00,4.5\n", "4.5"),
    ],
)  # fmt: skip
def test_a_makers_own_form_is_read(text: str, celsius: str) -> None:
    (reading,) = read(text.encode(), CHICAGO).readings
    assert (reading.at, reading.celsius) == (FIVE_PAST_SIX, Decimal(celsius))


@pytest.mark.parametrize("coding", ["utf-8-sig", "utf-16", "cp1252"])
def test_every_coding_of_text_is_read(coding: str) -> None:
    content = "Date Time,Temperature °C\n2026-11-20 12:05,4.5\n".encode(coding)
    assert read(content, CHICAGO).readings[0].celsius == Decimal("4.5")


def test_the_serial_number_is_kept() -> None:
    content = b"Serial number: TT-90817\nTimestamp,Temp\n2026-11-20 12:05,4.5\n"
    assert read(content, CHICAGO).serial == "TT-90817"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "No column"),
        ("a,b\n1,2\n", "No column"),
        ("Timestamp,Temp\n", "no reading"),
        ("Timestamp,Temp\n2026-11-20 12:05,4.5\n2026-11-20 12:10,warm\n", "Line 3"),
        ("Timestamp,Temp\n2026-11-20 12:05,4.5\nyesterday,4.5\n", "Line 3"),
        ("Timestamp,Temp\n2026-11-20 12:05\n", "Line 2"),
        ("Timestamp,Temp\n2026-11-20 12:05,4.5\n2026-11-20 12:00,4.5\n", "earlier"),
        ("Timestamp,Temp\n2026-11-20 12:05,900\n", "no logger measures"),
        ("Timestamp,Temp\n2026-11-20 12:05,nan\n", "Line 2"),
        ("%PDF-1.7\x00", "not a text file"),
    ],
)
def test_what_cannot_be_read_for_certain_is_refused_whole(text: str, words: str) -> None:
    with pytest.raises(Invalid, match=words):
        read(text.encode(), CHICAGO)


@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_refused(content: bytes) -> None:
    with contextlib.suppress(Invalid):
        read(content, CHICAGO)


def test_time_outside_counts_from_each_warm_reading_to_the_next() -> None:
    rows = ["12:00,8.0", "12:10,8.1", "12:25,9", "12:30,5", "12:40,1.9"]
    text = "Timestamp,Temp\n" + "\n".join(f"2026-11-20 {row}" for row in rows)
    assert seconds_outside(read(text.encode(), CHICAGO).readings) == 20 * 60
