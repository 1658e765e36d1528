"""Statements in every form: the published examples are read to the cent, and whatever is wrong is refused whole."""

import json
from datetime import date
from pathlib import Path

import pytest
from bai2.bai2 import parse_from_string
from hypothesis import given
from hypothesis import strategies as st

from biobank.payments.book_models import StatementForm
from biobank.payments.formats import csvmap, read, recognise
from biobank.payments.statements import StatementRefused

SAMPLES = Path(__file__).parent / "samples"
FILES = {
    StatementForm.BAI2: "statement.bai",
    StatementForm.CAMT053: "camt053_08.xml",
    StatementForm.OFX: "statement_102.ofx",
    StatementForm.TREMENDOUS: "balance_transactions.json",
    StatementForm.ACH_RETURNS: "returns.ach",
}


def sample(name: str) -> bytes:
    return (SAMPLES / name).read_bytes()


@pytest.mark.parametrize(("form", "name"), FILES.items())
def test_each_form_is_recognised_by_its_beginning(form, name):
    assert recognise(sample(name)) is form
    assert recognise(b"Date,Description,Reference,Amount,Balance") is StatementForm.CSV


@pytest.mark.parametrize(("form", "name"), FILES.items())
@given(data=st.data())
def test_a_file_cut_anywhere_is_refused_and_never_breaks_the_reader(form, name, data):
    # An ACH file ends with lines of nines, which say nothing.
    whole = sample(name).rstrip(b"9\n")
    with pytest.raises(StatementRefused):
        read(form, whole[: data.draw(st.integers(0, len(whole) - 2))], "1000")


@pytest.mark.parametrize("form", FILES)
@given(st.binary(max_size=300))
def test_noise_is_refused(form, noise):
    with pytest.raises(StatementRefused):
        read(form, noise, "1000")


@pytest.mark.parametrize(("form", "name"), FILES.items())
@given(data=st.data())
def test_a_file_with_one_byte_changed_still_adds_up_or_is_refused(form, name, data):
    whole = bytearray(sample(name))
    place = data.draw(st.integers(0, len(whole) - 1))
    whole[place] = data.draw(st.integers(0, 255))
    try:
        found = read(form, bytes(whole), "1000")
    except StatementRefused:
        return
    assert found.opening_cents + sum(line.amount_cents for line in found.lines) == found.closing_cents
    assert len({line.line_key for line in found.lines}) == len(found.lines)


def test_bai2_is_read_with_text_over_several_records():
    statement = read(StatementForm.BAI2, sample("statement.bai"), "1000")
    assert (statement.opening_cents, statement.closing_cents) == (4_000_000, 3_992_650)
    assert statement.bank_account == "0123456"
    assert [(line.amount_cents, line.reference) for line in statement.lines] == [
        (-2500, "B1 C1"), (-2500, "B2"), (-2500, "B3"), (150, "INT"),
    ]  # fmt: skip
    assert statement.lines[0].text == "Reward BB-0000000000000001-1 of the study, and more"


def test_bai2_agrees_with_an_independent_reader():
    found = parse_from_string(sample("statement.bai").decode())
    account = found.children[0].children[0]
    amounts = [item.amount * (1 if item.type_code.transaction.value == "credit" else -1) for item in account.children]
    ours = read(StatementForm.BAI2, sample("statement.bai"), "1000")
    assert amounts == [line.amount_cents for line in ours.lines]


@pytest.mark.parametrize(
    ("old", "new", "refusal"),
    [
        (b"16,475,2500,,B1", b"16,475,2600,,B1", "control total"),
        (b"49,8000300,", b"49,8000301,", "control total"),
        (b"98,8000300,1,", b"98,8000300,2,", "count of records"),
        (b"16,475,2500,,B2,/\n", b"", "control total"),
        (b",USD,", b",EUR,", "not USD"),
        (b"015,3992650", b"016,3992650", "no closing ledger balance"),
        (b"16,475,", b"16,4x5,", "type code"),
        (b"1,261120,2359", b"1,261320,2359", "YYMMDD"),
    ],
)
def test_bai2_that_does_not_add_up_is_refused(old, new, refusal):
    damaged = sample("statement.bai").replace(old, new, 1)
    assert damaged != sample("statement.bai")
    with pytest.raises(StatementRefused, match=refusal):
        read(StatementForm.BAI2, damaged, "1000")


@pytest.mark.parametrize("version", ["02", "04", "06", "08", "10", "13"])
def test_camt053_is_read_in_every_version(version):
    data = sample("camt053_08.xml").replace(b"camt.053.001.08", f"camt.053.001.{version}".encode())
    if version == "02":
        data = data.replace(b"<Cd>BOOK</Cd>", b"BOOK").replace(b"<Cd>PDNG</Cd>", b"PDNG")
    statement = read(StatementForm.CAMT053, data, "1000")
    assert [line.amount_cents for line in statement.lines] == [-2500, -2500, 2500]
    assert (statement.opening_cents, statement.closing_cents) == (500_000, 497_500)
    assert statement.lines[2].return_code == "AC04"


def test_camt053_batch_is_read_payment_by_payment_with_its_references():
    lines = read(StatementForm.CAMT053, sample("camt053_08.xml"), "1000").lines
    assert ["BB-0000000000000001-1" in lines[0].text, "BB-0000000000000002-1" in lines[1].text] == [True, True]
    assert lines[0].booked_on == date(2026, 11, 20)


ENTITIES = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]><Document>&b;</Document>'


