"""What the simulated bank sends to the simulated provider stands on both statements, once, and leads to one another."""

import json

import pytest
from bai2.bai2 import parse_from_string

from biobank.payments.book_models import StatementForm
from biobank.payments.formats import read
from biobank.payments.simulator.books import Books, Terms
from biobank.payments.simulator.statement import write_statement
from biobank.payments.simulator.topups import TopupRefused, bank_statement, top_up
from biobank.payments.statements import read_csv


@pytest.fixture
def books(tmp_path):
    return Books(tmp_path / "books.sqlite3", Terms(opening_cents=1000))


def _asked(key, amount):
    return json.dumps({"idempotency_key": key, "amount": amount, "funding_source_id": "BALANCE"}).encode()


def test_a_top_up_leaves_the_bank_and_reaches_the_provider_once_under_one_reference(books):
    made = [top_up(books, _asked("K1", 500.0)), top_up(books, _asked("K1", 500.0)), top_up(books, _asked("K2", 12.34))]
    assert made[0] == made[1]
    bank, provider = read(StatementForm.BAI2, bank_statement(books), "1000"), read_csv(write_statement(books))
    assert [line.amount_cents for line in provider.lines] == [50_000, 1234]
    assert [(-line.amount_cents, line.reference) for line in bank.lines] == [
        (line.amount_cents, line.reference) for line in provider.lines
    ]
    assert books.balance_cents() == provider.closing_cents == 52_234


def test_an_independent_reader_takes_the_bank_s_statement(books):
    top_up(books, _asked("K1", 25.0))
    account = parse_from_string(bank_statement(books).decode()).children[0].children[0]
    assert [item.amount for item in account.children] == [2500]


@pytest.mark.parametrize("body", [b"", b"[]", _asked("", 1.0), _asked("K", 0), _asked("K", -5.0), _asked("K", 1e300)])
def test_a_top_up_that_cannot_be_is_refused(books, body):
    with pytest.raises(TopupRefused):
        top_up(books, body)
