"""Files for the bank: 94 columns, totals that agree, bytes that never change, returns booked by their trace."""

import os
from datetime import UTC, date, datetime
from uuid import UUID

import pytest
import sqlalchemy as sa
from ach.parser import Parser
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st

from biobank.access import approvals
from biobank.actor import Actor, Role
from biobank.db import Databases, Tx
from biobank.errors import Conflict, Refused
from biobank.payments import ach, ach_changes, ach_returns, actions, book_facts, ledger, means
from biobank.payments.cash_models import Means
from biobank.payments.models import AchBatch, PayeeBank, State, StatementForm
from biobank.payments.providers import nacha
from biobank.payments.providers.nacha import AccountKind, AchRefused, Credit, Originator
from biobank.payments.statement_files import Source
from tests.payments.factories import make_payment, make_site_id, make_staff

OURS = Originator(bank_routing="021000021", bank_name="First Bank", company_id="1234567890",
                  company_name="Étude of Health")  # fmt: skip
MADE, EFFECTIVE = datetime(2026, 11, 20, 12, tzinfo=UTC), date(2026, 11, 24)
# `make chaos` asks for more.
FILES = int(os.environ.get("BIOBANK_TEST_FILES", "100"))
ROUTINGS = ("021000021", "121042882", "011401533")
credits_drawn = st.lists(
    st.builds(
        Credit, reference=st.from_regex(r"[A-Z0-9]{1,15}", fullmatch=True),
        name=st.text(max_size=40).map(lambda text: f"A{text}"),
        routing=st.sampled_from(ROUTINGS), account=st.from_regex(r"[0-9A-Z]{1,17}", fullmatch=True),
        kind=st.sampled_from(AccountKind), cents=st.integers(1, 9_999_999),
    ), min_size=1, max_size=25,
)  # fmt: skip


def _write(paid: list[Credit]) -> bytes:
    return nacha.write(OURS, paid, made_at=MADE, modifier="A", effective_on=EFFECTIVE)[0]


@examples(max_examples=FILES)
@given(credits_drawn)
def test_what_is_written_is_read_back_and_an_independent_parser_agrees(paid: list[Credit]) -> None:
    raw = _write(paid)
    found, other = nacha.read(raw), Parser(raw.decode("ascii")).as_dict()
    assert [(one.credit.cents, one.credit.account) for one in found.entries] == [(c.cents, c.account) for c in paid]
    entries = [one["entry_detail"] for one in other["batches"][0]["entries"]]
    assert [(int(one["amount"]), one["dfi_acnt_num"].strip()) for one in entries] == [
        (c.cents, c.account) for c in paid
    ]
    assert int(other["file_control"]["credit_amount"]) == found.cents == sum(one.cents for one in paid)
    assert {len(line) for line in raw.splitlines()} == {94}


@given(credits_drawn, st.data())
def test_a_changed_digit_anywhere_in_an_amount_or_a_total_refuses_the_file(
    paid: list[Credit], data: st.DataObject
) -> None:
    raw = bytearray(_write(paid))
    record = data.draw(st.integers(2, len(paid) + 3))
    column = data.draw(st.integers(29, 38) if record < len(paid) + 2 else st.integers(4, 19))
    place = record * 95 + column
    raw[place] = ord("0") + (raw[place] - ord("0") + 1) % 10 if chr(raw[place]).isdigit() else ord("7")
    with pytest.raises(AchRefused):
        nacha.read(bytes(raw))


@given(st.binary(max_size=400))
def test_noise_is_refused_and_never_breaks_the_reader(noise: bytes) -> None:
    with pytest.raises(AchRefused):
        nacha.read(noise)


@pytest.mark.parametrize("routing", ["", "12345678", "021000022", "02100002A", "000000000", "١٢٣٤٥٦٧٨٩"])
def test_a_routing_number_is_proven_by_its_last_digit(routing: str) -> None:
    assert not nacha.is_routing(routing)


@pytest.mark.parametrize(("name", "said"), [("Zoë O’Brien", "ZOE O'BRIEN"), ("漢字 Lee", "LEE"), ("a_b", "A B")])
def test_a_name_is_written_in_the_banks_letters(name: str, said: str) -> None:
    assert nacha.plain(name) == said


class Office:
    """Two people of finance, and a site that pays by the bank."""

    def __init__(self, databases: Databases) -> None:
        self.databases = databases
        with databases.transaction() as tx:
            self.site = make_site_id(tx)
            means.choose(tx, self.site, Means.BANK)
            self.one, self.two = (self._person(tx) for _ in range(2))

    def _person(self, tx: Tx) -> Actor:
        staff = make_staff(tx, Role.FINANCE)
        return Actor(kind="staff", name=staff.display_name, id=staff.id, site_id=staff.site_id,
                     roles=frozenset({Role.FINANCE}))  # fmt: skip

    def payment(self, account: str = "123456789") -> UUID:
        with self.databases.transaction() as tx:
            payment = make_payment(tx, self.site)
            ach.note_account(tx, payment.entitlement.payee_id, routing=ROUTINGS[1], account=account,
                             kind=AccountKind.CHECKING)  # fmt: skip
            return payment.id

    def prepare(self) -> UUID:
        with self.databases.transaction(self.one) as tx:
            return ach.prepare(tx, OURS).id

    def answer(self, *, agree: bool = True) -> None:
        with self.databases.transaction(self.two) as tx:
            approvals.decide(tx, approvals.waiting(tx)[0].id, agree, "" if agree else "Wrong day.")

    def state(self, key: UUID) -> State:
        with self.databases.transaction(read_only=True) as tx:
            return actions.disbursement_of(tx, key).state