@pytest.mark.parametrize(
    ("data", "refusal"),
    [
        (ENTITIES, "no camt.053"),
        (b"<Document xmlns='urn:iso:std:iso:20022:tech:xsd:camt.054.001.08'/>", "no camt.053"),
        (None, "count"),
    ],
)
def test_camt053_that_is_dangerous_foreign_or_short_is_refused(data, refusal):
    data = data or sample("camt053_08.xml").replace(b"<NbOfNtries>3", b"<NbOfNtries>4")
    with pytest.raises(StatementRefused, match=refusal):
        read(StatementForm.CAMT053, data, "1000")


@pytest.mark.parametrize(
    ("old", "new", "refusal"),
    [
        (b'Ccy="USD">25.00', b'Ccy="EUR">25.00', "US dollars"),
        (b">4975.00<", b">4975.01<", "is missing or too much"),
        (b"CLBD", b"ITBD", "no booked balance"),
        (b"<Dt>2026-11-20</Dt>", b"<Dt>2026-11-31</Dt>", "cannot be read"),
    ],
)
def test_camt053_that_does_not_add_up_is_refused(old, new, refusal):
    damaged = sample("camt053_08.xml").replace(old, new)
    assert damaged != sample("camt053_08.xml")
    with pytest.raises(StatementRefused, match=refusal):
        read(StatementForm.CAMT053, damaged, "1000")


@pytest.mark.parametrize("name", ["statement_102.ofx", "statement_211.ofx"])
def test_ofx_is_read_as_sgml_and_as_xml(name):
    statement = read(StatementForm.OFX, sample(name), "1000")
    assert [(line.amount_cents, line.reference) for line in statement.lines] == [(-2500, "F1"), (100_000, "F2")]
    assert (statement.opening_cents, statement.closing_cents) == (402_500, 500_000)
    assert "R&D BB-0000000000000001-1" in statement.lines[0].text


@pytest.mark.parametrize(
    ("old", "new", "refusal"),
    [
        (b"<CURDEF>USD", b"<CURDEF>EUR", "US dollars"),
        (b"<FITID>F1", b"", "no FITID"),
        (b"<TRNAMT>-25.00", b"<TRNAMT>-25.001", "not dollars and cents"),
        (b"</STMTTRN>", b"", "cut off|no OFX"),
        (b"20261118", b"20261199", "cannot be read"),
    ],
)
def test_ofx_that_is_wrong_is_refused(old, new, refusal):
    damaged = sample("statement_102.ofx").replace(old, new)
    assert damaged != sample("statement_102.ofx")
    with pytest.raises(StatementRefused, match=refusal):
        read(StatementForm.OFX, damaged, "1000")


def test_tremendous_is_read_newest_first_and_with_a_late_balance_in_the_middle():
    statement = read(StatementForm.TREMENDOUS, sample("balance_transactions.json"), "1100")
    assert [line.amount_cents for line in statement.lines] == [100_000, -2500, 2500]
    assert (statement.opening_cents, statement.closing_cents) == (1_000_000, 1_100_000)
    assert statement.lines[1].reference == "ORDERA"


def _changed(**changes):
    rows = json.loads(sample("balance_transactions.json"))["transactions"]
    rows[0] |= changes
    return json.dumps({"transactions": rows}).encode()


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        ({"balance": None}, "not worked out"),
        ({"amount": 24.0}, "shows the balance|missing or too much"),
        ({"amount": 25.001}, "not dollars and cents"),
        ({"amount": "NaN"}, "not dollars and cents"),
        ({"created_at": "yesterday"}, "no list"),
        ({"created_at": "2026-11-01T00:00:00Z"}, "order of their time"),
    ],
)
def test_tremendous_that_is_wrong_is_refused(changes, refusal):
    with pytest.raises(StatementRefused, match=refusal):
        read(StatementForm.TREMENDOUS, _changed(**changes), "1100")


def test_ach_returns_are_read_and_changes_of_address_are_passed_over():
    statement = read(StatementForm.ACH_RETURNS, sample("returns.ach"), "1160")
    assert [(line.amount_cents, line.return_code, line.reference) for line in statement.lines] == [
        (2500, "R03", "091000010000001")
    ]


def test_ach_returns_whose_control_record_disagrees_are_refused():
    with pytest.raises(StatementRefused, match="control record"):
        read(StatementForm.ACH_RETURNS, sample("returns.ach").replace(b"0000002500", b"0000002400", 1), "1160")


LAYOUT = csvmap.Layout(day="Date", day_form="MM/DD/YYYY", text=("Text", "Memo"), amount="Amount", reference="Ref")
CSV = b"Date;Text;Memo;Amount;Ref\n11/20/2026;Gift;BB-1-1;(25.00);x\n11/20/2026;Gift;BB-1-1;(25.00);x\n"


def test_a_mapped_csv_needs_balances_from_somewhere_and_keeps_equal_lines_apart():
    layout = csvmap.Layout.from_json(LAYOUT.as_json() | {"delimiter": ";"})
    with pytest.raises(StatementRefused, match="no balance column"):
        csvmap.read(CSV, "1000", layout)
    statement = csvmap.read(CSV, "1000", layout, csvmap.Balances(10_000, 5_000))
    assert len({line.line_key for line in statement.lines}) == 2
    with pytest.raises(StatementRefused, match="missing or too much"):
        csvmap.read(CSV, "1000", layout, csvmap.Balances(10_000, 5_001))


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        ({"day": "Posted"}, "no column 'Posted'"),
        ({"day_form": "DD/MM/YYYY"}, "not written as DD/MM/YYYY"),
        ({"amount": "", "paid_out": "Amount", "paid_in": "Amount"}, "both out and in"),
    ],
)
def test_a_layout_that_does_not_fit_the_file_says_where(changes, refusal):
    layout = csvmap.Layout.from_json(LAYOUT.as_json() | {"delimiter": ";"} | changes)
    with pytest.raises(StatementRefused, match=refusal):
        csvmap.read(CSV, "1000", layout, csvmap.Balances(10_000, 5_000))
