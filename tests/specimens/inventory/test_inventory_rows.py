"""Rows of the inventory file, read or refused with their reason."""

import pytest

from biobank.errors import Invalid
from biobank.specimens.inventory.rows import COLUMNS, Reader

GOOD = {
    "Sample Id": "A1", "External Participant Id": "B123456789012", "Sent Order Id": "C1", "Test Code": "1ED10",
    "Sample Confirmed Date": "2026/11/20 12:00:00", "Sample Family Create Date": "2026/11/20 11:30:00",
}  # fmt: skip


def line(**values: str) -> str:
    told = GOOD | {name.replace("_", " "): value for name, value in values.items()}
    return "\t".join(told.get(name, "") for name in COLUMNS) + "\r\n"


READER = Reader(COLUMNS)


def test_a_row_is_read_with_its_times_in_utc() -> None:
    found = READER.read(line())
    assert found == ("A1", None, "2026-11-20T18:00:00.000000+00:00", "B123456789012", "C1", "1ED10",
                     "2026-11-20T17:30:00.000000+00:00", "received", None, None, None)  # fmt: skip


def test_summer_is_an_hour_nearer() -> None:
    assert READER.read(line(Sample_Confirmed_Date="2026/07/01 12:00:00"))[2] == "2026-07-01T17:00:00.000000+00:00"


@pytest.mark.parametrize(
    ("status", "stands"),
    [("", "received"), ("Consumed", "consumed"), ("QNS for processing", "quantity_not_sufficient"),
     ("sample_not_received", "sample_not_received"), ("Disposed", "unknown"), ("In Prep", "in_preparation")],
)  # fmt: skip
def test_each_status_is_known_by_its_word(status: str, stands: str) -> None:
    assert READER.read(line(Sample_Disposal_Status=status))[7] == stands


def test_an_arrival_without_a_confirmed_time_is_none() -> None:
    assert READER.read(line(Sample_Confirmed_Date=""))[7] == "in_preparation"


def test_a_disposal_without_a_reason_is_one_all_the_same() -> None:
    assert READER.read(line(Sample_Disposed_Date="2026/11/21 08:00:00"))[7] == "unknown"


@pytest.mark.parametrize(
    ("changes", "why"),
    [({"Sample_Id": ""}, "must be filled in"), ({"Test_Code": ""}, "must be filled in"),
     ({"Sample_Confirmed_Date": "11/20/2026"}, "A time is not"),
     ({"Sample_Confirmed_Date": "2026/03/08 02:30:00"}, "clocks were put forward"),
     ({"Sample_Confirmed_Date": "2026/02/30 02:30:00"}, "A time is not"),
     ({"Sample_Confirmed_Date": "2026/11/20 12:60:00"}, "A time is not"),
     ({"Sample_Disposal_Status": "eaten"}, "is not known"), ({"Sample_Id": "x" * 81}, "too long"),
     ({"Sample_Id": "A\x001"}, "characters that no text has")],
)  # fmt: skip
def test_a_row_that_cannot_be_taken_says_why(changes: dict[str, str], why: str) -> None:
    assert why in str(READER.read(line(**changes)))


def test_a_row_of_another_width_is_refused() -> None:
    assert READER.read("A1\tB\n") == "It has 2 fields; 10 are due."


def test_other_columns_are_kept() -> None:
    reader = Reader([*COLUMNS, "Freezer"])
    assert reader.read(line().rstrip("\r\n") + "\tUltra 1\n")[10] == '{"Freezer": "Ultra 1"}'


@pytest.mark.parametrize(
    ("header", "why"),
    [(["Sample Id,Parent Sample Id"], "not separated by tabs"), (["Sample Id", "Test Code"], "lacks the columns"),
     ([*COLUMNS, "Sample Id"], "stand twice")],
)  # fmt: skip
def test_a_header_that_is_another_refuses_the_file(header: list[str], why: str) -> None:
    with pytest.raises(Invalid, match=why):
        Reader(header)


def test_a_byte_order_mark_is_no_part_of_a_name() -> None:
    assert Reader([f"\ufeff{COLUMNS[0]}", *COLUMNS[1:]]).width == len(COLUMNS)
