"""The vault: sealed row by row, joined nowhere else, and nothing personal outside it."""

from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from biobank.columns import Base, VaultBase
from biobank.config import Settings
from biobank.db import Databases, Tx
from biobank.keys.files import FileKeys
from biobank.participants.actions import (
    biobank_code_of,
    donor_of,
    name_of,
    participant_of_donor,
    participant_of_payee,
    payee_of,
    person_of,
    withdraw,
)
from biobank.participants.person import PersonName
from biobank.participants.sealing import BrokenSeal
from biobank.participants.vault_models import VaultPerson
from tests.participants.factories import make_participant
from tests.visits.factories import finish_steps, make_open_visit

CANARY = {
    "first_name": "Zyxwina", "last_name": "Qvorbleck", "email": "canary@qvorbleck.example", "phone": "7735550188",
    "street": "77 Qvorbleck Street",
}  # fmt: skip
TRACES = [b"zyxwina", b"qvorbleck", b"7735550188", b"1980-05-17"]


def dump(session: Session, metadata: sa.MetaData) -> bytes:
    """Every value of every table, as bytes in lower case."""

    def plain(value: Any) -> bytes:
        return value if isinstance(value, bytes) else str(value).encode()

    rows = [row for table in metadata.sorted_tables for row in session.execute(sa.select(table))]
    return b"\n".join(plain(value) for row in rows for value in row).lower()


def test_nothing_personal_stands_in_the_study_database(tx: Tx) -> None:
    visit = make_open_visit(tx, **CANARY)
    finish_steps(tx, visit)
    withdraw(tx, visit.participant_id, "not-said")
    found = dump(tx.session, Base.metadata)
    assert [trace for trace in TRACES if trace in found] == []


def test_nothing_in_the_vault_can_be_read_without_its_key(tx: Tx) -> None:
    make_participant(tx, **CANARY)
    found = dump(tx.vault, VaultBase.metadata)
    assert [trace for trace in TRACES if trace in found] == []


def test_the_vault_answers_with_the_right_key(tx: Tx) -> None:
    participant = make_participant(tx, **CANARY)
    assert name_of(tx, participant.id) == PersonName("Zyxwina", "Qvorbleck")
    assert person_of(tx, participant.id).contact.email == CANARY["email"]


def test_another_master_key_opens_no_name(databases: Databases, tmp_path: Path) -> None:
    with databases.transaction() as tx:
        participant = make_participant(tx)
    databases.provider = FileKeys(Settings(home=tmp_path / "elsewhere"))
    databases.provider.current()
    with databases.transaction(read_only=True) as tx, pytest.raises(BrokenSeal):
        name_of(tx, participant.id)


@pytest.mark.parametrize("column", ["first_name", "last_name", "born_on", "email", "phone", "street"])
def test_a_value_cannot_be_swapped_into_another_persons_row(tx: Tx, column: str) -> None:
    one, other = make_participant(tx), make_participant(tx)
    row = sa.select(VaultPerson).filter_by(participant_id=one.id)
    stolen = getattr(tx.vault.scalars(row).one(), column)
    tx.vault.execute(sa.update(VaultPerson).filter_by(participant_id=other.id).values({column: stolen}))
    tx.vault.expire_all()
    with pytest.raises(BrokenSeal):
        person_of(tx, other.id)


def test_a_persons_codes_lead_to_each_other_only_through_the_vault(tx: Tx) -> None:
    participant = make_participant(tx)
    assert participant_of_donor(tx, donor_of(tx, participant.id)) == participant.id
    assert participant_of_payee(tx, payee_of(tx, participant.id)) == participant.id
    assert biobank_code_of(tx, participant.id)[0] == "B"


def test_keys_of_one_person_do_not_tell_when_they_were_drawn(tx: Tx) -> None:
    participant = make_participant(tx)
    keys = [participant.id, donor_of(tx, participant.id), payee_of(tx, participant.id)]
    assert [key.version for key in keys] == [4, 4, 4]


def test_no_study_column_joins_two_codes_of_a_person(tx: Tx) -> None:
    kinds = [{"participant_id", "clinic_code"}, {"donor_id", "biobank_code"}, {"payee_id", "finance_code"}]
    joined = [
        table.name
        for table in Base.metadata.tables.values()
        if sum(bool(kind & set(table.columns.keys())) for kind in kinds) > 1
    ]
    assert joined == []


def test_a_name_is_not_printed_by_accident(tx: Tx) -> None:
    person = person_of(tx, make_participant(tx, **CANARY).id)
    assert "Qvorbleck" not in repr(person) + repr(person.name) + repr(person.contact)
