"""Statements: what is read, and every reason for which a file is refused whole."""

import csv
import io
from datetime import date

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from biobank.payments.statements import HEADER, StatementRefused, read_csv

TWO_PAYMENTS = [
    ["2026-11-01", "Opening balance", "", "", "100000.00"],
    ["2026-11-02", "Reward order BB-000001-1 USD", "ORDERA", "-25.00", "99975.00"],
    ["2026-11-02", "Reward order BB-000002-1 USD", "ORDERB", "-25.00", "99950.00"],
    ["2026-11-03", "Closing balance", "", "", "99950.00"],
]


def sheet(rows, *, header=HEADER):
    """These rows as a CSV file."""
    written = io.StringIO(newline="")
    csv.writer(written).writerows([header, *rows])
    return written.getvalue().encode()


def changed(row, column, value):
    """TWO_PAYMENTS with one cell changed."""
    rows = [list(cells) for cells in TWO_PAYMENTS]
    rows[row][column] = value
    return sheet(rows)


def dollars(cents):
    return f"{'-' if cents < 0 else ''}{abs(cents) // 100}.{abs(cents) % 100:02}"


def written(opening, lines):
    """A statement that adds up, of (day, text, reference, cents)."""
    total = opening + sum(line[3] for line in lines)
    rows = [[day.isoformat(), text, reference, dollars(cents), ""] for day, text, reference, cents in lines]
    first = ["2026-11-01", "Opening balance", "", "", dollars(opening)]
    return sheet([first, *rows, ["2026-11-30", "Closing balance", "", "", dollars(total)]])


def test_a_statement_is_read_with_its_lines():
    statement = read_csv(sheet(TWO_PAYMENTS))
    assert (statement.opening_cents, statement.closing_cents) == (10_000_000, 9_995_000)
    assert (statement.opened_on, statement.closed_on) == (date(2026, 11, 1), date(2026, 11, 3))
    assert [(line.reference, line.amount_cents) for line in statement.lines] == [("ORDERA", -2500), ("ORDERB", -2500)]


def test_a_byte_order_mark_and_empty_rows_do_no_harm():
    assert read_csv(b"\xef\xbb\xbf" + sheet(TWO_PAYMENTS) + b"\r\n\r\n") == read_csv(sheet(TWO_PAYMENTS))


def test_a_quiet_month_has_no_lines():
    assert read_csv(written(5, [])).lines == ()


def test_two_equal_lines_of_one_file_are_kept_apart():
    same = (date(2026, 11, 2), "Reward", "A", -2500)
    first, second = read_csv(written(0, [same, same])).lines
    assert (first.occurrence, second.occurrence) == (1, 2)
    assert first.line_key != second.line_key


def test_a_line_seen_again_in_another_file_has_the_same_key():
    same, other = (date(2026, 11, 2), "Reward", "A", -2500), (date(2026, 11, 1), "Other", "B", -100)
    assert read_csv(written(0, [other, same])).lines[1].line_key == read_csv(written(7, [same])).lines[0].line_key


def test_the_same_line_of_another_account_has_another_key():
    data = sheet(TWO_PAYMENTS)
    assert read_csv(data).lines[0].line_key != read_csv(data, account="1000").lines[0].line_key


@pytest.mark.parametrize(("written_amount", "cents"), [("25", 2500), ("25.5", 2550), ("+25.05", 2505), ("-0.01", -1)])
def test_an_amount_may_be_written_short(written_amount, cents):
    rows = [TWO_PAYMENTS[0], ["2026-11-02", "x", "", written_amount, ""], TWO_PAYMENTS[3]]
    rows[2] = ["2026-11-03", "Closing balance", "", "", dollars(10_000_000 + cents)]
    assert read_csv(sheet(rows)).lines[0].amount_cents == cents


@pytest.mark.parametrize(
    "amount",
    [
        "",
        " ",
        "25.5.0",
        "1e3",
        "NaN",
        "inf",
        "--25",
        "25-",
        "25.001",
        "1,000.00",
        "(25.00)",
        "$25",
        "0x19",
        "٢٥",
        "9" * 13,
        "25.",
        ".25",
        "25\n",
        "25 00",
    ],
)
def test_an_amount_that_is_no_amount_is_refused_with_its_row(amount):
    with pytest.raises(StatementRefused, match=r"Row \d+ has the amount"):
        read_csv(changed(1, 3, amount))