@pytest.fixture
def office(databases: Databases) -> Office:
    return Office(databases)


def _returned(trace: str, code: str = "99R03", cents: int = 2500) -> bytes:
    """A return file, or with another code one of changes, as the bank would send it for one trace."""
    lines = [
        f"101 121042882 0210000212611221200A094101{'OUR BANK':23}{'FIRST BANK':23}{'':8}",
        f"5200{'STUDY':16}{'':20}1234567890PPDSTUDYPMT  261122261122   102100002{1:07}",
        f"626{ROUTINGS[0]}{'123456789':17}{cents:010}{'F1':15}{'F1':22}  1{trace}",
        f"7{code}{trace}      {'02100002'}{'':44}{trace}",
        f"8200{2:06}{2100002:010}{0:012}{cents:012}1234567890{'':25}02100002{1:07}",
        f"9{1:06}{1:06}{2:08}{2100002:010}{0:012}{cents:012}{'':39}",
    ]  # fmt: skip
    lines += ["9" * 94] * 4
    assert {len(line) for line in lines} == {94}
    return "\n".join(lines).encode()


def _trace(office: Office, key: UUID) -> str:
    with office.databases.transaction(read_only=True) as tx:
        return str(actions.disbursement_of(tx, key).provider_ref)


def test_a_file_is_sent_once_a_second_person_has_released_it(office: Office) -> None:
    keys = [office.payment() for _ in range(3)]
    batch = office.prepare()
    with pytest.raises(Conflict), office.databases.transaction(office.one) as tx:
        ach.bytes_of(tx, batch)
    assert {office.state(key) for key in keys} == {State.SENDING}
    office.answer()
    with office.databases.transaction(read_only=True) as tx:
        first, again = ach.bytes_of(tx, batch), ach.bytes_of(tx, batch)
        assert (first == again, nacha.read(first).cents, ledger.balance(tx, ledger.ACH)) == (True, 7500, -7500)
        assert sum(abs(one.difference) for one in book_facts.quick_equations(tx)) == 0
    assert {office.state(key) for key in keys} == {State.SENT}


def test_a_file_that_was_not_released_sets_its_payments_free_for_another(office: Office) -> None:
    key = office.payment()
    office.prepare()
    office.answer(agree=False)
    assert office.state(key) is State.QUEUED
    office.prepare()
    office.answer()
    assert office.state(key) is State.SENT


def test_a_payment_is_in_one_file_at_a_time(office: Office) -> None:
    office.payment()
    office.prepare()
    with pytest.raises(Conflict):
        office.prepare()


def test_what_the_bank_returns_is_owed_again_and_booked_once(office: Office) -> None:
    key, other = office.payment(), office.payment()
    office.prepare()
    office.answer()
    with office.databases.transaction(office.one) as tx:
        actions.import_statement(tx, _returned(_trace(office, key)), Source(form=StatementForm.ACH_RETURNS))
        assert [ach_returns.take_returns(tx) for _ in range(2)] == [1, 0]
    assert (office.state(key), office.state(other)) == (State.RETURNED, State.SENT)
    with office.databases.transaction(read_only=True) as tx:
        assert (ledger.balance(tx, ledger.PAYABLE), ledger.balance(tx, ledger.ACH)) == (-2500, -2500)
        assert actions.books_difference(tx) == 0


def test_a_return_of_another_amount_is_left_to_a_person(office: Office) -> None:
    key = office.payment()
    office.prepare()
    office.answer()
    with office.databases.transaction(office.one) as tx:
        content = _returned(_trace(office, key), cents=2600)
        actions.import_statement(tx, content, Source(form=StatementForm.ACH_RETURNS))
        assert ach_returns.take_returns(tx) == 0
    assert office.state(key) is State.SENT


def test_a_changed_account_is_asked_for_anew_and_nothing_is_paid_again(office: Office) -> None:
    key = office.payment()
    office.prepare()
    office.answer()
    with office.databases.transaction(office.one) as tx:
        assert ach_changes.take(tx, _returned(_trace(office, key), code="98C01")) == 1
        assert tx.session.scalar(sa.select(PayeeBank.change_code)) == "C01"
    assert office.state(key) is State.SENT


@pytest.mark.parametrize("data", [b"", b"x" * 94, b"\xff", _returned("021000020000001", code="98C77"),
                                  _returned("021000020000001")[:-480]])  # fmt: skip
def test_a_file_of_changes_that_is_not_whole_is_refused(databases: Databases, data: bytes) -> None:
    with pytest.raises(Refused), databases.transaction() as tx:
        ach_changes.take(tx, data)


def test_account_numbers_are_readable_in_no_row(office: Office) -> None:
    office.payment(account="4445556667778")
    office.prepare()
    with office.databases.transaction(read_only=True) as tx:
        tables = AchBatch.metadata.tables.values()
        rows = [str(row) for table in tables for row in tx.session.execute(table.select())]
    assert [row for row in rows if "4445556667778" in row] == []


@pytest.mark.parametrize(("routing", "account"), [("021000022", "123456"), ("021000021", "12"), ("021000021", "12;34")])
def test_an_account_that_cannot_be_right_is_refused(databases: Databases, routing: str, account: str) -> None:
    with databases.transaction() as tx:
        payee = make_payment(tx).entitlement.payee_id
    with pytest.raises(Refused), databases.transaction() as tx:
        ach.note_account(tx, payee, routing=routing, account=account, kind=AccountKind.SAVINGS)