@pytest.mark.parametrize(
    "day", ["", "11/02/2026", "2026-02-30", "20261102", "2026-W01-1", "2026-11-2", "2026-11-02T00:00"]
)
def test_a_day_that_is_no_day_is_refused_with_its_row(day):
    with pytest.raises(StatementRefused, match="Row 3 has the date"):
        read_csv(changed(1, 0, day))


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "empty"),
        (b" \r\n ", "empty"),
        ("Date,Description\n".encode("utf-16"), "CSV UTF-8"),
        ("é".encode("latin-1"), "not UTF-8"),
        (sheet(TWO_PAYMENTS, header=["Day", *HEADER[1:]]), "first row must read Date,Description"),
        (sheet(TWO_PAYMENTS, header=HEADER[:4]), "first row must read"),
        (sheet([]), "not the opening balance"),
        (sheet(TWO_PAYMENTS[:1]), "not the opening balance"),
        (sheet(TWO_PAYMENTS[1:]), "not the opening balance"),
        (sheet(TWO_PAYMENTS[:3]), "not the closing balance"),
        (sheet([*TWO_PAYMENTS, *TWO_PAYMENTS]), "Row 5 is a second opening or closing"),
        (sheet([TWO_PAYMENTS[0], ["2026-11-02", "x"], TWO_PAYMENTS[3]]), "Row 3 has 2 columns"),
        (sheet(TWO_PAYMENTS)[:-4], "Row 5 has the amount '99950.'"),
        (sheet(TWO_PAYMENTS).replace(b"ORDERA", b'"ORDERA'), "Row"),
        (sheet(TWO_PAYMENTS).replace(b"ORDERA", b"OR\x00DER"), "NUL bytes"),
        (changed(0, 3, "1.00"), "Row 2 is a balance line"),
        (changed(0, 4, ""), "Row 2 has the amount ''"),
        (changed(1, 4, "99974.00"), r"Row 3 shows the balance 99974.00, but the lines come to \$99975.00"),
        (changed(3, 4, "99925.00"), r"\$99950.00, but the closing balance is \$99925.00: -\$25.00"),
        (sheet([TWO_PAYMENTS[0], *TWO_PAYMENTS[2:]]), r"\$99975.00, but the closing balance is \$99950.00: -\$25.00"),
        (sheet([*TWO_PAYMENTS[:2], *TWO_PAYMENTS[1:]]), r"\$99925.00, but the closing balance is \$99950.00: \$25.00"),
    ],
)
def test_a_file_that_cannot_be_trusted_is_refused_whole_with_a_reason(data, reason):
    with pytest.raises(StatementRefused, match=reason):
        read_csv(data)


CENTS = st.integers(-(10**9), 10**9)
# A surrogate cannot be written as UTF-8, and a NUL is no text in CSV.
TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=30)
LINES = st.lists(st.tuples(st.dates(), TEXT, TEXT, CENTS), max_size=20)


@given(CENTS, LINES)
def test_what_is_written_is_read_back(opening, lines):
    assume(not any(line[1].strip().casefold() in {"opening balance", "closing balance"} for line in lines))
    statement = read_csv(written(opening, lines))
    assert [(line.booked_on, line.text, line.reference, line.amount_cents) for line in statement.lines] == lines
    assert len({line.line_key for line in statement.lines}) == len(lines)


@given(CENTS, st.lists(CENTS, min_size=1, max_size=20), st.data())
def test_one_wrong_amount_refuses_the_file(opening, amounts, data):
    lines = [(date(2026, 11, 2), "Reward", "A", cents) for cents in amounts]
    which, wrong = data.draw(st.integers(0, len(amounts) - 1)), data.draw(CENTS)
    assume(wrong != amounts[which])
    rows = written(opening, lines).decode().split("\r\n")
    rows[which + 2] = f"2026-11-02,Reward,A,{dollars(wrong)},"
    with pytest.raises(StatementRefused, match="missing or too much"):
        read_csv("\r\n".join(rows).encode())


@given(st.binary(max_size=200) | st.text(max_size=200).map(lambda text: text.encode("utf-8", "surrogatepass")))
def test_whatever_else_is_sent_is_refused_and_never_breaks(data):
    with pytest.raises(StatementRefused):
        read_csv(data)


@given(st.binary(max_size=80), st.integers(0, 200))
def test_a_file_with_noise_inside_is_read_or_refused(noise, place):
    whole = sheet(TWO_PAYMENTS)
    try:
        statement = read_csv(whole[:place] + noise + whole[place:])
    except StatementRefused:
        return
    assert statement.opening_cents + sum(line.amount_cents for line in statement.lines) == statement.closing_cents
